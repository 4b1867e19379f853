"""Layout: how a file indents what it has."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.node import Collection
from yamlvault.document.text import newline_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from yamlvault.document.node import Stream

_STEP = 2  # columns, where a file shows no other number


class Layout(NamedTuple):
    """What new lines of a file are written like.

    Attributes:
        step: The columns from a mapping to the mappings in it.
        list_step: The columns from a mapping to the dashes of the lists in it.
        newline: The line break.
    """

    step: int
    list_step: int
    newline: str

    def within(self, parent: Collection) -> Layout:
        """Return what holds in a mapping: what it shows itself goes before what the file shows."""
        step = _most(_steps([parent], mappings=True))
        list_step = _most(_steps([parent], mappings=False))
        return self._replace(
            step=self.step if step is None else step,
            list_step=self.list_step if list_step is None else list_step,
        )


def layout_of(stream: Stream) -> Layout:
    """Return the layout that a stream has for the most part."""
    mappings = [node for node in stream.nodes if isinstance(node, Collection)]
    step = _most(_steps(mappings, mappings=True)) or _STEP
    list_step = _most(_steps(mappings, mappings=False))
    return Layout(step, step if list_step is None else list_step, newline_of(stream.text))


def _steps(parents: Iterable[Collection], *, mappings: bool) -> list[int]:
    """Return by how many columns block collections in block mappings are indented."""
    return [
        child.column - parent.column
        for parent in parents
        if parent.is_mapping and not parent.is_flow
        for child in parent.values
        if isinstance(child, Collection) and not child.is_flow and child.is_mapping == mappings
    ]


def _most(steps: list[int]) -> int | None:
    """Return the number that is there most often, the first of equals; None without one."""
    return max(dict.fromkeys(steps), key=steps.count) if steps else None
