"""What a merge has to come to: node by node, whatever the lines say."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.node import Collection, Scalar
from yamlvault.document.span import Properties
from yamlvault.document.splice import Edit
from yamlvault.format.encoding import encode, encoded
from yamlvault.format.payload import has_lines, is_in_flow
from yamlvault.format.scope import label_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yamlvault.document.node import Node, Stream


class Place(NamedTuple):
    """What stands at one place in each version; None where there is nothing."""

    base: Node | None
    ours: Node | None
    theirs: Node | None

    @property
    def kinds(self) -> set[str]:
        """What kinds of nodes stand there."""
        return {"" if node is None else _kind(node) for node in self}


def _kind(node: Node) -> str:
    if isinstance(node, Collection):
        return "mapping" if node.is_mapping else "sequence"
    return "scalar" if isinstance(node, Scalar) else "alias"


def roots(base: Stream, ours: Stream, theirs: Stream) -> list[Place]:
    """Return the places of the documents."""
    streams = (base, ours, theirs)
    count = max(len(stream.documents) for stream in streams)
    return [
        Place(
            *(
                stream.documents[number].root if number < len(stream.documents) else None
                for stream in streams
            )
        )
        for number in range(count)
    ]


def _below(place: Place) -> list[tuple[bytes, Place]] | None:
    """Return the places below, by the key or the number of each; None where nodes don't match.

    Items of lists match by their number, where no version has more of them than another.
    """
    nodes = [node for node in place if node is not None]
    if not all(isinstance(node, Collection) for node in nodes):
        return None
    if place.kinds - {""} == {"mapping"}:
        entries = [_entries(node) for node in place]
        keys = dict.fromkeys(key for found in entries for key in found)
        return [(key, Place(*(found.get(key) for found in entries))) for key in keys]
    if place.kinds == {"sequence"}:
        lists = [node.children for node in nodes if isinstance(node, Collection)]
        if len({len(items) for items in lists}) == 1:
            return [
                (str(number).encode(), Place(*items))
                for number, items in enumerate(zip(*lists, strict=True))
            ]
    return None


def _entries(node: Node | None) -> dict[bytes, Node]:
    if not isinstance(node, Collection):
        return {}
    return {
        encoded(node.children[index]): node.children[index + 1]
        for index in range(0, len(node.children), 2)
    }


def _n(node: Node | None) -> bytes:
    """Return N of a node (format, 4.2), the same for equal plaintext where tokens stand."""
    return b"" if node is None else encode(node)


def agreements(streams: Sequence[Stream], preferred: int | None = None) -> list[list[Edit]]:
    """Return the edits by which all versions agree on each scalar that one side changed.

    Args:
        streams: The base, ours and theirs.
        preferred: The number of the side that is taken where both changed one; None to let them
            differ there.

    Returns:
        The edits in each of them.
    """
    edits: list[list[Edit]] = [[] for _ in streams]
    pending = roots(*streams)
    while pending:
        place = pending.pop()
        if place.kinds == {"scalar"}:
            scalars = [node for node in place if isinstance(node, Scalar)]
            contents = [
                _Content(stream.text, scalar)
                for stream, scalar in zip(streams, scalars, strict=True)
            ]
            chosen = _chosen(place, contents, preferred)
            for own, content in zip(edits, contents, strict=True):
                if chosen is not None and content.text != chosen.text:
                    own.append(Edit(content.start, content.end, chosen.text))
        else:
            pending += [found for _, found in _below(place) or ()]
    return edits


class _Content:
    """The text of a scalar behind its tag and anchor, and what it stands in."""

    def __init__(self, text: str, scalar: Scalar) -> None:
        self.start = Properties(text, scalar.start, scalar.anchor).content_start
        self.end = scalar.end
        self.text = text[self.start : self.end]
        self.surroundings = (text[scalar.start : self.start], is_in_flow(scalar))


def _chosen(place: Place, contents: list[_Content], preferred: int | None) -> _Content | None:
    """Return the content that all versions are to have; None where somebody has to choose."""
    base, ours, theirs = map(_n, place)
    if len({content.surroundings for content in contents}) > 1:
        return None  # git merges the lines
    if any(not content.text or has_lines(content.text) for content in contents):
        return None
    if ours in (theirs, base):
        return contents[2]
    if theirs == base:
        return contents[1]
    return None if preferred is None else contents[preferred]


def conflicts(places: Iterable[Place]) -> list[str]:
    """Return the labels of the places that both sides changed, each in its own way.

    Lists that one side made longer or shorter are left to their lines.
    """
    found = []
    pending = list(places)
    while pending:
        place = pending.pop()
        base, ours, theirs = map(_n, place)
        if ours in (theirs, base) or theirs == base:
            continue
        below = _below(place)
        if below is not None:
            pending += [inner for _, inner in reversed(below)]
        elif place.kinds - {""} != {"sequence"} or not (ours and theirs):
            node = place.ours or place.theirs or place.base
            found.append("" if node is None else label_of(node))
    return found


def is_right(
    places: Sequence[Place], merged: Stream, *, is_settled: bool, preferred: int | None = None
) -> bool:
    """Tell whether a merged stream has at each place what has to come out there.

    Args:
        places: The documents of the versions.
        merged: What was merged.
        is_settled: Whether nothing is left to choose. Otherwise what stands there may be that of
            any version.
        preferred: The number of the side that was taken where both made changes of their own.
    """
    if len(merged.documents) > len(places):
        return False
    roots = [document.root for document in merged.documents]
    pending: list[tuple[Place, Node | None]] = [
        (place, roots[number] if number < len(roots) else None)
        for number, place in enumerate(places)
    ]
    while pending:
        place, node = pending.pop()
        base, ours, theirs = map(_n, place)
        wanted = theirs if ours == base else ours
        if ours in (theirs, base) or theirs == base:
            if _n(node) != wanted and (is_settled or _n(node) not in (base, ours, theirs)):
                return False
            continue
        below = _below(place)
        if below is None:
            if not _may_be(place, node, is_settled=is_settled, preferred=preferred):
                return False
            continue
        if node is None and place.ours is not None and place.theirs is not None:
            return False  # the last entry of an empty mapping is gone, and the mapping with it
        if node is not None and (
            not isinstance(node, Collection)
            or node.tag not in {one.tag for one in place if isinstance(one, Collection)}
        ):
            return False
        inner = _children(node)
        if not inner.keys() <= {key for key, _ in below}:
            return False
        pending += [(found, inner.get(key)) for key, found in below]
    return True


def _may_be(place: Place, node: Node | None, *, is_settled: bool, preferred: int | None) -> bool:
    """Tell whether a node may come out where both sides made changes of their own."""
    if not is_settled and _n(node) in map(_n, place):
        return True
    if preferred is not None and _n(node) == _n(place[preferred]):
        return True
    if place.kinds - {""} != {"sequence"} or not isinstance(node, Collection) or node.is_mapping:
        return False
    items = {_n(item) for side in place if isinstance(side, Collection) for item in side.children}
    return all(_n(item) in items for item in node.children)


def _children(node: Node | None) -> dict[bytes, Node]:
    if isinstance(node, Collection) and not node.is_mapping:
        return {str(number).encode(): item for number, item in enumerate(node.children)}
    return _entries(node)
