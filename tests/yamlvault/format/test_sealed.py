"""Sealed scalars: base64, payload, cipher, and each of their regions corrupted."""

import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yamlvault.errors import FormatError, IntegrityError
from yamlvault.format.encoding import lp
from yamlvault.format.sealed import (
    BLOCK,
    Payload,
    Sealer,
    from_b64,
    key_id_of,
    looks_sealed,
    to_b64,
)

KEY, DOCUMENT, ID, PATH = bytes(32), bytes(range(16)), "AAAAAAAA", b"D\0\0\0\0"


@pytest.fixture
def sealer():
    return Sealer(KEY, DOCUMENT, ID)


@pytest.mark.parametrize(
    ("value", "is_sealed"),
    [
        ("yv1.AAAAAAAA.A", True),
        ("yv1.Az09-_AA.Az09-_", True),
        ("yv1.AAAAAAAA.", False),
        ("yv1.AAAAAAA.AAAA", False),
        ("yv1.AAAAAAAAA.AAA", False),
        ("yv1.AAAA=AAA.AAAA", False),
        ("yv1.AAAAAAAA.AA+/", False),
        ("yv1.AAAAAAAA.AA=", False),
        ("yv1.AAAAAAAA.AA AA", False),
        ("yv1.AAAAAAAA.AAAA\n", False),
        ("yv1.AAAAAAAA.AA.AA", False),
        ("yv2.AAAAAAAA.AAAA", False),
        ("YV1.AAAAAAAA.AAAA", False),
        (" yv1.AAAAAAAA.AAAA", False),
        ("yv1.AAAAAAAA.\u0101", False),
        ("", False),
    ],
)
def test_the_form(value, is_sealed):
    """The whole value must match the expression of section 3."""
    assert looks_sealed(value) is is_sealed


def test_key_id():
    """The id of the data key stands between the dots."""
    assert key_id_of("yv1.abcdefgh.AAAA") == "abcdefgh"


@pytest.mark.parametrize("size", [0, 1, 2, 3, 16, 32, 33])
def test_base64_comes_back(size):
    """Bytes of any length come back, and their text has no padding."""
    data = os.urandom(size)
    assert "=" not in to_b64(data)
    assert from_b64(to_b64(data)) == data
    assert to_b64(b"\xfb\xff\xfe") == "-__-"


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "AB", "AAB", "AA==", "A A", "+/+/", "AA\n", "\u0101A", "Aé", "A="]
)
def test_base64_is_strict(text):
    """Another alphabet, padding, a lone character and unused bits are refused."""
    with pytest.raises(FormatError, match="base64url"):
        from_b64(text)


PAYLOADS = [
    (Payload("x"), b"\0\0\0\0\0\0\0x\x80" + bytes(55)),
    (Payload("é", in_flow=True), b"\1\0\0\0\0\0\0\xc3\xa9\x80" + bytes(54)),
    (Payload("|\n x", no_line_break=True, indent=258), b"\2\1\2\0\0\0\0|\n x\x80" + bytes(52)),
    (
        Payload("!t x", tag="!t", before="!t ", in_flow=True),
        b"\1\0\0\0\2!t\0\3!t !t x\x80" + bytes(47),
    ),
    (Payload("x" * 56), bytes(7) + b"x" * 56 + b"\x80"),
    (Payload("x" * 57), bytes(7) + b"x" * 57 + b"\x80" + bytes(63)),
    (Payload("\u0080"), bytes(7) + b"\xc2\x80\x80" + bytes(54)),
]


@pytest.mark.parametrize(("payload", "data"), PAYLOADS)
def test_payload(payload, data):
    """A payload has the bytes of section 3.1, in blocks of 64, and comes back from them."""
    assert payload.pack() == data
    assert len(data) % BLOCK == 0
    assert Payload.unpack(data) == payload


def test_an_indentation_that_is_too_deep_is_cut():
    """The column is at most 65535."""
    assert Payload.unpack(Payload("x", indent=70_000).pack()).indent == 65535


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(64),
        b"\x80" + bytes(63),
        bytes(6) + b"\x80" + bytes(57),
        bytes(7) + b"x" + bytes(56),
        bytes(7) + b"x\x80" + bytes(54) + b"\1",
        bytes(7) + b"x\x80" + bytes(119),
        bytes(7) + b"x\x80",
        bytes(7) + b"x\x80" + bytes(54),
        b"\4" + bytes(6) + b"x\x80" + bytes(55),
        b"\x80" + bytes(6) + b"x\x80" + bytes(55),
        b"\0\0\0\0\x09\0\0x\x80" + bytes(55),
        b"\0\0\0\0\0\0\2x\x80" + bytes(55),
        b"\0\0\0\xff\xff\0\0x\x80" + bytes(55),
        b"\0\0\0\0\2\0\0\x80" + bytes(56),
    ],
)
def test_malformed_payloads(data):
    """Padding, flags and lengths of another form are refused."""
    with pytest.raises(IntegrityError, match=r"malformed payload|unknown flags"):
        Payload.unpack(data)


def test_sealed_text_by_hand(sealer):
    """Another AES-GCM opens it: nonce, ciphertext and tag, bound to document, data key and path."""
    text = sealer.seal(Payload("hunter2"), PATH)
    data = from_b64(text.removeprefix(f"yv1.{ID}."))
    bound = lp(b"yamlvault.v1.scalar") + lp(DOCUMENT) + lp(ID.encode()) + lp(PATH)
    assert AESGCM(KEY).decrypt(data[:12], data[12:], bound) == Payload("hunter2").pack()
    assert len(data) == 12 + 64 + 16


def test_no_two_are_equal(sealer):
    """Each scalar has a nonce of its own."""
    texts = {sealer.seal(Payload("x"), PATH) for _ in range(100)}
    assert len({from_b64(text[13:])[:12] for text in texts}) == 100


@pytest.mark.parametrize("region", [(0, 12), (12, 76), (76, 92)], ids=["nonce", "text", "tag"])
def test_each_bit_of_each_region_counts(region, sealer):
    """One flipped bit in nonce, ciphertext or tag is refused."""
    data = from_b64(sealer.seal(Payload("hunter2"), PATH)[13:])
    for index in range(*region):
        for bit in range(8):
            wrong = bytearray(data)
            wrong[index] ^= 1 << bit
            with pytest.raises(IntegrityError, match="changed, or moved"):
                sealer.open(f"yv1.{ID}.{to_b64(wrong)}", PATH)


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13, 27, 28, 91, 93])
def test_other_lengths(size, sealer):
    """A text that is cut short or has more behind it is refused."""
    data = (from_b64(sealer.seal(Payload("hunter2"), PATH)[13:]) + b"\0")[:size]
    with pytest.raises(IntegrityError):
        sealer.open(f"yv1.{ID}.{to_b64(data)}", PATH)


@pytest.mark.parametrize(
    "other",
    [
        (Sealer(KEY, DOCUMENT, ID), b"D\0\0\0\1"),
        (Sealer(KEY, bytes(16), ID), PATH),
        (Sealer(KEY, DOCUMENT, "BBBBBBBB"), PATH),
        (Sealer(hmac.digest(b"", b"", hashlib.sha256), DOCUMENT, ID), PATH),
    ],
    ids=["path", "document", "data key id", "key"],
)
def test_what_it_is_bound_to(other, sealer):
    """Another path, document, id or key does not open it."""
    text = sealer.seal(Payload("hunter2"), PATH)
    assert sealer.open(text, PATH).source == "hunter2"
    with pytest.raises(IntegrityError):
        other[0].open(text, other[1])


def test_text_that_is_not_utf8_is_refused(sealer):
    """What was sealed by another writer must be text."""
    bound = lp(b"yamlvault.v1.scalar") + lp(DOCUMENT) + lp(ID.encode()) + lp(PATH)
    data = AESGCM(KEY).encrypt(bytes(12), bytes(7) + b"\xff\x80" + bytes(55), bound)
    with pytest.raises(IntegrityError, match="malformed payload"):
        sealer.open(f"yv1.{ID}.{to_b64(bytes(12) + data)}", PATH)


def test_repr_shows_no_plaintext():
    """A payload is plaintext."""
    assert repr(Payload("hunter2")) == "<Payload>"
