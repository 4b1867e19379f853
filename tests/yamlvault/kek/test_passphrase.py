"""`passphrase:` KEKs. Each wrapping takes a second or two: that is what they are for."""

import pyrage
import pytest

from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.metadata import Stanza
from yamlvault.kek import kek_of

DATA_KEY = bytes(range(32))
SOON = Deadline(60)


@pytest.fixture(scope="module")
def stanza():
    return kek_of("passphrase:", Keyring([], "correct horse é")).wrap(DATA_KEY, {}, SOON)


def test_comes_back(stanza):
    """The passphrase opens what it wrapped; the text is an age file with one scrypt stanza."""
    assert stanza.wrapped.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert stanza.wrapped.count(b"\n-> ") == 1
    kek = kek_of("passphrase:", Keyring([], "correct horse é"))
    assert kek.uri == "passphrase:"
    assert kek.unwrap(stanza, SOON) == DATA_KEY


def test_a_wrong_passphrase(stanza):
    """Another passphrase is no key to it."""
    with pytest.raises(NoKeyError, match="the passphrase is wrong") as caught:
        kek_of("passphrase:", Keyring([], "correct horse e")).unwrap(stanza, SOON)
    assert caught.value.hint == "give the one that the file was encrypted with"


@pytest.mark.parametrize("data", [b"", b"no age file"])
def test_damaged_stanzas(data):
    """What is no age file does not open."""
    with pytest.raises(NoKeyError):
        kek_of("passphrase:", Keyring([], "p")).unwrap(Stanza("passphrase:", data), SOON)


def test_a_stanza_for_an_identity():
    """An age file for a recipient is not opened by a passphrase."""
    recipient = pyrage.x25519.Identity.generate().to_public()
    stanza = Stanza("passphrase:", pyrage.encrypt(DATA_KEY, [recipient]))
    with pytest.raises(NoKeyError):
        kek_of("passphrase:", Keyring([], "p")).unwrap(stanza, SOON)


@pytest.mark.parametrize("uri", ["passphrase:hunter2", "passphrase: ", "passphrase"])
def test_the_passphrase_is_never_in_the_uri(uri):
    """A passphrase in the URI would end up in the file: it is refused and not quoted."""
    with pytest.raises(KEKError, match="nothing behind the colon") as caught:
        kek_of(uri, Keyring([], "p"))
    assert "hunter2" not in f"{caught.value!r} {caught.value.hint}"


@pytest.mark.parametrize("passphrase", ["", None])
def test_no_passphrase(passphrase, monkeypatch):
    """Nothing is wrapped with an empty passphrase, or without one."""
    monkeypatch.delenv("YAMLVAULT_PASSPHRASE", raising=False)
    monkeypatch.delenv("YAMLVAULT_PASSPHRASE_FD", raising=False)
    with pytest.raises(NoKeyError, match="passphrase"):
        kek_of("passphrase:", Keyring([], passphrase)).wrap(DATA_KEY, {}, SOON)


def test_more_work_than_a_writer_asks_for():
    """Each step of scrypt's work factor doubles time and memory: the file does not say how many."""
    data = b"age-encryption.org/v1\n-> scrypt c2FsdHNhbHRzYWx0c2FsdA 22\nx\n--- y\n"
    with pytest.raises(KEKError, match="more work than any writer's"):
        kek_of("passphrase:", Keyring([], "p")).unwrap(Stanza("passphrase:", data), SOON)
