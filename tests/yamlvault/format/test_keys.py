"""Data keys and the keys derived from them, compared with RFC 5869 done by hand."""

import hashlib
import hmac

import pytest

from yamlvault.format.keys import DATA_KEY_SIZE, DataKey
from yamlvault.format.sealed import from_b64

SECRET, DOCUMENT = bytes(range(32)), bytes(range(100, 116))


def hkdf(secret, salt, info):
    """Return 32 bytes of HKDF-SHA-256: one block of RFC 5869."""
    extracted = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\1", hashlib.sha256)


def test_derived_keys():
    """Both keys are HKDF of the data key, with the document id as salt and a name of their own."""
    key = DataKey("AAAAAAAA", SECRET)
    assert key.seal_key(DOCUMENT) == hkdf(SECRET, DOCUMENT, b"yamlvault.v1.seal")
    assert key.mac_key(DOCUMENT) == hkdf(SECRET, DOCUMENT, b"yamlvault.v1.mac")
    assert key.seal_key(DOCUMENT) != key.mac_key(DOCUMENT)


@pytest.mark.parametrize(
    ("secret", "document"), [(SECRET, bytes(16)), (bytes(32), DOCUMENT), (SECRET[::-1], DOCUMENT)]
)
def test_keys_depend_on_all_that_goes_in(secret, document):
    """Another data key or another document gives other keys."""
    other, key = DataKey("AAAAAAAA", secret), DataKey("AAAAAAAA", SECRET)
    assert other.seal_key(document) != key.seal_key(DOCUMENT)
    assert other.mac_key(document) != key.mac_key(DOCUMENT)


def test_worked_example():
    """The keys of the worked example of docs/format.md come out."""
    key = DataKey("UFFSU1RV", bytes(range(0x20, 0x40)))
    assert key.seal_key(bytes(range(16))).hex().startswith("73dd2133287c85bc")
    assert key.mac_key(bytes(range(16))).hex().startswith("07010c5210a0b3f8")


def test_new_keys():
    """A new data key has 32 bytes and an id of 6, and no two are equal."""
    keys = [DataKey.new() for _ in range(50)]
    assert {len(key.secret) for key in keys} == {DATA_KEY_SIZE}
    assert {len(from_b64(key.id)) for key in keys} == {6}
    assert len({key.secret for key in keys}) == len({key.id for key in keys}) == 50


def test_repr_shows_no_key():
    """What ends up in a log names the id alone."""
    key = DataKey("AAAAAAAA", b"0123456789abcdef" * 2)
    for shown in (repr(key), str(key), f"{key}", repr([key])):
        assert "AAAAAAAA" in shown
        assert "0123" not in shown
