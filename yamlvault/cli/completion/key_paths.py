"""The key paths of a document that complete one that is being typed."""

from __future__ import annotations

from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.format.tags import MERGE_TAG, NULL_TAG, scalar_tag
from yamlvault.keypath import component_text, parse
from yamlvault.selection import matches_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yamlvault.document.node import Node, Stream
    from yamlvault.keypath import Component

_MOST_LEVELS = 50  # an alias can lead into what it stands in


class Typed:
    """What is typed of a key path, or of several.

    Attributes:
        stem: The paths in front of the last one, with their commas.
        path: The last one without its last component.
        last: That component, which may not be complete.
    """

    def __init__(self, text: str) -> None:
        start = index = last = 0
        while index < len(text):
            if text[index] == ",":
                index += 1
                while text[index : index + 1] == " ":
                    index += 1
                start = last = index
            elif text[index] in ".[":
                last, index = index, _end_of_component(text, index)
            else:  # the root
                index += 1
                last = index
        self.stem, self.path, self.last = text[:start], text[start:last], text[last:]


def _end_of_component(text: str, start: int) -> int:
    """Return where the component that starts at an index ends; an open one ends with the text."""
    index = start + 1
    mark = text[index : index + 1]
    if text[start] == "[":
        mark = "]"
    elif mark in ("'", '"', "/") and mark:
        index += 1
    else:
        while index < len(text) and text[index] not in ".[,":
            index += 1
        return index
    while index < len(text) and text[index] != mark:
        index += 2 if text[index] == "\\" else 1
    return min(index + 1, len(text))


class KeyPaths:
    """The key paths of a document's nodes.

    Args:
        stream: The document, without metadata.
        follows: Whether a path leads over aliases and merge keys, as it does for who reads.
    """

    def __init__(self, stream: Stream, *, follows: bool) -> None:
        self._roots = [document.root for document in stream.documents]
        self._follows = follows

    def completing(self, text: str, *, is_list: bool, is_section: bool = False) -> list[str]:
        """Return the paths that complete a text.

        Where it is one, of a mapping or a list, those of its entries: so a shell goes on to the
        next dot instead of ending the word. Paths that do not begin with the text (the key has
        to be quoted) come only where no other does: a shell would take back what is typed.

        Args:
            text: What is typed.
            is_list: Whether several paths may stand there.
            is_section: Whether a mapping is meant: then it comes too, in front of its entries,
                and a shell stops behind it.

        Raises:
            KeyPathError: What is typed is no key path.
        """
        typed = Typed(text)
        if typed.stem and not is_list:
            return []
        path = typed.path or "$"
        nodes = self._named(path)
        if nodes is None:
            return []
        entries = [
            (path + form, child)
            for step, child in self._children(nodes)
            if (form := _form(step, typed.last)) is not None
        ]
        exact = [entry for entry in entries if entry[0].startswith(typed.path + typed.last)]
        found = list(self._deepened(exact or entries))
        if is_section:
            found = [*dict.fromkeys(path for path, _ in exact or entries), *found]
        return list(dict.fromkeys(typed.stem + one for one in found if one.isprintable()))

    def _named(self, path: str) -> list[Node] | None:
        nodes: list[Node] = list(self._roots)
        for component in parse(path).components:
            nodes = [child for step, child in self._children(nodes) if _matches(component, step)]
        return nodes

    def _deepened(self, entries: list[tuple[str, Node]]) -> Iterator[str]:
        for _ in range(_MOST_LEVELS):
            if len({text for text, _ in entries}) != 1:
                break
            path = entries[0][0]
            below = [
                (path + str(_form(step, "")), child)
                for step, child in self._children([node for _, node in entries])
            ]
            if not below:
                break
            entries = below
        yield from (text for text, _ in entries)

    def _children(self, nodes: list[Node]) -> Iterator[tuple[Scalar | int, Node]]:
        for node in map(self._target, nodes):
            if isinstance(node, Collection):
                yield from self._merged(node, set()).values()

    def _merged(self, node: Collection, seen: set[int]) -> dict[str, tuple[Scalar | int, Node]]:
        """Return the entries of a mapping or list, and what is merged into it."""
        if not node.is_mapping:
            return {str(number): (number, child) for number, child in enumerate(node.children)}
        entries: dict[str, tuple[Scalar | int, Node]] = {}
        merged: list[Node] = []
        for key, value in zip(node.children[::2], node.children[1::2], strict=True):
            name = key.target if isinstance(key, Alias) else key
            if not isinstance(name, Scalar):
                continue  # no key path names it
            if scalar_tag(name) == MERGE_TAG:
                target = self._target(value)
                is_one = isinstance(target, Collection) and target.is_mapping
                merged += (
                    [target] if is_one or not isinstance(target, Collection) else target.children
                )
            else:
                entries[_name(name)] = name, value
        for one in map(self._target, merged if self._follows else []):
            if isinstance(one, Collection) and one.is_mapping and id(one) not in seen:
                seen.add(id(one))
                entries = self._merged(one, seen) | entries
        return entries

    def _target(self, node: Node) -> Node:
        return node.target if self._follows and isinstance(node, Alias) else node


def _matches(component: Component, step: Scalar | int) -> bool:
    if isinstance(step, int):
        return component.matches_item(step)
    return matches_key(component, scalar_tag(step), step.value)


def _name(key: Scalar) -> str:
    return "null" if scalar_tag(key) == NULL_TAG else key.value


def _form(step: Scalar | int, typed: str) -> str | None:
    """Return a component for a step, in the form that is being typed; None for another step."""
    if isinstance(step, int):
        form = f".{step}" if typed.startswith(".") else f"[{step}]"
        return form if form.startswith(typed) else None
    name = _name(step)
    quote = typed[1:2] if typed[1:2] in ("'", '"') else ""
    form = component_text(name, quote)
    is_begun = form.startswith(typed) or (not quote and name.startswith(typed[1:]))
    return form if is_begun and not typed.startswith("[") else None
