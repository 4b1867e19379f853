"""Where the metadata stands in a stream, how it gets there and out again (format, 2.1)."""

from __future__ import annotations

from yamlvault.document.node import Collection, Scalar, Stream
from yamlvault.document.span import Properties, skip_blank
from yamlvault.document.splice import Edit
from yamlvault.document.text import LINE_BREAKS, line_start, newline_of, position
from yamlvault.errors import DocumentError
from yamlvault.format.metadata import KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node
    from yamlvault.format.metadata import Metadata


_INDICATORS = ("?", ":")


class Place:
    """Where the metadata stands.

    Attributes:
        node: The node that holds it.
        removal: The edit that takes it out.
    """

    __slots__ = ("node", "removal")

    def __init__(self, node: Node, removal: Edit) -> None:
        self.node = node
        self.removal = removal


def find(stream: Stream) -> Node | None:
    """Return the node of the metadata, or None."""
    index = _key_index(stream)
    if index is None:
        return None
    root = stream.documents[-1].root
    return root.children[index + 1] if isinstance(root, Collection) else None


def take_out(stream: Stream) -> Place | None:
    """Take the metadata out of the tree, so that the data alone is left in it."""
    index = _key_index(stream)
    if index is None:
        return None
    document = stream.documents[-1]
    root = document.root
    if not isinstance(root, Collection):
        raise TypeError("the metadata is in a mapping")
    key, value = root.children[index : index + 2]
    first = _index_from_end(stream.nodes, key)
    count = _count(key) + _count(value)
    own = stream.nodes[first : first + count]
    end = max(node.end for node in own if not _is_block(node))
    if len(root.children) == 2 and (len(stream.documents) > 1 or not root.is_flow):
        # the document holds nothing else: it goes as a whole, or there was no document at all
        end = root.end if root.is_flow else end
        start = document.start if len(stream.documents) > 1 else line_start(stream.text, key.start)
        stream.documents.pop()
        del stream.nodes[_index_from_end(stream.nodes, root) :]
        return Place(value, _line_removal(stream.text, start, end))
    del stream.nodes[first : first + count]
    del root.children[index : index + 2]
    if root.is_flow:
        return Place(value, _flow_removal(stream.text, root, index, key, value))
    return Place(value, _line_removal(stream.text, line_start(stream.text, key.start), end))


def _key_index(stream: Stream) -> int | None:
    if not stream.documents:
        return None
    root = stream.documents[-1].root
    if isinstance(root, Collection) and root.is_mapping:
        for index in range(len(root.children) - 2, -1, -2):
            key = root.children[index]
            if isinstance(key, Scalar) and key.value == KEY and key.tag is None:
                return index
    return None


def _count(node: Node) -> int:
    """Return the number of nodes in a subtree."""
    count, pending = 0, [node]
    while pending:
        count += 1
        last = pending.pop()
        if isinstance(last, Collection):
            pending.extend(last.children)
    return count


def _index_from_end(nodes: list[Node], node: Node) -> int:
    return next(index for index in range(len(nodes) - 1, -1, -1) if nodes[index] is node)


def _is_block(node: Node) -> bool:
    """Tell whether the end mark of the node stands somewhere behind it: at the next token."""
    return isinstance(node, Collection) and not node.is_flow


def _line_removal(text: str, start: int, end: int) -> Edit:
    """Take out whole lines: with the line break behind them, or else with that in front."""
    width = _line_break_at(text, end)
    if not width and end == len(text):
        if start >= 2 and text[start - 2 : start] == "\r\n":
            return Edit(start - 2, end, "")
        if start >= 1:
            return Edit(start - 1, end, "")
    return Edit(start, end + width, "")


def _line_break_at(text: str, index: int) -> int:
    if text.startswith("\r\n", index):
        return 2
    return 1 if text[index : index + 1] in tuple(LINE_BREAKS) else 0


def _flow_removal(text: str, root: Collection, index: int, key: Node, value: Node) -> Edit:
    if index > 0:
        return Edit(_end_of_entries(text, root, root.children[:index]), value.end, "")
    end = value.end
    while text[end : end + 1] in tuple(" \t,"):  # a tool has put other keys behind it
        end += 1
    return Edit(key.start, end if text[value.end : end].count(",") else value.end, "")


def insertion(stream: Stream, metadata: Metadata) -> Edit:
    """Return the edit that puts the metadata into a stream that has none in its tree.

    Raises:
        DocumentError: The file uses the key for itself.
    """
    from yamlvault.format.emit import in_block

    text, newline = stream.text, newline_of(stream.text)
    if len(stream.documents) == 1:
        document = stream.documents[0]
        root = document.root
        if isinstance(root, Collection) and root.is_mapping:
            if root.is_flow:
                return _into_flow(text, root, metadata, newline)
            index = document.end if document.has_end_marker else len(text)
            return _as_lines(text, index, in_block(metadata, newline, root.column), newline)
    lines = in_block(metadata, newline, 0)
    head = f"---{newline}" if stream.documents else ""
    return _as_lines(text, len(text), head + lines, newline)


def _as_lines(text: str, index: int, lines: str, newline: str) -> Edit:
    """Insert lines. A text without a last line break stays without one."""
    if index == len(text) and text and text[-1] not in LINE_BREAKS:
        return Edit(index, index, newline + lines.removesuffix(newline))
    return Edit(index, index, lines)


def _into_flow(text: str, root: Collection, metadata: Metadata, newline: str) -> Edit:
    from yamlvault.format.emit import in_flow

    content = Properties(text, root.start, root.anchor).content_start
    if not root.children:
        return Edit(content + 1, content + 1, in_flow(metadata, newline, None))
    first, last = root.children[0], root.children[-1]
    end = _end_of_entries(text, root, root.children)
    indent = None
    if any(mark in text[content : first.start] for mark in LINE_BREAKS):
        indent = first.start - line_start(text, first.start)
    lead = f",{newline}{' ' * indent}" if indent is not None else ", "
    if isinstance(last, Scalar) and last.is_empty:
        lead = " " + lead  # the comma behind `:` would start a plain scalar, behind a tag end none
    return Edit(end, end, lead + in_flow(metadata, newline, indent))


def _end_of_entries(text: str, root: Collection, children: list[Node]) -> int:
    """Return where the text of some entries ends.

    Empty scalars have no text, and the two parsers report them at different places: what counts
    is the last `?` or `:` of theirs.
    """
    written = [child for child in children if child.end > child.start]
    start = Properties(text, root.start, root.anchor).content_start
    end = written[-1].end if written else start + 1
    if written and written[-1] is children[-1]:
        return end
    while True:
        index = skip_blank(text, end)
        behind_comma = skip_blank(text, index + 1)
        if text[index] in _INDICATORS:
            end = index + 1
        elif text[index] == "," and text[behind_comma] in _INDICATORS:
            end = behind_comma + 1
        else:
            return end


def check_key_is_free(stream: Stream) -> None:
    """Refuse a stream that uses the top-level key of the metadata for something else."""
    for document in stream.documents:
        root = document.root
        if not isinstance(root, Collection) or not root.is_mapping:
            continue
        for key in root.children[::2]:
            if isinstance(key, Scalar) and key.value == KEY:
                line, column = position(stream.text, key.start)
                raise DocumentError(
                    f"the top-level key `{KEY}` is reserved for the metadata",
                    line=line,
                    column=column,
                    hint="name the key differently",
                )
