"""Changes of an encrypted file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yamlvault.format.sealed import from_b64, to_b64

if TYPE_CHECKING:
    from collections.abc import Callable


def once(old: str, new: str) -> Callable[[str], str]:
    """Return a change of the first text that a pattern matches; it must match."""

    def change(text: str) -> str:
        changed, count = re.subn(old, new, text, count=1, flags=re.MULTILINE | re.DOTALL)
        if not count:
            raise AssertionError(f"{old} is not there")
        return changed

    return change


def tampered(data: bytes, *changes: Callable[[str], str]) -> bytes:
    """Return a file changed after it was signed."""
    text = data.decode()
    for change in changes:
        text = change(text)
    return text.encode()


def bytes_of_sealed(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """Return a change of the bytes of the first sealed scalar."""

    def changed(text: str) -> str:
        found = re.search(r"(yv1\.[\w-]{8}\.)([\w-]+)", text)
        data = to_b64(change(from_b64(found[2])))
        return text[: found.start(2)] + data + text[found.end(2) :]

    return changed


def flip(index: int) -> Callable[[bytes], bytes]:
    """Return a change of one bit."""

    def flipped(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[index] ^= 1
        return bytes(changed)

    return flipped


def flip_field(field: str, number: int = 0, index: int = 0) -> Callable[[str], str]:
    """Return a change of one bit of a field of the metadata that is in b64."""

    def changed(text: str) -> str:
        found = list(re.finditer(rf'{field}: "([\w-]+)"', text))[number]
        data = to_b64(flip(index)(from_b64(found[1])))
        return text[: found.start(1)] + data + text[found.end(1) :]

    return changed


def swap(pattern: str) -> Callable[[str], str]:
    """Return a change that swaps the first two texts that a pattern matches."""

    def swapped(text: str) -> str:
        first, second = list(re.finditer(pattern, text))[:2]
        return (
            text[: first.start()]
            + second[0]
            + text[first.end() : second.start()]
            + first[0]
            + text[second.end() :]
        )

    return swapped


def moved_metadata(text: str, place: str) -> str:
    """Move the block of the metadata in front of a line."""
    start = text.index("yamlvault:")
    block, rest = text[start:], text[:start]
    return rest.replace(place, block + place, 1)


def sections(text: str) -> list[str]:
    """Return the entries of the sections' MACs."""
    return re.findall(r'        - path: .*\n          mac: "[\w-]+"\n\n?', text)


LAST_BITS = str.maketrans({"A": "B", "E": "F", "I": "J", "M": "N", "Q": "R", "U": "V", "Y": "Z",
                           "c": "d", "g": "h", "k": "l", "o": "p", "s": "t", "w": "x", "0": "1",
                           "4": "5", "8": "9"})  # fmt: skip
