"""Removal: one entry taken out of a document, all else left as it stands."""

from __future__ import annotations

from yamlvault.document.compose import compose
from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.document.span import Properties, skip_blank
from yamlvault.document.splice import Edit, splice
from yamlvault.document.text import LINE_BREAKS, line_start, position
from yamlvault.errors import DocumentError, KeyPathError
from yamlvault.keypath import Name
from yamlvault.selection import names_nothing, select
from yamlvault.source import same_structure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node, Stream
    from yamlvault.keypath import KeyPath


def remove(text: str, path: KeyPath) -> str:
    """Return a text without the entry of a mapping, or the item of a list, that a path names.

    Its lines go, with the comments on them and those indented below it; what stands above it
    stays. What had nothing else in it becomes `{}` or `[]`.

    Args:
        text: The text, without metadata.
        path: Names of keys and numbers of items only.

    Raises:
        KeyPathError: The path names nothing, several places, or the whole document.
        DocumentError: It can't be removed without changing something else.
    """
    stream = compose(text)
    node = _node(stream, path)
    entry = _Entry(text, node)
    removed = entry.nodes()
    _check_aliases(stream, removed, path)
    edits = entry.edits()
    entry.detach(stream, removed)
    without = splice(text, edits)
    try:
        again = compose(without)
    except DocumentError:
        raise _refusal(path) from None
    if not same_structure(stream, again):
        raise _refusal(path)
    return without


def _node(stream: Stream, path: KeyPath) -> Node:
    for component in path.components:
        if not isinstance(component, Name):
            raise KeyPathError(f"key path {path.text} does not name one place", hint="name keys")
    found = select(stream, [path])
    if not found:
        raise names_nothing(stream, path)
    if len(found) > 1:
        raise KeyPathError(
            f"key path {path.text} names {len(found)} places: one in each document",
            hint="remove it with yamlvault edit",
        )
    if found[0].parent is None:
        raise KeyPathError("$ is the whole document, which can't be removed", hint="name a part")
    return found[0]


def _check_aliases(stream: Stream, removed: set[int], path: KeyPath) -> None:
    for node in stream.nodes:
        if isinstance(node, Alias) and id(node.target) in removed and id(node) not in removed:
            line, column = position(stream.text, node.start)
            raise DocumentError(
                f"an alias here, *{node.name}, stands for what {path.text} has",
                line=line,
                column=column,
                hint="remove the alias first, or put a value in its place",
            )


class _Entry:
    """The entry of a mapping, or the item of a list, with its place among the others."""

    def __init__(self, text: str, node: Node) -> None:
        if node.parent is None:
            raise AssertionError("a root is no entry")
        self.text = text
        self.parent = node.parent
        width = 2 if self.parent.is_mapping else 1
        last = next(n for n, child in enumerate(self.parent.children) if child is node)
        self.first = last - width + 1
        self.own = self.parent.children[self.first : last + 1]
        self.before = self.parent.children[: self.first]
        self.behind = self.parent.children[last + 1 :]

    def nodes(self) -> set[int]:
        """Return the `id` of each node in it."""
        found, pending = set(), list(self.own)
        while pending:
            node = pending.pop()
            found.add(id(node))
            if isinstance(node, Collection):
                pending += node.children
        return found

    def detach(self, stream: Stream, removed: set[int]) -> None:
        """Take it out of the tree."""
        stream.nodes = [node for node in stream.nodes if id(node) not in removed]
        self.parent.children = [*self.before, *self.behind]

    def edits(self) -> list[Edit]:
        """Return the edits that take it out of the text."""
        if self.parent.is_flow:
            return [self._flow_edit()]
        start = self._start()
        is_first_on_line = not self.text[line_start(self.text, start) : start].strip(" ")
        if not self.before and not self.behind:
            return self._emptied(start, is_first_on_line=is_first_on_line)
        end = self._end()
        if is_first_on_line:
            return [Edit(line_start(self.text, start), end, "")]
        # behind a `-` or `?`: the next entry takes its place
        if self.parent.is_mapping:
            return [Edit(start, _key_start(self.text, self.behind[0]), "")]
        return [Edit(start, _dash(self.text, self.parent, end), "")]

    def _flow_edit(self) -> Edit:
        first, last = self.own[0], self.own[-1]
        if self.before:
            return Edit(self.before[-1].end, last.end, "")
        if self.behind:
            return Edit(first.start, self.behind[0].start, "")
        found = Properties(self.text, self.parent.start, self.parent.anchor)
        if self.text[found.content_start] not in "{[":
            return Edit(first.start, last.end, "{}")  # the pair of `[key: value]`
        end = skip_blank(self.text, last.end)
        return Edit(first.start, end + 1 if self.text[end] == "," else last.end, "")

    def _start(self) -> int:
        """Return where its key, its `?` or its `-` stands."""
        if self.parent.is_mapping:
            return _key_start(self.text, self.own[0])
        if self.before:
            return _dash(self.text, self.parent, self._line_behind(self.before))
        found = Properties(self.text, self.parent.start, self.parent.anchor)
        return _dash(self.text, self.parent, found.content_start)

    def _end(self) -> int:
        """Return where what is behind it starts: behind its last line, and comments below it."""
        index = self._line_behind(self.own)
        column = self.parent.column
        while index < len(self.text):
            end = _line_end(self.text, index)
            line = self.text[index:end]
            indent = len(line) - len(line.lstrip(" "))
            if not line.lstrip(" ").startswith("#") or indent <= column:
                return index
            index = end
        return index

    def _line_behind(self, nodes: list[Node]) -> int:
        return _line_end(self.text, self._text_end(nodes))

    def _text_end(self, nodes: list[Node]) -> int:
        """Return where the text of an entry ends, or a place on its last line."""
        last = nodes[-1]
        key = nodes[0] if self.parent.is_mapping else None
        while isinstance(last, Collection) and not last.is_flow and last.children:
            key = last.children[-2] if last.is_mapping else None
            last = last.children[-1]
        if last.end > last.start:
            return last.end
        # empty: the two parsers report different places for what has no text
        if key is None:
            return self._empty_item(last)
        colon = skip_blank(self.text, key.end)
        return colon if self.text[colon : colon + 1] == ":" else key.end

    def _empty_item(self, item: Node) -> int:
        index = item.start
        while self.text[index - 1] != "-":
            index -= 1
        return index

    def _emptied(self, start: int, *, is_first_on_line: bool) -> list[Edit]:
        """Return the edits that leave an empty collection."""
        empty = "{}" if self.parent.is_mapping else "[]"
        end = self._text_end(self.own)
        key = self.parent.step
        if not is_first_on_line or not isinstance(key, Scalar):
            end = _line_end(self.text, end)
            while self.text[end - 1] in LINE_BREAKS:
                end -= 1
            return [Edit(start, end, empty)]
        behind = skip_blank(self.text, key.end) + 1  # its colon
        if self.parent.anchor is not None or self.parent.tag is not None:
            found = Properties(self.text, self.parent.start, self.parent.anchor)
            behind = max(found.anchor_end, found.tag_end)
        lines = line_start(self.text, start)
        return [Edit(behind, behind, f" {empty}"), Edit(lines, self._end(), "")]


def _key_start(text: str, key: Node) -> int:
    """Return where an entry of a block mapping starts: at its key, or the `?` in front of it."""
    start = key.start
    while text[start - 1 : start] == " ":
        start -= 1
    return start - 1 if text[start - 1 : start] == "?" else key.start


def _dash(text: str, sequence: Collection, index: int) -> int:
    """Return where the first `-` of a block sequence at or behind `index` stands."""
    while True:
        line = line_start(text, index)
        start = line + sequence.column
        is_alone = index > line or not text[line:start].strip(" ")
        if start >= index and text[start : start + 1] == "-" and is_alone:
            return start
        following = _line_end(text, index)
        if following == index:
            raise AssertionError("an item has no dash")
        index = following


def _line_end(text: str, index: int) -> int:
    """Return where the line behind the one that holds `index` starts."""
    while index < len(text) and text[index] not in LINE_BREAKS:
        index += 1
    if text.startswith("\r\n", index):
        return index + 2
    return min(index + 1, len(text))


def _refusal(path: KeyPath) -> DocumentError:
    return DocumentError(
        f"{path.text} can't be removed without changing something else; nothing was written",
        hint="remove it with yamlvault edit",
    )
