"""Bytes to text and back, and the lines in it."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right

from yaml.reader import Reader

from yamlvault.errors import DocumentError

LINE_BREAKS = "\r\n\x85\u2028\u2029"  # YAML 1.1, 5.4; PyYAML's two parsers agree on these


def decode(data: bytes) -> tuple[str, bool]:
    """Return the text of `data` without its byte order mark, and whether there was one.

    PyYAML's marks are off by one behind a byte order mark, so it never gets to see one.

    Raises:
        DocumentError: The bytes are not UTF-8.
    """
    bom = data.startswith(codecs.BOM_UTF8)
    try:
        return data[3 if bom else 0 :].decode(), bom
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        line, column = position(before, len(before))
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            hint = "it looks like UTF-16: save it as UTF-8"
        else:
            hint = "save it as UTF-8"
        raise DocumentError("not UTF-8", line=line, column=column, hint=hint) from None


def encode(text: str, *, bom: bool) -> bytes:
    """Return the bytes of `text`, the inverse of `decode`."""
    return (codecs.BOM_UTF8 if bom else b"") + text.encode()


def check_characters(text: str) -> None:
    """Refuse what YAML does not allow in a stream (YAML 1.1, 5.1).

    libyaml and pure PyYAML draw the line differently: this one rule holds for both.
    """
    match = Reader.NON_PRINTABLE.search(text)
    if match is not None:
        line, column = position(text, match.start())
        raise DocumentError(
            f"character U+{ord(match.group()):04X} is not allowed in YAML",
            line=line,
            column=column,
            hint='write it as an escape in double quotes, for example "\\x07"',
        )
    if "\ufeff" in text:
        _check_marks(text)


def _check_marks(text: str) -> None:
    """Refuse byte order marks at the start of a line: libyaml skips them, pure PyYAML does not."""
    index = text.find("\ufeff")
    while index >= 0:
        if index == 0 or text[index - 1] in LINE_BREAKS:
            line, column = position(text, index)
            raise DocumentError(
                "a byte order mark stands inside of the text",
                line=line,
                column=column,
                hint="delete the character U+FEFF; files that were joined have one each",
            )
        index = text.find("\ufeff", index + 1)


def position(text: str, index: int) -> tuple[int, int]:
    """Return line and column of `index`, both from 1."""
    start = line_start(text, index)
    count = sum(text.count(mark, 0, start) for mark in LINE_BREAKS)
    return count - text.count("\r\n", 0, start) + 1, index - start + 1


class Lines:
    """The lines of a text, for who asks for many positions in it."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._starts += (match.end() for match in re.finditer("\r\n|[\n\r\x85\u2028\u2029]", text))

    def position(self, index: int) -> tuple[int, int]:
        """Return line and column of `index`, both from 1; as the function of this name."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def line_start(text: str, index: int) -> int:
    """Return the index of the first character of the line that holds `index`."""
    return max(text.rfind(mark, 0, index) for mark in LINE_BREAKS) + 1


def newline_of(text: str) -> str:
    """Return the line break that the file uses: that of its first line."""
    feed = text.find("\n")
    carriage_return = text.find("\r", 0, feed if feed >= 0 else len(text))
    if carriage_return < 0:
        return "\n"
    return "\r\n" if carriage_return + 1 == feed else "\r"
