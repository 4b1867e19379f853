"""Where the parts of a node stand in its text."""

from __future__ import annotations

from yamlvault.document.text import LINE_BREAKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Collection

_WHITE_SPACE = " \t" + LINE_BREAKS
_END_OF_TAG = _WHITE_SPACE + ",[]{}"


class Properties:
    """The tag and the anchor in front of a node: indexes into the text, -1 where there is none."""

    __slots__ = ("anchor_end", "anchor_start", "content_start", "tag_end", "tag_start")

    def __init__(self, text: str, start: int, anchor: str | None) -> None:
        """Find the properties of the node that starts at `start` (YAML 1.1, 6.9)."""
        self.tag_start = self.tag_end = self.anchor_start = self.anchor_end = -1
        index = start
        while True:
            mark = text[index : index + 1]
            if mark == "&" and self.anchor_start < 0 and anchor is not None:
                self.anchor_start = index
                index = self.anchor_end = index + 1 + len(anchor)
            elif mark == "!" and self.tag_start < 0:
                self.tag_start = index
                index = self.tag_end = _end_of_tag(text, index)
            else:
                break
            index = skip_blank(text, index)
        self.content_start = index


def _end_of_tag(text: str, index: int) -> int:
    if text.startswith("!<", index):
        return text.index(">", index) + 1
    while index < len(text) and text[index] not in _END_OF_TAG:
        index += 1
    return index


def skip_blank(text: str, index: int) -> int:
    """Return the index of the next character that is neither white space nor in a comment."""
    while index < len(text):
        if text[index] == "#":
            while index < len(text) and text[index] not in LINE_BREAKS:
                index += 1
        elif text[index] not in _WHITE_SPACE:
            break
        else:
            index += 1
    return index


def scalar_end(text: str, start: int, end: int, style: str) -> int:
    """Return where the scalar between two marks of PyYAML ends (format, 3.1).

    The end mark of a block scalar stands behind the line breaks that follow it.
    """
    if style in ("'", '"'):
        return end
    if not style:
        while text[end - 1] in _WHITE_SPACE and end > start:
            end -= 1
        return end
    last = end
    while last > start and text[last - 1] in LINE_BREAKS:
        last -= 1
    if last == end or not _keeps_line_breaks(text, start):
        return last
    return end - (2 if text.endswith("\r\n", last, end) else 1)


def _keeps_line_breaks(text: str, start: int) -> bool:
    """Tell whether the header of a block scalar says `+`; a comment may follow it."""
    header = start + 1
    return "+" in text[header : header + 2]


def block_column(parent: Collection | None) -> int:
    """Return the column of the innermost block collection from `parent` up; 0 without one."""
    while parent is not None and parent.is_flow:
        parent = parent.parent
    return 0 if parent is None else parent.column
