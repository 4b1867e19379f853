"""`age:` KEKs: X25519 and SSH recipients."""

import shutil
import subprocess

import pyrage
import pytest

from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.kek import kek_of

DATA_KEY = bytes(range(32))
SOON = Deadline(60)
NOBODY = Keyring([])


def new():
    """Return an identity and its KEK URI."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), f"age:{identity.to_public()}"


@pytest.fixture(scope="module", params=["ed25519", "rsa"])
def ssh(request, tmp_path_factory):
    """Return an SSH private key and its public line."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    file = tmp_path_factory.mktemp("ssh") / "id"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", request.param, "-N", "", "-C", "me@host", "-f", file], check=True
    )
    return file.read_text(), file.with_suffix(".pub").read_text().strip()


def test_x25519_comes_back():
    """What a recipient wraps its identity unwraps; wrapping needs no identity."""
    identity, uri = new()
    stanza = kek_of(uri, NOBODY).wrap(DATA_KEY, {}, SOON)
    assert DATA_KEY not in stanza.wrapped
    assert stanza.wrapped.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert kek_of(uri, Keyring([identity])).unwrap(stanza, SOON) == DATA_KEY
    assert kek_of(uri, NOBODY).wrap(DATA_KEY, {}, SOON) != stanza


def test_ssh_comes_back(ssh):
    """SSH keys of both types do the same, and their comment is no part of the URI."""
    private, public = ssh
    kek = kek_of(f"age:{public}", NOBODY)
    assert kek.uri == "age:" + " ".join(public.split()[:2])
    stanza = kek.wrap(DATA_KEY, {}, SOON)
    assert stanza.wrapped.startswith(b"age-encryption.org/v1\n-> ssh-")
    assert kek_of(kek.uri, Keyring([private])).unwrap(stanza, SOON) == DATA_KEY
    assert kek_of(kek.uri, Keyring([f"\n{private}\n\n"])).unwrap(stanza, SOON) == DATA_KEY


def test_any_identity_of_the_keyring_opens(ssh):
    """Identities of both kinds are tried; the order does not matter."""
    identity, uri = new()
    stanza = kek_of(uri, NOBODY).wrap(DATA_KEY, {}, SOON)
    others = [ssh[0], new()[0]]
    for texts in ([*others, identity], [identity, *others], [f"# c\n{new()[0]}\n\n {identity} \n"]):
        assert kek_of(uri, Keyring(texts)).unwrap(stanza, SOON) == DATA_KEY


@pytest.mark.parametrize("text", ["{0}", " {0}", "{0}\n", " {0} "])
def test_space_around_a_recipient(text):
    """Spaces are no part of the URI that is written into the file."""
    uri = new()[1]
    assert kek_of("age:" + text.format(uri.removeprefix("age:")), NOBODY).uri == uri


@pytest.mark.parametrize(
    "recipient",
    ["", "age1", "age1x", "x", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa x", "ssh-dss AAAA"],
)
def test_malformed_recipients(recipient):
    """What is no recipient is quoted, since it is public, with what one looks like."""
    with pytest.raises(KEKError, match="is not an age recipient") as caught:
        kek_of(f"age:{recipient}", NOBODY)
    assert "age1…" in caught.value.hint


def test_a_mistyped_recipient():
    """One wrong character does not lead to a recipient that nobody has the identity of."""
    uri = new()[1]
    wrong = uri[:20] + ("q" if uri[20] != "q" else "p") + uri[21:]
    with pytest.raises(KEKError, match="is not an age recipient"):
        kek_of(wrong, NOBODY)


@pytest.mark.parametrize("change", [str, str.lower, str.title])
@pytest.mark.parametrize("scheme", ["age:", "age: ", "", " "])
def test_a_secret_key_is_never_quoted(change, scheme):
    """Who names an identity by mistake does not find it in a log, in whichever case."""
    secret = change(new()[0])
    with pytest.raises(KEKError) as caught:
        kek_of(f"{scheme}{secret}", NOBODY)
    said = f"{caught.value!r} {caught.value.hint}".lower()
    assert secret[16:30].lower() not in said


def test_no_identity():
    """Without any identity, or with others, the reason says so."""
    _, uri = new()
    stanza = kek_of(uri, NOBODY).wrap(DATA_KEY, {}, SOON)
    with pytest.raises(NoKeyError, match="no age identity is at hand"):
        kek_of(uri, NOBODY).unwrap(stanza, SOON)
    with pytest.raises(NoKeyError, match="no identity in the given identities matches"):
        kek_of(uri, Keyring([new()[0]])).unwrap(stanza, SOON)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: b"no age file",
        lambda data: data[:-1],
        lambda data: data[:60],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data + b"\0",
        lambda data: data.replace(b"v1", b"v2"),
    ],
)
def test_damaged_stanzas(change):
    """A stanza that is no age file any more does not open."""
    identity, uri = new()
    stanza = kek_of(uri, NOBODY).wrap(DATA_KEY, {}, SOON)
    with pytest.raises((KEKError, NoKeyError)):
        kek_of(uri, Keyring([identity])).unwrap(
            stanza._replace(wrapped=change(stanza.wrapped)), SOON
        )


@pytest.mark.parametrize("uri", ["", "x", "AGE:age1x", "age1x", "http://x", " age:x", "kms:x"])
def test_unknown_schemes(uri):
    """A URI of another kind is refused with those that are known."""
    with pytest.raises(KEKError, match="is not a KEK URI of a known kind") as caught:
        kek_of(uri, NOBODY)
    assert "age:…" in caught.value.hint
