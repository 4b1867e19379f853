"""Identities and passphrases: where they are found, and what they open."""

import os
import shutil
import subprocess

import pyrage
import pytest

from yamlvault import Access, Keyring, decrypt, encrypt
from yamlvault.errors import KEKError, NoKeyError
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


@pytest.mark.parametrize("number", ["x", "-1", "", " ", "1.5", "99", str(2**40), str(2**80)])
def test_descriptors_that_are_none(monkeypatch, number):
    """What is no open descriptor is an error of ours, whatever the number."""
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", number)
    with pytest.raises((KEKError, NoKeyError)):
        Keyring().passphrase(new=False)


@pytest.mark.parametrize(
    ("data", "passphrase"),
    [(b"p\n", "p"), (b"p", "p"), (b"p\r\n", "p"), (b" p \n\n", " p \n"), ("é\n".encode(), "é")],
)
def test_one_line_break_is_no_part_of_the_passphrase(monkeypatch, data, passphrase):
    """The line break that ends a file or a line is taken off, and nothing else."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", str(reader))
    ring = Keyring()
    assert ring.passphrase(new=False) == ring.passphrase(new=True) == passphrase
    os.close(reader)


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff"])
def test_nothing_at_the_descriptor(monkeypatch, data):
    """An empty passphrase, or one that is not text, is refused."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", str(reader))
    with pytest.raises((KEKError, NoKeyError)):
        Keyring().passphrase(new=False)
    os.close(reader)


def test_a_directory_in_place_of_the_identity(monkeypatch, tmp_path):
    """A folder of that name is an error, and not the same as no identity."""
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", str(tmp_path))
    with pytest.raises(KEKError, match="can't be read: Is a directory"):
        Keyring().age_identities()


def test_an_empty_variable_is_no_identity(monkeypatch, identities):
    """A variable that is set to nothing counts as not set."""
    monkeypatch.setenv("YAMLVAULT_AGE_KEY", "")
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", "")
    assert Keyring().age_identities() == []
    monkeypatch.setenv("YAMLVAULT_AGE_KEY", f"# c\r\n{identities[0]}\r\n")
    assert Keyring().age_recipients() == [str(identities[0].to_public())]


def test_nothing_secret_is_shown(identities):
    """Neither a keyring nor the error about a mistyped identity shows it."""
    secret = str(identities[0])
    ring = Keyring([secret], "hunter2")
    assert repr(ring) == str(ring) == "<Keyring>"
    with pytest.raises(KEKError) as caught:
        Keyring([secret[:-1]]).age_identities()
    assert secret[20:40] not in f"{caught.value!r} {caught.value.hint}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", ["0", "-1", "x", "nan", "inf", "86400", "1e9", " "])
def test_timeouts_that_are_none(monkeypatch, text):
    """What is no number of seconds, or more than a day, is refused with an example."""
    monkeypatch.setenv("YAMLVAULT_TIMEOUT", text)
    with pytest.raises(KEKError, match="YAMLVAULT_TIMEOUT is") as caught:
        Keyring().deadline()
    assert "20" in caught.value.hint


def test_the_timeout(monkeypatch):
    """What is given comes before the variable, and that before the default."""
    assert 10 < Keyring().deadline().left <= 20
    monkeypatch.setenv("YAMLVAULT_TIMEOUT", "")
    assert 10 < Keyring().deadline().left <= 20
    monkeypatch.setenv("YAMLVAULT_TIMEOUT", "500.5")
    assert 400 < Keyring().deadline().left <= 500.5
    assert 4000 < Keyring(timeout=5000).deadline().left <= 5000


def test_access(monkeypatch):
    """Rights are the same for all KEKs, or a function's, or those of the environment."""
    own = Access(profile="p")
    assert Keyring(access=own).access("aws-kms:x") == own
    ring = Keyring(access=lambda uri: Access(role=uri))
    assert ring.access("aws-kms:x") == Access(role="aws-kms:x")
    monkeypatch.setenv("YAMLVAULT_AWS_ROLE", "r")
    assert Keyring().access("aws-kms:x") == Access(role="r")
    assert Keyring(access=own).access("aws-kms:x") == own


def test_who_is_told(identities):
    """Who wants to know hears which KEK opened, and no secret; otherwise nobody does."""
    lines = []
    encrypted = encrypt("a: hunter2\n", keks=[uri(identities[0])])
    ring = Keyring([str(identities[0])], tell=lines.append)
    assert decrypt(encrypted, keyring=ring) == b"a: hunter2\n"
    (line,) = lines
    assert line.startswith("data key ")
    assert line.endswith(f" opened by {uri(identities[0])}")
    decrypt(encrypted, keyring=Keyring([str(identities[0])]))
    assert lines == [line]


def test_has_passphrase(monkeypatch):
    """A passphrase is at hand where nobody has to be asked for it."""
    asked = []
    ring = Keyring(ask=lambda which: asked.append(which) or "typed")
    assert not ring.has_passphrase()
    assert asked == []
    ring.passphrase(new=False)
    assert ring.has_passphrase()
    assert Keyring(passphrase="p").has_passphrase()
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", "")
    assert not Keyring().has_passphrase()
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", "7")
    assert Keyring().has_passphrase()
    monkeypatch.delenv("YAMLVAULT_PASSPHRASE_FD")
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE", "")
    assert Keyring().has_passphrase()
