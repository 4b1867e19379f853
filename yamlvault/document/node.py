"""The nodes of a stream: what they are and where their text stands."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

STR_TAG = "tag:yaml.org,2002:str"
SEQ_TAG = "tag:yaml.org,2002:seq"
MAP_TAG = "tag:yaml.org,2002:map"


class Scalar:
    """A scalar.

    Attributes:
        value: The text after folding and unescaping.
        tag: The explicit tag, resolved; "!" where it stands alone; None without one.
        style: One of `'`, `"`, `|`, `>`, or "" for a plain scalar.
        anchor: The name of the anchor.
        start: The index of its first character: that of its tag or anchor where it has one.
        end: The index behind its last character. A block scalar ends as the format says (3.1).
        parent: The collection that holds it; None for a root.
        step: The way from the parent: the key node of a mapping's value, the index of a
            sequence's item, the index of the document for a root, None for a key.
        sealed: The sealed text, where it is sealed.
        encoded: N of the node (format, 4.2), kept for what stands in a mapping key.
    """

    __slots__ = (
        "anchor",
        "encoded",
        "end",
        "parent",
        "sealed",
        "start",
        "step",
        "style",
        "tag",
        "value",
    )

    def __init__(self, value: str, tag: str | None, style: str, start: int, end: int) -> None:
        self.value = value
        self.tag = tag
        self.style = style
        self.start = start
        self.end = end
        self.anchor: str | None = None
        self.parent: Collection | None = None
        self.step: Step = None
        self.sealed: str | None = None
        self.encoded: bytes | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no text stands for it: there is nothing to hide."""
        return not self.style and not self.value

    def __repr__(self) -> str:
        return f"<Scalar {self.start}:{self.end}>"  # never its value: reprs end up in logs


class Alias:
    """An alias: `target` is the nearest anchored node of its name before it."""

    __slots__ = ("encoded", "end", "name", "parent", "start", "step", "target")

    def __init__(self, name: str, target: Node, start: int, end: int) -> None:
        self.name = name
        self.target = target
        self.start = start
        self.end = end
        self.parent: Collection | None = None
        self.step: Step = None
        self.encoded: bytes | None = None


class Collection:
    """A mapping or a sequence.

    Attributes:
        children: The items; for a mapping keys and values by turns.
        is_mapping: Whether it is a mapping.
        is_flow: Whether it is written in flow style.
        in_key: Whether it is, or stands in, a mapping key.
        column: Of a block collection: the column of its first `-`, `?` or key, from 0.
        path: P of the node (format, 4.3), once it was asked for.
        keys: N of the keys seen so far, while it is composed.
    """

    __slots__ = (
        "anchor",
        "children",
        "column",
        "encoded",
        "end",
        "in_key",
        "is_flow",
        "is_mapping",
        "keys",
        "parent",
        "path",
        "start",
        "step",
        "tag",
    )

    def __init__(self, *, is_mapping: bool, is_flow: bool, tag: str | None, start: int) -> None:
        self.is_mapping = is_mapping
        self.is_flow = is_flow
        self.tag = tag
        self.start = start
        self.end = start
        self.column = 0
        self.anchor: str | None = None
        self.children: list[Node] = []
        self.parent: Collection | None = None
        self.step: Step = None
        self.in_key = False
        self.path: bytes | None = None
        self.encoded: bytes | None = None
        self.keys: set[bytes] | None = None

    @property
    def values(self) -> list[Node]:
        """The items of a sequence, the values of a mapping."""
        return self.children[1::2] if self.is_mapping else self.children


class Document:
    """One document of a stream.

    Attributes:
        root: Its root node.
        end: The index at which its text ends: that of `...`, of the next document, or of the
            end of the stream.
        tag_directives: The `%TAG` lines: handle to prefix.
    """

    __slots__ = ("end", "has_end_marker", "root", "start", "tag_directives")

    def __init__(self, start: int, tag_directives: dict[str, str]) -> None:
        self.start = start
        self.end = start
        self.has_end_marker = False
        self.tag_directives = tag_directives
        self.root: Node


class Stream:
    """A parsed stream.

    Attributes:
        text: The text that it was parsed from.
        documents: Its documents.
        nodes: All nodes, in the order in which they stand.
    """

    __slots__ = ("documents", "nodes", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.documents: list[Document] = []
        self.nodes: list[Node] = []


if TYPE_CHECKING:
    Node: TypeAlias = Scalar | Alias | Collection
    Step: TypeAlias = Node | int | None


def is_key(node: Node) -> bool:
    """Tell whether the node is a key of a mapping."""
    return node.step is None
