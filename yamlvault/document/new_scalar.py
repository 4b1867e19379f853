"""New scalars: how a value that was not in the document before is written."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.node import STR_TAG, Scalar
from yamlvault.document.quote import double_quoted
from yamlvault.format.tags import plain_tag

# what can stand for itself in every place and to every reader
_SAFE_STARTS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/+")
_SAFE = _SAFE_STARTS | frozenset("-.=@")


class Value(NamedTuple):
    """A value to be written.

    Attributes:
        value: Its text.
        source: How it is written where it is no string; None for a string.
        can_be_block: Whether several lines may be written as a block scalar.
    """

    value: str
    source: str | None = None
    can_be_block: bool = True

    def __repr__(self) -> str:
        return "<Value>"  # it is plaintext

    def written(self, column: int | None, newline: str) -> str:
        """Return the text of the scalar.

        Args:
            column: Where the lines of a block scalar start; None where none can stand.
            newline: The line break of the file.
        """
        if self.source is not None:
            return self.source
        if column is None or not self.can_be_block:
            return name_text(self.value)
        return _block(self.value, column, newline)

    def on_one_line(self) -> Value:
        """Return the value, to be written on one line."""
        return self._replace(can_be_block=False)

    def is_value_of(self, scalar: Scalar) -> bool:
        """Tell whether a scalar reads as this value."""
        is_text = bool(scalar.style) or plain_tag(scalar.value) == STR_TAG
        return scalar.value == self.value and (is_text or self.source is not None)


def name_text(text: str) -> str:
    """Return a string as a scalar on one line: plain where that is safe, else in quotes."""
    return text if _is_plain(text) else double_quoted(text)


def _block(value: str, column: int, newline: str) -> str:
    lines = value.split("\n")
    is_block = len(lines) > 1 and newline == "\n" and lines[0][:1] not in ("", " ")
    if not is_block or not all(map(_is_a_line, lines)):
        return name_text(value)
    breaks = len(value) - len(value.rstrip("\n"))
    ending = {0: "-", 1: ""}.get(breaks, "+")
    body = "\n".join(" " * column + line if line else "" for line in lines)
    return f"|{ending}\n{body.removesuffix(newline)}"


def _is_a_line(line: str) -> bool:
    return line.isprintable() and line == line.rstrip(" ")


def _is_plain(text: str) -> bool:
    return (
        text[:1] in _SAFE_STARTS
        and bool(text)
        and _SAFE.issuperset(text)
        and plain_tag(text) == STR_TAG
        and not text.startswith("yv1.")
    )
