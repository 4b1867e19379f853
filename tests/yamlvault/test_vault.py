"""The library's face."""

import io
import os
import tempfile

import pytest

import yamlvault
from yamlvault import Keyring, Vault


@pytest.fixture
def vault(keyring):
    return Vault(keyring)


@pytest.mark.parametrize("data", ["a: é\n", "a: é\n".encode(), "\ufeffa: é\r\n"])
def test_text_and_bytes(data, vault, recipient):
    """Text is taken as UTF-8; what comes back are the bytes, with their mark."""
    encrypted = vault.encrypt(data, keks=[recipient])
    assert isinstance(encrypted, bytes)
    assert vault.decrypt(encrypted) == (data if isinstance(data, bytes) else data.encode())
    assert vault.decrypt(encrypted.decode()) == vault.decrypt(encrypted)
    assert vault.loads(encrypted) == vault.loads(encrypted.decode()) == {"a": "é"}


def test_text_that_is_no_unicode(vault, recipient):
    """Half of a surrogate pair in a text is refused without a quote of the text."""
    calls = [
        lambda: vault.encrypt("a: hunter2 \ud800", keks=[recipient]),
        lambda: vault.decrypt("a: hunter2 \ud800"),
        lambda: vault.loads("a: hunter2 \ud800"),
        lambda: vault.loads_all("a: hunter2 \ud800"),
    ]
    for call in calls:
        with pytest.raises(yamlvault.DocumentError) as caught:
            call()
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert "hunter2" not in f"{caught.value!r}"


def test_functions_and_methods_do_the_same(vault, recipient, keyring):
    """The package's functions are the methods of a vault with a keyring of their own."""
    encrypted = yamlvault.encrypt("a: 1\n---\nb: 2\n", keks=[recipient], keyring=keyring)
    assert yamlvault.decrypt(encrypted, keyring=keyring) == vault.decrypt(encrypted)
    documents = yamlvault.loads_all(encrypted, keyring=keyring)
    assert documents == vault.loads_all(encrypted) == [{"a": 1}, {"b": 2}]
    stream = io.BytesIO(encrypted)
    assert yamlvault.load_all(stream, keyring=keyring) == documents
    stream.seek(0)
    assert yamlvault.load(stream, path="$.a", keyring=keyring) == 1


def test_the_environment_is_the_default_keyring(monkeypatch, identity, recipient):
    """Without a keyring the identity comes from the environment, when it is needed."""
    encrypted = yamlvault.encrypt("a: 1\n", keks=[recipient])
    monkeypatch.setenv("YAMLVAULT_AGE_KEY", identity)
    assert yamlvault.loads(encrypted) == {"a": 1}


@pytest.mark.parametrize("seal", ["$.a, $.b", ["$.a", "$.b"], ["$.a,$.b", "$.a"], ("$./^[ab]$/",)])
def test_seal_takes_one_text_or_several(seal, vault, recipient):
    """Key paths come in one text with commas, or as a list."""
    encrypted = vault.encrypt("a: 1\nb: 2\nc: plain\n", keks=[recipient], seal=seal)
    assert encrypted.count(b"yv1.") == 2
    assert b"c: plain" in encrypted


def test_encrypting_twice_is_refused(vault, recipient):
    """An encrypted file is named as such, with who can open it."""
    encrypted = vault.encrypt("a: 1\n", keks=[recipient])
    with pytest.raises(yamlvault.AlreadyEncryptedError, match=recipient):
        vault.encrypt(encrypted, keks=[recipient])
    with pytest.raises(yamlvault.AlreadyEncryptedError, match="no metadata"):
        vault.encrypt(encrypted.split(b"yamlvault:")[0], keks=[recipient])


def test_sources(tmp_path, vault, recipient):
    """An error has the name of the file, if it has one: a descriptor's number is none."""
    file = tmp_path / "x.yml"
    file.write_text("a: 1\n")
    for source in (str(file), file):
        with pytest.raises(yamlvault.NotEncryptedError) as caught:
            vault.load(source)
        assert caught.value.source == str(file)
    with file.open("rb") as opened, pytest.raises(yamlvault.NotEncryptedError) as caught:
        vault.load(opened)
    assert caught.value.source == str(file)
    with tempfile.TemporaryFile() as nameless, pytest.raises(yamlvault.NotEncryptedError) as caught:
        vault.load(nameless)
    assert caught.value.source is None
    assert str(caught.value) == "not encrypted"


@pytest.mark.parametrize(
    ("name", "says"),
    [("missing", "there is no such file"), (".", "can't be read"), ("x\0y", "can't be read"),
     ("x" * 300, "can't be read")],
)  # fmt: skip
def test_files_that_can_not_be_read(name, says, tmp_path, vault, monkeypatch):
    """Whatever is wrong with a name is a FileError with the name."""
    monkeypatch.chdir(tmp_path)
    for call in (vault.load, vault.load_all):
        with pytest.raises(yamlvault.FileError, match=says) as caught:
            call(name)
        assert caught.value.source == name


def test_one_keyring_reads_its_identities_once(tmp_path, monkeypatch, identity, recipient):
    """A vault keeps what its keyring has found: a file that is gone later is not missed."""
    file = tmp_path / "identity.txt"
    file.write_text(identity)
    monkeypatch.delenv("YAMLVAULT_AGE_KEY", raising=False)
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", str(file))
    vault = Vault(Keyring())
    encrypted = vault.encrypt("a: 1\n", keks=[recipient])
    assert vault.loads(encrypted) == {"a": 1}
    os.unlink(file)
    assert vault.loads(encrypted) == {"a": 1}
