"""Which nodes belong to which scope, and what its sections are (format, 1, 2.2 and 5)."""

from __future__ import annotations

from yamlvault.document.node import STR_TAG, Collection, Scalar
from yamlvault.errors import FormatError
from yamlvault.format.encoding import encoded, sha256
from yamlvault.format.tags import scalar_tag
from yamlvault.keypath import parse, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.node import Node, Stream
    from yamlvault.format.metadata import Scope

SECTION, FOREIGN = b"#", b"X"


class Territory:
    """The nodes of one scope.

    Attributes:
        roots: Its roots, in the order of the stream.
        sections: The children of the roots that are collections, by their label.
        foreign: What stands in for the roots of the other scopes, by `id`.
    """

    __slots__ = ("foreign", "roots", "sections")

    def __init__(self, roots: list[Node], foreign: dict[int, bytes]) -> None:
        self.roots = roots
        self.foreign = foreign
        self.sections = {
            label_of(child): child
            for root in roots
            if isinstance(root, Collection)
            for child in root.values
            if isinstance(child, Collection) and id(child) not in foreign
        }


class Map:
    """The scopes of a stream and who owns what in it."""

    def __init__(self, stream: Stream, scopes: Sequence[Scope]) -> None:
        """Find the roots of the scopes.

        Raises:
            FormatError: A node is the root of two scopes.
        """
        self._owner: dict[int, int] = {}
        roots = [
            select(stream, [parse(path) for path in scope.paths], allow_empty=True)
            for scope in scopes
        ]
        for number, nodes in enumerate(roots):
            for node in nodes:
                if self._owner.setdefault(id(node), number) != number:
                    raise FormatError("two scopes have the same root")
        self.territories = [
            Territory(
                nodes, {node: FOREIGN for node, owner in self._owner.items() if owner != number}
            )
            for number, nodes in enumerate(roots)
        ]

    def owner(self, node: Node) -> int | None:
        """Return the number of the scope that a node belongs to: that of the nearest root."""
        current: Node | None = node
        while current is not None:
            number = self._owner.get(id(current))
            if number is not None:
                return number
            current = current.parent
        return None


def label_of(node: Node) -> str:
    """Return the label of a node (format, 5.1)."""
    components: list[str] = []
    while node.parent is not None:
        components.append(_component(node))
        node = node.parent
    document = f"{node.step}:" if node.step else ""
    return f"{document}${''.join(reversed(components))}"


def _component(node: Node) -> str:
    key = node.step
    if isinstance(key, int):
        return f"[{key}]"
    if key is None:
        raise AssertionError("a mapping key has no label")
    if isinstance(key, Scalar) and scalar_tag(key) == STR_TAG:
        if (
            key.value.isascii()
            and key.value.replace("-", "_").isidentifier()
            and key.value[0] != "-"
        ):
            return f".{key.value}"
        import json

        return f".{json.dumps(key.value, ensure_ascii=False)}"
    return f".!{sha256(encoded(key))[:8].hex()}"
