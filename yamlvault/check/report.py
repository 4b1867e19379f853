"""The report on one file: findings are added to it, with the places of nodes."""

from __future__ import annotations

from yamlvault.check.finding import ERROR, Finding, found
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import Lines
from yamlvault.format.scope import label_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node


class Report:
    """What was found in a file.

    Args:
        file: Its name.
        text: Its text.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._text = text
        self._lines: Lines | None = None

    def add(
        self,
        code: str,
        node: Node,
        message: str,
        *,
        path: str | None = None,
        severity: str = ERROR,
        hint: str | None = None,
    ) -> None:
        """Add a finding at a node; its key path is that of the node, unless one is given."""
        if self._lines is None:
            self._lines = Lines(self._text)
        place = self._lines.position(node.start)
        path = _path_of(node) if path is None else path
        one = found(code, self.file, message, place, path=path, severity=severity, hint=hint)
        self.findings.append(one)


def _path_of(node: Node) -> str:
    """Return the key path of a node; for what stands in a mapping key, that of the mapping."""
    outermost, current = node, node
    while current.parent is not None:
        if current.step is None:
            outermost = current.parent
        current = current.parent
    return label_of(outermost)


def descend(node: Node, *steps: str | int) -> Node:
    """Return the node behind some keys and numbers of items, or the last one that is there."""
    for step in steps:
        if not isinstance(node, Collection):
            return node
        child = _child(node, step)
        if child is None:
            return node
        node = child
    return node


def _child(node: Collection, step: str | int) -> Node | None:
    if isinstance(step, int):
        return node.children[step] if step < len(node.children) else None
    for key, value in zip(node.children[::2], node.children[1::2], strict=True):
        if isinstance(key, Scalar) and key.value == step:
            return value
    return None
