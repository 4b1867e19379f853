import itertools

import pytest

from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.kek import kek_of

DATA_KEY = bytes(range(100, 132))
_NAMES = itertools.count(1)


class Place:
    """A key of the emulator, and a service account that may use it."""

    def __init__(self, server, uri, principal, folder):
        self.server = server
        self.uri = uri
        self.principal = principal
        self.folder = folder
        self.told = []

    def keyring(self, **arguments):
        return Keyring(tell=self.told.append, **arguments)

    def wrap(self, context=None, keyring=None, seconds=30):
        kek = kek_of(self.uri, keyring or self.keyring())
        return kek.wrap(DATA_KEY, context or {}, Deadline(seconds))

    def unwrap(self, stanza, keyring=None, seconds=30):
        kek = kek_of(self.uri, keyring or self.keyring())
        return kek.unwrap(stanza, Deadline(seconds))

    def asked(self):
        """Return which operations the service was asked for."""
        return [one["operation"] for one in self.server.requests("Encrypt", "Decrypt")]


@pytest.fixture(params=["light", "sdk"])
def client(request, monkeypatch):
    """Choose one of the two clients."""
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", request.param)
    return request.param


@pytest.fixture
def new_place(request, monkeypatch, tmp_path):
    """Return what makes a place, for one client or for the one that is chosen by itself."""

    def new():
        server = request.getfixturevalue("gcp_kms")
        principal = f"account-{next(_NAMES)}@p.iam.gserviceaccount.com"
        uri = server.create_key()
        server.grant(principal, uri=uri)
        file = server.credentials_file(principal, tmp_path)
        monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", server.endpoint)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
        return Place(server, uri, principal, tmp_path)

    return new


@pytest.fixture
def place(client, new_place):
    """Return a place for each of the two clients."""
    return new_place()


@pytest.fixture
def light_place(monkeypatch, new_place):
    """Return a place for the light client."""
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", "light")
    return new_place()
