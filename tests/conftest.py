import os

import pyrage
import pytest
from servers import guard

from yamlvault import Keyring

pytest_plugins = ["servers.aws", "servers.gcp_kms.fixtures"]


@pytest.fixture(scope="session")
def identity():
    return str(pyrage.x25519.Identity.generate())


@pytest.fixture(scope="session")
def recipient(identity):
    return f"age:{pyrage.x25519.Identity.from_str(identity).to_public()}"


@pytest.fixture(scope="session")
def keyring(identity):
    return Keyring([identity])


@pytest.fixture(autouse=True)
def _no_identity_of_the_machines_user(monkeypatch, tmp_path_factory):
    """Let no test open anything with what happens to be at the default places."""
    for name in list(os.environ):
        if name.startswith("YAMLVAULT_"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / "no-home"  # nothing makes it
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))


@pytest.fixture(autouse=True)
def _no_cloud(monkeypatch):
    """Let no test reach a real cloud, whatever the machine's user has rights for."""
    guard.close(monkeypatch)
