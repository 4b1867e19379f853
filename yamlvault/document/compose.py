"""Events to a tree of nodes with their spans."""

from __future__ import annotations

from yaml import events as ev

from yamlvault.document import events
from yamlvault.document.node import Alias, Collection, Document, Scalar, Stream
from yamlvault.document.span import Properties, scalar_end
from yamlvault.document.text import LINE_BREAKS, line_start, position
from yamlvault.errors import DocumentError
from yamlvault.format.encoding import encode, encode_key
from yamlvault.format.sealed import PREFIX, looks_sealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from yamlvault.document.events import Event, Mark
    from yamlvault.document.node import Node

# safe_load recurses, three frames a level: a deeper document would end it with a RecursionError
MAX_DEPTH = 200
_PROPERTY = ("&", "!")


def compose(text: str, parser: str | None = None) -> Stream:
    """Return the tree of a stream.

    Args:
        text: The stream, without a byte order mark.
        parser: A name of `yamlvault.document.events.PARSERS`; both give the same tree.

    Raises:
        DocumentError: The text is not YAML, or has duplicate keys, an unknown alias or a nesting
            deeper than `MAX_DEPTH`.
    """
    composer = _Composer(text)
    handlers: dict[type, Callable[[Event], None]] = {
        ev.ScalarEvent: composer.scalar,
        ev.AliasEvent: composer.alias,
        ev.MappingStartEvent: composer.collection,
        ev.SequenceStartEvent: composer.collection,
        ev.MappingEndEvent: composer.collection_end,
        ev.SequenceEndEvent: composer.collection_end,
        ev.DocumentStartEvent: composer.document,
        ev.DocumentEndEvent: composer.document_end,
        ev.StreamStartEvent: _nothing,
        ev.StreamEndEvent: _nothing,
    }
    for event in events.parse(text, parser):
        handlers[type(event)](event)
    return composer.stream


def _nothing(_: Event) -> None:
    pass


class _Composer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.stream = Stream(text)
        self.parent: Collection | None = None
        self.depth = 0
        self.anchors: dict[str, Scalar | Collection] = {}

    def document(self, event: Event) -> None:
        self.stream.documents.append(Document(event.start_mark.index, event.tags or {}))
        self.anchors = {}

    def document_end(self, event: Event) -> None:
        document = self.stream.documents[-1]
        document.end = event.start_mark.index
        document.has_end_marker = bool(event.explicit)

    def scalar(self, event: Event) -> None:
        text, start, end = self.text, event.start_mark.index, event.end_mark.index
        style = event.style or ""
        tag, value = event.tag, event.value
        content = start
        if end > start and text[start] in _PROPERTY:
            tag, content = self.properties(event)
        if style == "'" and text[content : content + 1] != "'":
            style = ""
        if not value.isascii():
            self.check_surrogates(value, event.start_mark)
        node = Scalar(value, tag, style, start, scalar_end(text, content, end, style))
        in_key = self.place(node)
        if event.anchor is not None:
            node.anchor = event.anchor
            self.anchors[event.anchor] = node
        if in_key:
            self.close_key_node(node, event.start_mark)
        elif tag is None and value[:4] == PREFIX and looks_sealed(value):
            node.sealed = value

    def properties(self, event: Event) -> tuple[str | None, int]:
        """Return the tag and where the content starts.

        The text is asked since the parsers report the tag `!` differently.
        """
        found = Properties(self.text, event.start_mark.index, event.anchor)
        if found.tag_start < 0:
            return None, found.content_start
        lone = self.text[found.tag_start : found.tag_end] in ("!", "!<!>")
        return "!" if lone else event.tag, found.content_start

    def collection_properties(self, event: Event) -> tuple[str | None, int]:
        """Return the tag and where the first key or item starts.

        What stands in front of the first key of a block mapping, on its line, is the key's own:
        in `&name`, a line break, and `!!str key: value` the mapping has no tag.
        """
        tag, content = self.properties(event)
        found = Properties(self.text, event.start_mark.index, event.anchor)
        if (
            not event.flow_style
            and found.tag_start > found.anchor_start
            and isinstance(event, ev.MappingStartEvent)
            and not any(mark in self.text[found.tag_end : content] for mark in LINE_BREAKS)
        ):
            return None, found.tag_start
        return tag, content

    def check_surrogates(self, value: str, mark: Mark) -> None:
        try:
            value.encode()
        except UnicodeEncodeError:  # pure PyYAML lets "\ud800" through, libyaml does not
            raise self.refusal("an escape names half of a surrogate pair", mark) from None

    def alias(self, event: Event) -> None:
        target = self.anchors.get(event.anchor)
        if target is None:
            # its name is not shown: an unquoted password can start with `*`
            raise DocumentError(
                "an alias has no anchor before it",
                line=event.start_mark.line + 1,
                column=event.start_mark.column + 1,
                hint="a text that starts with * must be quoted",
            )
        node = Alias(event.anchor, target, event.start_mark.index, event.end_mark.index)
        if self.place(node):
            self.close_key_node(node, event.start_mark)

    def collection(self, event: Event) -> None:
        mark = event.start_mark
        tag, column = event.tag, mark.column
        # not by the text: a tag or an anchor there can be that of the first key
        if event.anchor is not None or tag is not None:
            tag, content = self.collection_properties(event)
            column = content - line_start(self.text, content)
        node = Collection(
            is_mapping=isinstance(event, ev.MappingStartEvent),
            is_flow=bool(event.flow_style),
            tag=tag,
            start=mark.index,
        )
        node.column = column
        node.in_key = self.place(node)
        if event.anchor is not None:
            node.anchor = event.anchor
            self.anchors[event.anchor] = node
        if node.is_mapping:
            node.keys = set()
        self.parent = node
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.refusal(f"nested more than {MAX_DEPTH} levels deep", mark)

    def collection_end(self, event: Event) -> None:
        node = self.parent
        if node is None:
            raise AssertionError("a collection ends that did not start")
        node.end = event.end_mark.index
        node.keys = None
        self.parent = node.parent
        self.depth -= 1
        if node.in_key:
            line, column = position(self.text, node.start)
            self.close_key_node(node, None, line, column)

    def place(self, node: Node) -> bool:
        """Put the node into the tree; return whether it stands in a mapping key."""
        self.stream.nodes.append(node)
        parent = self.parent
        if parent is None:
            node.step = len(self.stream.documents) - 1
            self.stream.documents[-1].root = node
            return False
        node.parent = parent
        children = parent.children
        in_key = parent.in_key
        if not parent.is_mapping:
            node.step = len(children)
        elif len(children) % 2:
            node.step = children[-1]
        else:
            in_key = True
        children.append(node)
        return in_key

    def close_key_node(self, node: Node, mark: Mark | None, line: int = 0, column: int = 0) -> None:
        """Compute N of a node in a key, and refuse a key that the mapping has already."""
        node.encoded = encode_key(node)
        if node.step is not None or node.parent is None or node.parent.keys is None:
            return
        keys = node.parent.keys
        same = node.encoded
        if isinstance(node, Alias) and isinstance(node.target, Scalar):
            same = encode(node.target)  # the same key as the text that it stands for
        if same in keys:
            hint = "a mapping has each key once"
            if isinstance(node, Scalar) and node.value == "<<":
                hint = "merge several mappings with one key: <<: [*first, *second]"
            if mark is not None:
                line, column = mark.line + 1, mark.column + 1
            raise DocumentError("duplicate key", line=line, column=column, hint=hint)
        keys.add(same)

    def refusal(self, message: str, mark: Mark) -> DocumentError:
        return DocumentError(message, line=mark.line + 1, column=mark.column + 1)
