"""Selection: which nodes of a stream a key path names (docs/key-paths.md)."""

from __future__ import annotations

from yamlvault.document.node import STR_TAG, Alias, Collection, Scalar
from yamlvault.errors import KeyPathError, suggestion
from yamlvault.format.tags import MERGE_TAG, NULL_TAG, scalar_tag
from yamlvault.keypath import KeyPath, Name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yamlvault.document.node import Node, Stream
    from yamlvault.keypath import Component

_LIKE, _SLIP = 0.6, 0.9  # how alike two names are, of 1


def select(stream: Stream, paths: Iterable[KeyPath], *, allow_empty: bool = False) -> list[Node]:
    """Return the nodes that the paths name, in the order of the stream.

    Raises:
        KeyPathError: A path names nothing; plaintext that was meant to be sealed would stay.
    """
    paths = list(paths)
    found: set[int] = set()
    unmatched = {path.text: path for path in paths}
    for document in stream.documents:
        for node, path in _matches(document.root, paths):
            found.add(id(node))
            unmatched.pop(path.text, None)
    for path in unmatched.values():
        if not allow_empty and (path.components or stream.documents):
            raise names_nothing(stream, path)
    return [node for node in stream.nodes if id(node) in found] if found else []


def _matches(root: Node, paths: list[KeyPath]) -> Iterator[tuple[Node, KeyPath]]:
    pending: list[tuple[Node, int, list[KeyPath]]] = [(root, 0, paths)]
    while pending:
        node, depth, active = pending.pop()
        deeper = []
        for path in active:
            if len(path.components) == depth:
                yield node, path
            else:
                deeper.append(path)
        if not deeper or not isinstance(node, Collection):
            continue
        for child in node.values:
            matching = [path for path in deeper if matches_step(path.components[depth], child)]
            if matching:
                pending.append((child, depth + 1, matching))


def matches_step(component: Component, node: Node) -> bool:
    """Tell whether a component matches the step from the parent to a node."""
    if isinstance(node.step, int):
        return component.matches_item(node.step)
    key = node.step
    if isinstance(key, Alias):
        key = key.target  # `*name : value` has the key that the anchor stands for
    if isinstance(key, Scalar):
        return matches_key(component, scalar_tag(key), key.value)
    return component.matches_key(None, is_text=False)


def matches_key(component: Component, tag: str, value: str) -> bool:
    """Tell whether a component matches a key that is a scalar."""
    # the MACs know a null key by its tag alone (format, 4.2): written as `!!null admin` it must
    # not answer to `admin`
    return component.matches_key("null" if tag == NULL_TAG else value, is_text=tag == STR_TAG)


def names_nothing(stream: Stream, path: KeyPath) -> KeyPathError:
    """Return the error for a path that names nothing."""
    return KeyPathError(
        f"key path {path.text} names nothing in the file", hint=_closest(stream, path)
    )


def nearest_name(stream: Stream, path: KeyPath, *, is_set: bool = False) -> str | None:
    """Return a hint at a key that may have been meant by a path that names nothing.

    Args:
        stream: What the path names nothing in.
        path: The path.
        is_set: Whether a value was set there meanwhile: then only what looks like a mistake is
            worth a hint, a section that was not there or a slip of a letter.
    """
    from difflib import get_close_matches

    missing, parents, is_last = _first_missing(stream, path)
    if missing is None:
        return None
    likeness = _SLIP if is_set and is_last else _LIKE
    close = get_close_matches(missing.text, _keys(parents), 1, likeness)
    verb = "was" if is_set else "is"
    return f"there {verb} no {missing.text}: is `{close[0]}` meant?" if close else None


def _closest(stream: Stream, path: KeyPath) -> str | None:
    """Return a hint: the first component that matches nothing, and what is there."""
    missing, parents, _ = _first_missing(stream, path)
    if missing is None:
        return None
    lacking = f"there is no [{missing.text}]" if missing.is_index else f"there is no {missing.text}"
    keys = _keys(parents)
    lengths = [
        len(one.children) for one in parents if isinstance(one, Collection) and not one.is_mapping
    ]
    if lengths and not keys:
        return f"{lacking}: {_items(max(lengths))}"
    if missing.is_index and keys:
        return f"{lacking}: that is a mapping, and its keys are {', '.join(keys)}"
    return f"{lacking}: {suggestion(missing.text, keys)}" if keys else lacking


def _items(length: int) -> str:
    if length > 1:
        return f"the items of that list are [0] to [{length - 1}]"
    return "the one item of that list is [0]" if length else "that list is empty"


def _first_missing(stream: Stream, path: KeyPath) -> tuple[Name | None, list[Node], bool]:
    """Return the first component that matches nothing, what it is missing in, and is it last."""
    known = list(path.components)
    while known:
        last = known.pop()
        if not isinstance(last, Name):
            continue
        parents = select(stream, [KeyPath("", tuple(known))], allow_empty=True)
        if parents:
            return last, parents, len(known) + 1 == len(path.components)
    return None, [], True


def _keys(parents: Iterable[Node]) -> list[str]:
    """Return the keys of mappings, each once."""
    keys = [
        child.step.value
        for parent in parents
        if isinstance(parent, Collection)
        for child in parent.values
        if isinstance(child.step, Scalar) and scalar_tag(child.step) != MERGE_TAG
    ]
    return list(dict.fromkeys(keys))


def with_targets(nodes: Iterable[Node]) -> list[Scalar]:
    """Return the scalars in the subtrees of `nodes`, and in what their aliases stand for.

    An alias in a subtree that is to be sealed stands for a value that is to be sealed: without
    this, `<<: *default` would leave the defaults in plaintext. Keys are left out.
    """
    pending = list(nodes)
    seen: set[int] = set()
    scalars = []
    while pending:
        node = pending.pop()
        if id(node) in seen or node.encoded is not None:
            continue  # seen, or in a mapping key
        seen.add(id(node))
        if isinstance(node, Scalar):
            scalars.append(node)
        elif isinstance(node, Alias):
            pending.append(node.target)
        elif not node.in_key:
            pending.extend(node.values)
    scalars.sort(key=lambda scalar: scalar.start)
    return scalars
