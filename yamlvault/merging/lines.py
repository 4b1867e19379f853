"""Lines merged by git, and what it leaves as a conflict looked at more closely."""

from __future__ import annotations

import os
import subprocess
from difflib import SequenceMatcher
from tempfile import TemporaryDirectory
from typing import NamedTuple

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARKER_SIZE = 83  # no line of a file starts like that


class Hunk(NamedTuple):
    """Lines as the versions have them, each with its line break; the same where they agree.

    Attributes:
        ours: The lines of our version, or the merged ones.
        theirs: Those of theirs.
        base: Those of the common ancestor.
        is_conflict: Whether somebody has to choose.
    """

    ours: list[str]
    theirs: list[str]
    base: list[str]
    is_conflict: bool


def merge_lines(base: str, ours: str, theirs: str) -> list[Hunk]:
    """Merge three texts line by line, as git does.

    The texts go through a private folder: they must have no plaintext of secrets in them.

    Raises:
        YamlVaultError: There is no git.
    """
    with TemporaryDirectory(prefix="yamlvault-") as folder:
        names = []
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            names.append(os.path.join(folder, name))
            with open(names[-1], "wb") as file:
                file.write(text.encode())
        command = ["git", "merge-file", "-p", "--diff3", f"--marker-size={_MARKER_SIZE}", *names]
        try:
            done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  git
        except FileNotFoundError:
            raise YamlVaultError("there is no git, which merges lines", hint="install it") from None
    if done.returncode < 0 or done.returncode > 127:
        raise YamlVaultError(f"git merge-file failed with status {done.returncode}")
    return list(_hunks(done.stdout.decode()))


def _hunks(text: str) -> Iterator[Hunk]:
    marks = {mark * _MARKER_SIZE: number for number, mark in enumerate("<|=>")}
    parts: list[list[str]] = [[]]
    for line in split_lines(text):
        number = marks.get(line[:_MARKER_SIZE])
        if number is None:
            parts[-1].append(line)
        elif number == 3:
            (clean, ours, base, theirs) = parts
            yield Hunk(clean, clean, clean, is_conflict=False)
            yield Hunk(ours, theirs, base, is_conflict=True)
            parts = [[]]
        else:
            parts.append([])
    yield Hunk(parts[0], parts[0], parts[0], is_conflict=False)


def split_lines(text: str) -> list[str]:
    """Return the lines as git sees them: each ends with a line feed."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def settled(hunk: Hunk) -> Hunk:
    """Return a conflict without the part that is none: edits that touch, but don't overlap.

    git wants an unchanged line between two edits. Here each is made where it stands; lines that
    both sides insert at one place follow one another, ours first.
    """
    if not hunk.is_conflict:
        return hunk
    ours = _edits(hunk.base, hunk.ours)
    theirs = [edit for edit in _edits(hunk.base, hunk.theirs) if edit not in ours]
    for start, end, _ in ours:
        for other_start, other_end, _ in theirs:
            if start < other_end and other_start < end:
                return hunk
            is_insertion, other_is = start == end, other_start == other_end
            # an insertion inside of what the other replaces has no place there
            if is_insertion != other_is and (
                other_start < start < other_end or start < other_start < end
            ):
                return hunk
    merged: list[str] = []
    behind = 0
    for start, end, lines in sorted([*ours, *theirs], key=lambda edit: edit[:2]):
        merged += hunk.base[behind:start]
        merged += lines
        behind = max(behind, end)
    merged += hunk.base[behind:]
    merged = _with_line_breaks(merged)
    return Hunk(merged, merged, merged, is_conflict=False)


def _edits(base: list[str], side: list[str]) -> list[tuple[int, int, list[str]]]:
    matcher = SequenceMatcher(None, base, side, autojunk=False)
    return [
        (start, end, side[first:last])
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _with_line_breaks(lines: Sequence[str]) -> list[str]:
    """Return lines of which all but the last end with a line break."""
    return [*map(ended, lines[:-1]), *lines[-1:]]


def ended(text: str) -> str:
    """Return a text that ends with a line break, where it has a last line."""
    return text if text.endswith("\n") or not text else f"{text}\n"


def join(hunks: Sequence[Hunk], side: str = "ours") -> str:
    """Return the text of one side."""
    lines = [line for hunk in hunks for line in getattr(hunk, side)]
    return "".join(_with_line_breaks(lines))
