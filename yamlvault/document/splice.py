"""Splicing: the one way in which text is changed."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(NamedTuple):
    """Put `text` in place of what stands from `start` to before `end`."""

    start: int
    end: int
    text: str

    def __repr__(self) -> str:
        return f"<Edit {self.start}:{self.end}>"  # its text can be plaintext


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with the edits made. They may come in any order but must not overlap."""
    parts = []
    behind = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < behind:
            raise AssertionError("edits overlap")
        parts.append(text[behind : edit.start])
        parts.append(edit.text)
        behind = edit.end
    parts.append(text[behind:])
    return "".join(parts)
