"""Sealing: plaintext to encrypted, and more of it later."""

import re

import pytest

from yamlvault.addition import encrypt_more
from yamlvault.errors import (
    AlreadyEncryptedError,
    DocumentError,
    IntegrityError,
    KEKError,
    KeyPathError,
    NoKeyError,
)
from yamlvault.keyring import Keyring
from yamlvault.opening import open_scopes, plaintext
from yamlvault.rule import ScopeRule, split_paths
from yamlvault.sealing import encrypt, refuse_encrypted
from yamlvault.source import parse

TEXT = "name: shop\na:\n  x: 1\n  y: 2\nb: [3]\nempty:\n"
SEALED = re.compile(r"yv1\.[\w-]+\.[\w-]+")


def whole(seal, *keks):
    return [ScopeRule(keks, seal=tuple(seal))]


@pytest.fixture
def encrypted(recipient, keyring):
    """Return a function that seals paths of the text."""
    return lambda *seal, text=TEXT: encrypt(parse(text), whole(seal, recipient), keyring).text


def more(text, keyring, *seal):
    return encrypt_more(parse(text), seal, keyring)


def opened(text, keyring):
    source = parse(text)
    return plaintext(source, open_scopes(source, keyring))


@pytest.mark.parametrize(
    ("seal", "count"),
    [
        ("$", 4),
        ("$.a", 2),
        ("$.a.x, $.b", 2),
        ("$.empty", 0),
        ("$.b[0],$.name", 2),
        ("$./^[ab]/", 3),
    ],
)
def test_what_is_sealed(seal, count, recipient, keyring):
    """The scalars under the paths are sealed and counted; what is empty stays so."""
    sealing = encrypt(parse(TEXT), whole(split_paths(seal), recipient), keyring)
    assert (sealing.sealed, sealing.kept, sealing.vouched) == (count, 0, ())
    assert sealing.keks == (recipient,)
    assert len(SEALED.findall(sealing.text)) == count
    assert opened(sealing.text, keyring) == TEXT
    metadata = parse(sealing.text).metadata
    assert metadata.scopes[0].paths == ("$",)
    assert metadata.scopes[0].seal == split_paths(seal)
    assert "shop" not in repr(sealing)


@pytest.mark.parametrize(
    ("seal", "paths"),
    [
        ("$", ("$",)),
        ("$.a,$.b", ("$.a", "$.b")),
        (["$.a , $.b", "$.a"], ("$.a", "$.b")),
        (["$.'x, y'"], ("$.'x, y'",)),
        ([], ()),
    ],
)
def test_split_paths(seal, paths):
    """Commas separate paths, outside of quotes; each is kept once, as it was written."""
    assert split_paths(seal) == paths


@pytest.mark.parametrize(
    ("text", "seal", "error"),
    [
        ("a: 1\n", ("$.b",), KeyPathError),
        ("a: 1\n", ("$.a", "$.b"), KeyPathError),
        ("yamlvault: 1\n---\na: 1\n", ("$",), DocumentError),
        ("a: yv1.AAAAAAAA.AAAA\n", ("$",), AlreadyEncryptedError),
        ("a: 1\nb: yv1.AAAAAAAA.AAAA\n", ("$.a",), AlreadyEncryptedError),
    ],
)
def test_refusals(text, seal, error, recipient, keyring):
    """A path that names nothing, the metadata's key and sealed scalars are refused."""
    with pytest.raises(error):
        encrypt(parse(text), whole(seal, recipient), keyring)


def test_no_kek(keyring):
    """Nothing is sealed for nobody."""
    with pytest.raises(KEKError):
        encrypt(parse(TEXT), whole(["$"]), keyring)


def test_new_scalars_are_sealed(encrypted, keyring):
    """A new key under a sealed path is sealed; the others keep their text, the file its id."""
    before = encrypted("$.a")
    edited = before.replace("  y: ", "  z: new\n  y: ")
    sealing = more(edited, keyring)
    assert (sealing.sealed, sealing.kept, sealing.vouched) == (1, 2, ("$.a",))
    assert set(SEALED.findall(before)) < set(SEALED.findall(sealing.text))
    assert parse(sealing.text).metadata.document == parse(before).metadata.document
    assert opened(sealing.text, keyring) == TEXT.replace("  y: ", "  z: new\n  y: ")


def test_more_paths(encrypted, keyring):
    """`-k` on an encrypted file seals more, and is remembered beside what was there."""
    sealing = more(encrypted("$.a"), keyring, "$.b")
    assert (sealing.sealed, sealing.kept, sealing.vouched) == (1, 2, ())
    assert parse(sealing.text).metadata.scopes[0].seal == ("$.a", "$.b")
    assert opened(sealing.text, keyring) == TEXT
    with pytest.raises(KeyPathError, match="names nothing"):
        more(sealing.text, keyring, "$.nothing")


@pytest.mark.parametrize("seal", [(), ("$.a",)])
def test_nothing_new(seal, encrypted, keyring, recipient):
    """Where there is nothing to do the file is named as encrypted, with who opens it."""
    with pytest.raises(AlreadyEncryptedError, match="nothing new to seal") as caught:
        more(encrypted("$.a"), keyring, *seal)
    assert recipient in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "vouched"),
    [
        ("name: shop", "name: show", ("",)),
        ("b: [3]", "b: [4]", ("$.b",)),
        ("b: [3]\n", "", ("", "$.b")),
        ("b: [3]", "b: [3]\nc: []", ("", "$.c")),
    ],
)
def test_changes_by_hand_are_named(old, new, vouched, encrypted, keyring):
    """Who encrypts vouches for what stands there: the sections that differ are named."""
    before = encrypted("$.a")
    assert old in before
    sealing = more(before.replace(old, new), keyring)
    assert sorted(sealing.vouched) == sorted(vouched)
    assert sealing.sealed == 0
    assert opened(sealing.text, keyring) == TEXT.replace(old, new)


def test_a_path_whose_last_secret_is_gone(encrypted, keyring):
    """An old path may name nothing any more."""
    sealing = more(re.sub(r"b: \[.*\]\n", "", encrypted("$.b"), count=1), keyring)
    assert parse(sealing.text).metadata.scopes[0].seal == ("$.b",)
    assert opened(sealing.text, keyring) == TEXT.replace("b: [3]\n", "")


def test_moved_secrets_are_refused(encrypted, keyring):
    """A sealed scalar under another key does not open, and is not signed."""
    text = encrypted("$.a")
    for old, new in (("  x: yv1", "  z: yv1"), ("a:\n", "c:\n"), ("b: [3]", "b: [3]\nd: *s")):
        edited = text.replace(old, new)
        with pytest.raises((IntegrityError, DocumentError)):
            more(edited, keyring)


def test_changed_rules_are_refused(encrypted, keyring):
    """With another `seal` in the metadata nothing is signed: a secret could stay in plaintext."""
    with pytest.raises(IntegrityError, match="metadata is not what was encrypted"):
        more(encrypted("$.a").replace('seal: ["$.a"]', 'seal: ["$.b"]'), keyring)


def test_who_can_not_open_can_not_add(encrypted):
    """Without an identity nothing is added."""
    with pytest.raises(NoKeyError):
        more(encrypted("$.a").replace("  y: ", "  z: new\n  y: "), Keyring([]))


def test_refuse_encrypted(encrypted, recipient):
    """A source with metadata is named with its KEKs; a plaintext passes."""
    refuse_encrypted(parse(TEXT))
    with pytest.raises(AlreadyEncryptedError, match=re.escape(recipient)):
        refuse_encrypted(parse(encrypted("$.a")))
