"""Sealed scalars: their text, their payload, their cipher (format, 3)."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from typing import NamedTuple

from yamlvault.errors import FormatError, IntegrityError
from yamlvault.format.encoding import lp

PREFIX = "yv1."
NONCE_SIZE = 12  # bytes; NIST SP 800-38D, 8.2.2: random nonces of 96 bits
_TAG_SIZE = 16  # bytes; of GCM
BLOCK = 64  # bytes, to a multiple of which a payload is padded

MAX_TAG = 0xFFFF  # bytes

_FLOW, _NO_LINE_BREAK = 1, 2
_HEAD_SIZE = 7  # flags, indent, and the lengths of tag and before
# sets and not regular expressions: to compile one costs more than a small file takes
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_ID_END = len(PREFIX) + 8


def looks_sealed(value: str) -> bool:
    """Tell whether the value of a scalar has the form of a sealed scalar."""
    return (
        value.startswith(PREFIX)
        and value[_ID_END : _ID_END + 1] == "."
        and len(value) > _ID_END + 1
        and _ALPHABET.issuperset(value[len(PREFIX) : _ID_END])
        and _ALPHABET.issuperset(value[_ID_END + 1 :])
    )


def flaw(value: str) -> str:
    """Return why a value that starts like a sealed scalar can be none; empty if it can."""
    if not looks_sealed(value):
        return "it has not the form of one"
    try:
        size = len(from_b64(value[_ID_END + 1 :]))
    except FormatError:
        return "it is not base64url: characters are missing or changed"
    if size < NONCE_SIZE + BLOCK + _TAG_SIZE or (size - NONCE_SIZE - _TAG_SIZE) % BLOCK:
        return "it has a length that none has: it was cut off, or is two in one"
    return ""


def to_b64(data: bytes) -> str:
    """Return base64url without padding (RFC 4648, 5)."""
    return b64encode(data, b"-_").rstrip(b"=").decode()


def from_b64(text: str) -> bytes:
    """Return the bytes of base64url without padding.

    Raises:
        FormatError: The text is not strictly of this form; two texts never mean the same bytes.
    """
    if _ALPHABET.issuperset(text) and len(text) % 4 != 1:
        data = b64decode(text + "=" * (-len(text) % 4), b"-_")
        if to_b64(data) == text:
            return data
    raise FormatError("not base64url without padding")


class Payload(NamedTuple):
    """What is sealed: the scalar as it stood in the file, and the place it stood in."""

    source: str
    tag: str = ""
    before: str = ""
    in_flow: bool = False
    no_line_break: bool = False
    indent: int = 0

    def __repr__(self) -> str:
        return "<Payload>"  # it is plaintext

    def pack(self) -> bytes:
        """Return the padded bytes of the payload."""
        flags = _FLOW * self.in_flow | _NO_LINE_BREAK * self.no_line_break
        head = bytes((flags,)) + min(self.indent, 0xFFFF).to_bytes(2, "big")
        data = head + _lp16(self.tag) + _lp16(self.before) + self.source.encode() + b"\x80"
        return data + bytes(-len(data) % BLOCK)

    @classmethod
    def unpack(cls, data: bytes) -> Payload:
        """Return the payload of padded bytes, the inverse of `pack`."""
        body, mark, zeros = data.rpartition(b"\x80")
        is_padded = mark and not zeros.strip(b"\0") and len(zeros) < BLOCK
        if not is_padded or len(data) % BLOCK or len(body) < _HEAD_SIZE:
            raise IntegrityError("a sealed scalar has a malformed payload")
        flags = body[0]
        if flags & ~(_FLOW | _NO_LINE_BREAK):
            raise IntegrityError("a sealed scalar has unknown flags")
        tag, index = _read_lp16(body, 3)
        before, index = _read_lp16(body, index)
        return cls(
            source=body[index:].decode(),
            tag=tag,
            before=before,
            in_flow=bool(flags & _FLOW),
            no_line_break=bool(flags & _NO_LINE_BREAK),
            indent=int.from_bytes(body[1:3], "big"),
        )


def _lp16(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _read_lp16(data: bytes, index: int) -> tuple[str, int]:
    start = index + 2
    end = start + int.from_bytes(data[index:start], "big")
    if end > len(data):
        raise IntegrityError("a sealed scalar has a malformed payload")
    return data[start:end].decode(), end


class Sealer:
    """Seals and opens the scalars under one data key."""

    __slots__ = ("_associated_data", "_cipher", "key_id")

    def __init__(self, seal_key: bytes, document: bytes, key_id: str) -> None:
        # here and not above: who only asks what looks sealed (a plan of prehook) needs no cipher
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(seal_key)
        self.key_id = key_id
        # format, document and data key are bound, and the path behind them: a sealed scalar
        # that was copied elsewhere does not open
        self._associated_data = lp(b"yamlvault.v1.scalar") + lp(document) + lp(key_id.encode())

    def seal(self, payload: Payload, path: bytes) -> str:
        """Return the sealed text of a payload for the scalar at `path`."""
        nonce = os.urandom(NONCE_SIZE)
        sealed = self._cipher.encrypt(nonce, payload.pack(), self._associated_data + lp(path))
        return f"{PREFIX}{self.key_id}.{to_b64(nonce + sealed)}"

    def open(self, text: str, path: bytes) -> Payload:
        """Return the payload of a sealed text.

        Raises:
            IntegrityError: It was not sealed under this data key for this path and document.
        """
        from cryptography.exceptions import InvalidTag

        try:
            data = from_b64(text[len(PREFIX) + len(self.key_id) + 1 :])
            payload = self._cipher.decrypt(
                data[:NONCE_SIZE], data[NONCE_SIZE:], self._associated_data + lp(path)
            )
        except (InvalidTag, FormatError, ValueError):
            raise IntegrityError("a sealed scalar was changed, or moved from elsewhere") from None
        try:
            return Payload.unpack(payload)
        except UnicodeDecodeError:
            raise IntegrityError("a sealed scalar has a malformed payload") from None


def key_id_of(sealed: str) -> str:
    """Return the data key id in a sealed text."""
    return sealed[len(PREFIX) : _ID_END]
