"""Which nodes belong to which scope, and what its sections are (format, 1, 2.2 and 5)."""

from __future__ import annotations

from yamlvault.document.node import STR_TAG, Alias, Collection, Scalar
from yamlvault.errors import FormatError, IntegrityError, KeyPathError
from yamlvault.format.encoding import encoded, sha256
from yamlvault.format.tags import scalar_tag
from yamlvault.keypath import Pattern, parse
from yamlvault.selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yamlvault.document.node import Node, Stream
    from yamlvault.format.metadata import Scope
    from yamlvault.keypath import KeyPath

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
    """The scopes of a stream and who owns what in it.

    Attributes:
        territories: What belongs to each scope.
        paths: The paths of all scopes.
        documents: The number of documents.
        is_one_whole: Whether one scope covers all.
    """

    def __init__(self, stream: Stream, scopes: Sequence[Scope]) -> None:
        """Find the roots of the scopes.

        Raises:
            FormatError: A node is the root of two scopes.
        """
        self._owner: dict[int, int] = {}
        self.paths = tuple(path for scope in scopes for path in scope.paths)
        self.documents = len(stream.documents)
        roots = [select(stream, map(_parse, scope.paths), allow_empty=True) for scope in scopes]
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
        self.is_one_whole = len(scopes) == 1 and (
            {id(document.root) for document in stream.documents} == self._owner.keys()
        )
        self._above = with_ancestors(node for nodes in roots for node in nodes)
        self._aliases = [node for node in stream.nodes if isinstance(node, Alias)]

    def is_root(self, node: Node) -> bool:
        """Tell whether a node is the root of a scope."""
        return id(node) in self._owner

    def holds_a_root(self, node: Node) -> bool:
        """Tell whether a node is the root of a scope, or holds one."""
        return id(node) in self._above

    def outside(self, number: int) -> list[Node]:
        """Return what aliases of a scope stand for and is not in it (format, 5.3)."""
        if self.is_one_whole:
            return []
        inside = [alias for alias in self._aliases if self.owner(alias) == number]
        pending = [alias.target for alias in inside if self.owner(alias.target) != number]
        found: dict[int, Node] = {}
        walked: set[int] = set()
        while pending:
            node = pending.pop()
            if id(node) in found or self.owner(node) == number:
                continue
            found[id(node)] = node
            pending += _targets_below(node, walked)
        return list(found.values())

    def check_aliases(self) -> None:
        """Refuse an alias that no scope covers and that stands for what is in one.

        Raises:
            IntegrityError: There is one: it would carry a secret to a place nobody vouches for.
        """
        if self.stray_alias() is not None:
            raise IntegrityError("an alias outside of the scopes stands for what is in one")

    def stray_alias(self) -> Alias | None:
        """Return an alias that no scope covers and that stands for what is in one, if there is."""
        for alias in self._aliases:
            if self.owner(alias) is None and self._holds_some(alias.target):
                return alias
        return None

    def _holds_some(self, node: Node) -> bool:
        return self.holds_a_root(node) or self.owner(node) is not None

    def owner(self, node: Node) -> int | None:
        """Return the number of the scope that a node belongs to: that of the nearest root."""
        current: Node | None = node
        while current is not None:
            number = self._owner.get(id(current))
            if number is not None:
                return number
            current = current.parent
        return None


def _parse(path: str) -> KeyPath:
    """Parse a path of a scope."""
    try:
        parsed = parse(path)
    except KeyPathError as error:
        raise FormatError(f"a scope has a malformed path: {error.message}") from None
    if any(isinstance(component, Pattern) for component in parsed.components):
        # a reader follows it before it has checked a MAC: an expression made to take for ever
        # must not be run
        raise FormatError("the path of a scope has a regular expression in it")
    return parsed


def label_of(node: Node) -> str:
    """Return the label of a node (format, 5.1)."""
    components: list[str] = []
    while node.parent is not None:
        components.append(_component(node))
        node = node.parent
    document = f"{node.step}:" if node.step else ""
    return f"{document}${''.join(reversed(components))}"


def with_ancestors(nodes: Iterable[Node]) -> set[int]:
    """Return the `id` of the nodes and of all that they stand in."""
    found: set[int] = set()
    for node in nodes:
        current: Node | None = node
        while current is not None and id(current) not in found:
            found.add(id(current))
            current = current.parent
    return found


def _targets_below(node: Node, walked: set[int]) -> list[Node]:
    """Return what the aliases in a subtree stand for, but for what was walked already."""
    targets, pending = [], [node]
    while pending:
        current = pending.pop()
        if id(current) in walked:
            continue
        walked.add(id(current))
        if isinstance(current, Alias):
            targets.append(current.target)
        elif isinstance(current, Collection):
            pending += current.children
    return targets


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
