"""Gaps: what is left out of loaded data, since it stands in a scope that does not open."""

from __future__ import annotations

from yamlvault.coverage import below
from yamlvault.document.node import Alias, Collection
from yamlvault.errors import NoKeyError
from yamlvault.format.metadata import name_of
from yamlvault.format.scope import label_of, with_ancestors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection as Numbers

    import yaml

    from yamlvault.document.node import Node
    from yamlvault.opening import Lock


class Gap:
    """The nodes of closed scopes, and all that stands in them."""

    def __init__(self, lock: Lock, closed: Numbers[int]) -> None:
        """Find the nodes.

        Raises:
            NoKeyError: An alias elsewhere stands for one of them: its value can't be given, and
                without it what it stands in would say something else.
        """
        self._documents = lock.source.stream.documents
        self._owners = lock.map
        self._closed = set(closed)
        if not self._closed:
            return
        nodes = lock.source.stream.nodes
        closed_or_around = with_ancestors(node for node in nodes if self._is_closed(node))
        for node in nodes:
            if isinstance(node, Alias) and id(node.target) in closed_or_around:
                if self._is_closed(node):
                    continue
                owners = map(self._owners.owner, below([node.target]))
                number = next(owner for owner in owners if owner in self._closed)
                scope = name_of(lock.metadata.scopes[int(str(number))])
                raise NoKeyError(
                    f"{label_of(node)} is an alias of what stands in scope {scope}, which does "
                    "not open here",
                    hint="load a part that needs no closed scope, by its path",
                )

    def without(self, document: int, root: yaml.Node) -> yaml.Node | None:
        """Take the nodes out of a document that PyYAML has composed.

        Returns:
            The root; None where nothing is left.
        """
        if not self._closed:
            return root
        first = self._documents[document].root
        if self._is_closed(first):
            return None
        # both parsers of one text: the trees have the same shape, but for aliases
        pending: list[tuple[Node, yaml.Node]] = [(first, root)]
        while pending:
            ours, theirs = pending.pop()
            if not isinstance(ours, Collection):
                continue
            entries = list(zip(ours.values, theirs.value, strict=True))
            theirs.value = [entry for node, entry in entries if not self._is_closed(node)]
            pending += [
                (node, entry[1] if ours.is_mapping else entry)
                for node, entry in entries
                if not self._is_closed(node)
            ]
        return root

    def _is_closed(self, node: Node) -> bool:
        return self._owners.owner(node) in self._closed
