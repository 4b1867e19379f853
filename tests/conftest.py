import pyrage
import pytest

from yamlvault import Keyring


@pytest.fixture(scope="session")
def identity():
    return str(pyrage.x25519.Identity.generate())


@pytest.fixture(scope="session")
def recipient(identity):
    return f"age:{pyrage.x25519.Identity.from_str(identity).to_public()}"


@pytest.fixture(scope="session")
def keyring(identity):
    return Keyring([identity])
