"""Leaves for a comparison: what has a value of its own in a file, by its path."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.node import MAP_TAG, SEQ_TAG, Alias, Collection, Scalar
from yamlvault.format.encoding import path_of
from yamlvault.format.payload import reading_of
from yamlvault.format.scope import label_of
from yamlvault.format.tags import NULL_TAG, scalar_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node
    from yamlvault.review.view import View

ALIAS = "alias"


class Leaf(NamedTuple):
    """A node of a file, without what stands below it.

    Attributes:
        path: Its key path, for people.
        tag: The resolved tag; `ALIAS` for an alias; "" where it does not open.
        value: The text; the path of what an alias stands for; "" for a collection, and where it
            does not open.
        sealed: The sealed text; None for plaintext.
        is_collection: Whether it is a mapping or a sequence.
        is_empty: Whether it is one with nothing in it.
    """

    path: str
    tag: str
    value: str
    sealed: str | None = None
    is_collection: bool = False
    is_empty: bool = False

    def __repr__(self) -> str:
        return "<Leaf>"  # its value can be plaintext

    @property
    def is_open(self) -> bool:
        """Whether its value is known."""
        return bool(self.tag)

    @property
    def content(self) -> tuple[str, str]:
        """What counts as its value: equal for what reads the same."""
        return self.tag, self.value


def leaves(view: View) -> dict[bytes, Leaf]:
    """Return the leaves of a file by P of their nodes (format, 4.3)."""
    readings = {id(item.scalar): item.reading for item in view.opened}
    found = {}
    for node in view.source.stream.nodes:
        if node.encoded is not None or (isinstance(node, Collection) and node.in_key):
            continue  # it stands in a key
        path = path_text(node)
        if isinstance(node, Alias):
            leaf = Leaf(path, ALIAS, path_text(node.target))
        elif isinstance(node, Collection):
            default = MAP_TAG if node.is_mapping else SEQ_TAG
            tag = default if node.tag in (None, "!") else str(node.tag)
            leaf = Leaf(path, tag, "", is_collection=True, is_empty=not node.children)
        elif node.sealed is None:
            leaf = Leaf(path, *reading_of(node)[:2])
        elif id(node) in readings:
            leaf = Leaf(path, *readings[id(node)][:2], node.sealed)
        else:
            leaf = Leaf(path, "", "", node.sealed)
        found[path_of(node)] = leaf
    return found


def path_text(node: Node) -> str:
    """Return the key path of a node (docs/key-paths.md), or its label where that has no path."""
    components: list[str] = []
    last = node
    while last.parent is not None:
        components.append(_component(last))
        last = last.parent
    document = f"{last.step}:" if last.step else ""
    return f"{document}${''.join(reversed(components))}"


def _component(node: Node) -> str:
    key = node.step
    if isinstance(key, int):
        return f"[{key}]"
    if isinstance(key, Alias):
        key = key.target
    if not isinstance(key, Scalar):  # no key path names it: its label does (format, 5.1)
        return f".{label_of(node).rpartition('.')[2]}"
    name = "null" if scalar_tag(key) == NULL_TAG else key.value
    if name and not any(mark in name for mark in " .,[]'\"/*\\"):
        return f".{name}"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'."{escaped}"'
