import pytest

from yamlvault import Keyring


class Told(list):
    """The lines that a keyring told, and the keyring."""

    def keyring(self, **settings):
        return Keyring([], tell=self.append, **settings)


@pytest.fixture(params=["light", "sdk"])
def client(request, monkeypatch):
    """Let a test run with each of the two clients."""
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", request.param)
    return request.param


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def keyring(told):
    return told.keyring()
