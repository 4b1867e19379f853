"""`.gitattributes`: the lines in it that are ours, and all others as they are."""

from __future__ import annotations

import re
from typing import NamedTuple

from yamlvault.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = ".gitattributes"
DRIVER = "yamlvault"
VALUES = f"diff={DRIVER} merge={DRIVER}"
_START = b"# yamlvault: lines of `yamlvault git install`, made from .yamlvault.yml"
_END = b"# yamlvault: end of these lines"
_LINE = re.compile(rb'[ \t]*("(?:[^"\\]|\\.)*"|[^ \t\r\n]+)[ \t]+(.*?)[ \t\r\n]*', re.DOTALL)
_OURS = re.compile(rb"[-!]?(diff|merge)(=.*)?|[-!]?binary", re.DOTALL)


class Rival(NamedTuple):
    """A line of somebody else's for a pattern of ours, about the same attributes."""

    number: int
    attributes: str


class Attributes:
    """The content of a `.gitattributes`.

    Attributes:
        patterns: The patterns in our lines, as they are written.
    """

    def __init__(self, data: bytes) -> None:
        """Find our lines.

        Raises:
            ConfigError: Their start or their end is missing.
        """
        self._before: list[bytes] = []
        self._after: list[bytes] = []
        self.patterns: list[str] = []
        lines = _lines(data)
        inside, has_block = 0, False
        for number, line in enumerate(lines, 1):
            bare = line.rstrip(b"\r\n")
            if bare == _START and not inside:
                inside, has_block = number, True
            elif bare == _END and inside:
                inside = 0
            elif bare in (_START, _END):
                raise _unbalanced(number)
            elif inside:
                self.patterns.append(_text(bare).removesuffix(f" {VALUES}"))
            else:
                (self._after if has_block else self._before).append(line)
        if inside:
            raise _unbalanced(inside)
        newline = b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
        self._newline = newline
        # our lines end a file whose own last line had no line break: they have none either
        self._is_open = bool(lines) and not lines[-1].endswith(b"\n")
        if has_block and not self._after and self._is_open and self._before:
            self._before[-1] = self._before[-1].removesuffix(newline)
        self.has_block = has_block

    def with_patterns(self, patterns: Sequence[str]) -> bytes:
        """Return the content with our lines for these patterns, where they were or at the end."""
        newline = self._newline
        ours = [_START, *(_bytes(f"{one} {VALUES}") for one in patterns), _END]
        block = newline.join(ours) + newline
        before = b"".join(self._before)
        if self._after or not self._is_open:
            return before + block + b"".join(self._after)
        return before + newline + block.removesuffix(newline)

    def without_block(self) -> bytes:
        """Return the content without our lines."""
        return b"".join([*self._before, *self._after])

    def rivals(self, patterns: Sequence[str]) -> Iterator[Rival]:
        """Yield the lines of others for the same patterns; with the numbers they have now."""
        wanted = set(map(_bytes, patterns))
        skipped = len(self.patterns) + 2 if self.has_block else 0
        for number, line in enumerate([*self._before, *self._after], 1):
            match = _LINE.fullmatch(line)
            if match is None or match[1] not in wanted:
                continue
            found = [word for word in match[2].split() if _OURS.fullmatch(word)]
            if found:
                place = number if number <= len(self._before) else number + skipped
                yield Rival(place, _text(b" ".join(found)))


def _bytes(text: str) -> bytes:
    # the patterns are UTF-8 in the rules and here, whatever the locale says of names of files
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _lines(data: bytes) -> list[bytes]:
    """Return the lines; for git only a line feed ends one."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1].removesuffix(b"\n")
    return lines if lines[-1] else lines[:-1]


def _unbalanced(number: int) -> ConfigError:
    return ConfigError(
        "the start or the end of the lines of `yamlvault git install` is missing",
        source=NAME,
        line=number,
        hint="delete what is left of them, and run it again",
    )
