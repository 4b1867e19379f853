"""Conflict markers: both sides of what is left to choose, in the lines of the file."""

from __future__ import annotations

from yamlvault.errors import DocumentError
from yamlvault.merging.lines import ended, split_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yamlvault.document.splice import Edit
    from yamlvault.merging.lines import Hunk

SIZE = 7  # of a marker, if git says nothing else


def marked(
    parts: Iterable[tuple[str, str | None]], names: tuple[str, str], size: int = SIZE
) -> str:
    """Return a text with markers around what is left to choose.

    Args:
        parts: What our side has of the text, piece by piece, and where a piece is in conflict
            what theirs has in its place.
        names: What stands behind the markers.
        size: The length of a marker.
    """
    texts = []
    for ours, theirs in parts:
        if theirs is None:
            texts.append(ours)
        else:
            texts += [f"{'<' * size} {names[0]}\n", ended(ours), f"{'=' * size}\n"]
            texts += [ended(theirs), f"{'>' * size} {names[1]}\n"]
    return "".join(texts)


def cut(hunks: Sequence[Hunk], side: str, text: str, insertion: Edit | None = None) -> list[str]:
    """Return the pieces of a text that are of each hunk.

    Args:
        hunks: The hunks, whose lines are those of the text.
        side: Of which side the text is.
        text: The text.
        insertion: What else is to stand in it, by its place there.

    Raises:
        DocumentError: The text has other lines.
    """
    lines = split_lines(text)
    counts = [len(getattr(hunk, side)) for hunk in hunks]
    if sum(counts) != len(lines):
        raise DocumentError("the conflicts can't be shown line by line")
    pieces = []
    behind = offset = 0
    for count in counts:
        piece = "".join(lines[behind : behind + count])
        behind, end = behind + count, offset + len(piece)
        is_last = behind == len(lines)
        if insertion is not None and (
            offset <= insertion.start < end or (is_last and insertion.start >= end)
        ):
            place = insertion.start - offset
            piece = piece[:place] + insertion.text + piece[place:]
            insertion = None
        pieces.append(piece)
        offset = end
    return pieces
