"""Patterns of file names, as in `.gitignore`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_EMPTY_SETS = frozenset(("[]", "[!]", "[^]"))


def matches(pattern: str, path: str) -> bool:
    """Tell whether a pattern matches a path, as in `.gitignore`.

    Without a slash it is matched with the last component. `*` and `?` stay within a component,
    `**` goes over several, `[…]` is a set of characters.
    """
    if "/" not in pattern:
        path = path.rpartition("/")[2]
    found = expression(pattern)
    return found is not None and found.fullmatch(path) is not None


class Flaw(NamedTuple):
    """Why a pattern can match no file, and what to do about it."""

    message: str
    hint: str


def flaw(pattern: str, folder: str) -> Flaw | None:
    """Return why a pattern can match no file, or does not do what it seems to say; None if it can.

    Args:
        pattern: The pattern.
        folder: The absolute path of the folder that it is relative to.
    """
    if pattern.startswith("!"):
        return Flaw(
            "a pattern can't take files out again",
            "the first rule that matches holds: name the others more exactly",
        )
    prefix = folder.rstrip("/") + "/"
    if prefix != "/" and pattern.startswith(prefix):
        return Flaw(
            "an absolute path matches nothing: patterns are relative to this file's folder",
            f"write {pattern.removeprefix(prefix)}",
        )
    if pattern.endswith("/"):
        return Flaw("a folder is no file: this pattern matches nothing", f"write {pattern}**")
    if not {"", ".", ".."}.isdisjoint(pattern.removeprefix("/").split("/")):
        return Flaw(
            "a path with an empty component, `.` or `..` in it matches nothing",
            "patterns are relative to this file's folder, and for what is below it",
        )
    if expression(pattern) is None or not _EMPTY_SETS.isdisjoint(parts_of(pattern)):
        return Flaw(
            "a set that is empty, or whose range ends before it starts, matches nothing",
            "write it as in [a-z] or [!a-z]",
        )
    return None


@lru_cache(maxsize=1024)
def expression(pattern: str) -> re.Pattern[str] | None:
    """Return what a pattern means for a whole path, or for the last component without a slash.

    Returns:
        None where it matches nothing.
    """
    try:
        return re.compile("".join(_translated(pattern.removeprefix("/"))))
    except re.error:  # a range whose end comes before its start holds nothing
        return None


def parts_of(pattern: str) -> list[str]:
    """Return what a pattern consists of: wildcards, sets of characters, other characters."""
    return re.findall(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^]]*\]|.", pattern, re.DOTALL)


def _translated(pattern: str) -> Iterator[str]:
    for part in parts_of(pattern):
        if part == "**/":
            yield "(?:.*/)?"
        elif part == "**":
            yield ".*"
        elif part == "*":
            yield "[^/]*"
        elif part == "?":
            yield "[^/]"
        elif part[0] == "[" and len(part) > 1:
            inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
            if part in _EMPTY_SETS:
                yield "(?!)"  # nothing; with what follows Python would make another set of it
                continue
            # a set has no slash in it, whatever it is the opposite of
            yield f"(?!/)[{'^' + inner[1:] if inner.startswith('!') else inner}]"
        else:
            yield re.escape(part)
