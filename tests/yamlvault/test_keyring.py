"""Identities and passphrases: where they are found, and what they open."""

import os
import shutil
import subprocess

import pyrage
import pytest

from yamlvault import Keyring, decrypt, encrypt
from yamlvault.envelope import reason_closed, unwrap, wrap
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Stanza, WrappedKey
from yamlvault.keyring import default_identity_file


@pytest.fixture
def identities():
    return [pyrage.x25519.Identity.generate() for _ in range(3)]


def uri(identity):
    return f"age:{identity.to_public()}"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No test sees the identities of who runs it."""
    for name in list(os.environ):
        if name.startswith("YAMLVAULT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def test_order_of_the_places(monkeypatch, tmp_path, identities):
    """The variable with the text comes first, then that with the file, then the default place."""
    first, second, third = map(str, identities)
    default = tmp_path / "home/.config/yamlvault/identity.txt"
    default.parent.mkdir(parents=True)
    default.write_text(f"# a comment\n\n{third}\n")
    assert Keyring().age_recipients() == [str(identities[2].to_public())]
    file = tmp_path / "key.txt"
    file.write_text(second)
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", str(file))
    assert Keyring().age_recipients() == [str(identities[1].to_public())]
    monkeypatch.setenv("YAMLVAULT_AGE_KEY", f"{first}\n{third}")
    assert Keyring().age_recipients() == [str(identities[n].to_public()) for n in (0, 2)]


def test_default_place(monkeypatch):
    """XDG_CONFIG_HOME counts if it is absolute; without a home there is no place."""
    monkeypatch.setenv("HOME", "/h")
    assert default_identity_file() == "/h/.config/yamlvault/identity.txt"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert default_identity_file() == "/h/.config/yamlvault/identity.txt"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert default_identity_file() == "/x/yamlvault/identity.txt"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("HOME")
    assert default_identity_file() is None
    assert Keyring().age_identities() == []


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), (b"\xff\xfe", "is not text"), (b"nonsense", "not an identity")],
)
def test_unusable_files(monkeypatch, tmp_path, content, says):
    """A file that is named and can't be used is an error, and not passed over."""
    file = tmp_path / "key.txt"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", str(file))
    with pytest.raises(KEKError, match=says):
        Keyring().age_identities()


def test_any_recipient_opens(identities):
    """What is wrapped for several recipients is opened by each of them."""
    data_key = DataKey.new()
    wrapped = wrap(data_key, [uri(identity) for identity in identities], Keyring([]))
    assert len(wrapped.stanzas) == 3
    for identity in identities:
        assert unwrap(wrapped, Keyring([str(identity)])) == data_key
    with pytest.raises(NoKeyError) as caught:
        unwrap(wrapped, Keyring([str(pyrage.x25519.Identity.generate())]))
    assert all(uri(identity) in caught.value.message for identity in identities)


def test_a_recipient_named_twice_has_one_stanza(identities):
    """KEKs are told apart by their URI."""
    twice = [uri(identities[0]), f"{uri(identities[0])} "]
    assert len(wrap(DataKey.new(), twice, Keyring([])).stanzas) == 1


def test_no_kek():
    """Something that nobody could open is not written."""
    with pytest.raises(KEKError, match="no KEK"):
        wrap(DataKey.new(), [], Keyring([]))


def test_a_data_key_of_another_length(identities):
    """What a stanza holds must be 32 bytes; another stanza may still open."""
    short = pyrage.encrypt(b"x" * 16, [identities[0].to_public()])
    ring = Keyring([str(identities[0])])
    key = WrappedKey("AAAAAAAA", (Stanza(uri(identities[0]), short),))
    with pytest.raises(NoKeyError, match="no data key"):
        unwrap(key, ring)
    good = wrap(DataKey("AAAAAAAA", bytes(32)), [uri(identities[0])], ring).stanzas
    assert unwrap(key._replace(stanzas=key.stanzas + good), ring).secret == bytes(32)


def test_unknown_kinds_of_keks_are_passed_over(identities):
    """A stanza of a kind that this version does not know is no error if another opens."""
    known = wrap(DataKey("AAAAAAAA", bytes(32)), [uri(identities[0])], Keyring([]))
    other = Stanza("vault:transit/x", b"?")
    key = known._replace(stanzas=(other, *known.stanzas))
    assert unwrap(key, Keyring([str(identities[0])])).secret == bytes(32)
    assert "known kind" in reason_closed(other, Keyring([]))


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_ssh_keys(tmp_path, kind):
    """SSH keys of both types that age knows wrap and unwrap."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key], check=True)
    public = key.with_suffix(".pub").read_text()
    encrypted = encrypt("a: 1\n", keks=[f"age:{public}"])
    assert decrypt(encrypted, keyring=Keyring([key.read_text()])) == b"a: 1\n"
    assert b"root@" not in encrypted


def test_protected_ssh_key(tmp_path):
    """An SSH key with a passphrase of its own is named as such."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "pw", "-f", key], check=True)
    with pytest.raises(KEKError, match="protected by a passphrase"):
        Keyring([key.read_text()]).age_identities()


def test_places_of_the_passphrase(monkeypatch):
    """Given, in the variable, from the descriptor, or from who is asked: in this order."""
    asked = []

    def ask(which):
        asked.append(which)
        return "typed"

    assert Keyring(ask=ask).passphrase(new=True) == "typed"
    assert asked == ["new"]
    reader, writer = os.pipe()
    os.write(writer, b"from pipe\n")
    os.close(writer)
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", str(reader))
    assert Keyring(ask=ask).passphrase(new=False) == "from pipe"
    os.close(reader)
    with pytest.raises(KEKError, match="can't be read"):
        Keyring().passphrase(new=False)
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE", "from variable")
    assert Keyring(ask=ask).passphrase(new=False) == "from variable"
    assert Keyring(passphrase="given").passphrase(new=False) == "given"
    with pytest.raises(NoKeyError, match="empty"):
        Keyring(passphrase="").passphrase(new=False)


def test_passphrase_kek():
    """A passphrase and an identity are two ways in to one file; a wrong passphrase is none."""
    encrypted = encrypt("a: 1\n", keks=["passphrase:"], keyring=Keyring([], "right"))
    assert decrypt(encrypted, keyring=Keyring([], "right")) == b"a: 1\n"
    with pytest.raises(NoKeyError, match="passphrase is wrong"):
        decrypt(encrypted, keyring=Keyring([], "wrong"))
    with pytest.raises(NoKeyError, match="no passphrase"):
        decrypt(encrypted, keyring=Keyring([]))
    with pytest.raises(KEKError, match="nothing behind the colon"):
        encrypt("a: 1\n", keks=["passphrase:hunter2"])
