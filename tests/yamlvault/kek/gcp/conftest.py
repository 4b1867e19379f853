import itertools

import pytest
from servers.gcp_kms.fixtures import (  # noqa: F401  fixtures
    _no_real_cloud,
    gcp_kms,
    gcp_kms_process,
)

from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.kek import kek_of

DATA_KEY = bytes(range(100, 132))
_NAMES = itertools.count(1)


class Place:
    """A key of the emulator and what this process may do with it."""

    def __init__(self, server, uri, principal, tmp_path):
        self.server = server
        self.uri = uri
        self.principal = principal
        self.folder = tmp_path
        self.told = []

    def keyring(self, **arguments):
        return Keyring(tell=self.told.append, **arguments)

    def kek(self, keyring=None):
        return kek_of(self.uri, keyring or self.keyring())

    def wrap(self, context=None, keyring=None, seconds=30):
        return self.kek(keyring).wrap(DATA_KEY, context or {}, Deadline(seconds))

    def unwrap(self, stanza, keyring=None, seconds=30):
        return self.kek(keyring).unwrap(stanza, Deadline(seconds))


@pytest.fixture(params=["light", "sdk"])
def client(request, monkeypatch):
    """Choose one of the two clients."""
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", request.param)
    return request.param


@pytest.fixture
def place(gcp_kms, client, monkeypatch, tmp_path):  # noqa: F811
    """Return a new key, with a service account that may use it, for each client."""
    principal = f"account-{next(_NAMES)}@p.iam.gserviceaccount.com"
    uri = gcp_kms.create_key()
    gcp_kms.grant(principal, uri=uri)
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", gcp_kms.endpoint)
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", gcp_kms.credentials_file(principal, tmp_path)
    )
    return Place(gcp_kms, uri, principal, tmp_path)
