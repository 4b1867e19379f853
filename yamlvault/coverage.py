"""Coverage: what is to be sealed in each scope, what no scope covers, and who can read it all."""

from __future__ import annotations

from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.document.text import position
from yamlvault.errors import DocumentError, KEKError, KeyPathError
from yamlvault.format.metadata import name_of
from yamlvault.format.scope import label_of
from yamlvault.kek import shown
from yamlvault.keypath import parse
from yamlvault.selection import names_nothing, select, with_targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from yamlvault.document.node import Node, Stream
    from yamlvault.format.metadata import Scope
    from yamlvault.format.scope import Map


def to_seal(
    stream: Stream, owners: Map, seals: Sequence[Sequence[str]], *, allow_empty: bool = False
) -> list[Scalar]:
    """Return the scalars that the `seal` paths of each scope name, in the order of the stream.

    A path means the nodes of its own scope, and what aliases among these stand for wherever that
    is: an alias in a subtree that is to be sealed stands for a value that is to be sealed.

    Raises:
        KeyPathError: A path names nothing in its scope.
    """
    if owners.is_one_whole:
        paths = list(map(parse, seals[0]))
        return with_targets(select(stream, paths, allow_empty=allow_empty))
    found: list[Node] = []
    for number, seal in enumerate(seals):
        for path in map(parse, seal):
            named = select(stream, [path], allow_empty=allow_empty)
            inside = [node for node in below(named) if owners.owner(node) == number]
            if not inside and not allow_empty:
                if named:
                    raise KeyPathError(
                        f"key path {path.text} names nothing in its own scope",
                        hint="`seal` of a scope says which of what its `paths` name is sealed",
                    )
                raise names_nothing(stream, path)
            found += [node for node in inside if not isinstance(node, Collection)]
    return with_targets(found)


def idle_paths(stream: Stream, owners: Map, seals: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the `seal` paths that name nothing in their scopes, beside others that do.

    Raises:
        KeyPathError: No path of a scope names anything in it.
    """
    idle: list[str] = []
    for number, seal in enumerate(seals):
        own = [path for path in seal if not _names_some(stream, owners, number, path)]
        if len(own) == len(seal):
            to_seal(stream, owners, [seal if one == number else () for one in range(len(seals))])
        idle += own
    return tuple(idle)


def _names_some(stream: Stream, owners: Map, number: int, path: str) -> bool:
    named = select(stream, [parse(path)], allow_empty=True)
    return any(owners.owner(node) == number for node in below(named))


def below(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes and what stands below them, without keys."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Collection):
            pending += node.values


def uncovered(stream: Stream, owners: Map) -> list[str]:
    """Return the labels of what stands in no scope, the outermost nodes of each such part."""
    return [label_of(node) for node in outside(stream, owners)]


def outside(stream: Stream, owners: Map) -> Iterator[Node]:
    """Yield what stands in no scope, the outermost nodes of each such part."""
    if owners.is_one_whole:
        return
    pending: list[Node] = [document.root for document in reversed(stream.documents)]
    while pending:
        node = pending.pop()
        if owners.owner(node) is not None:
            continue
        if isinstance(node, Collection) and owners.holds_a_root(node):
            pending += reversed(node.values)
        else:
            yield node


def check_readers(stream: Stream, owners: Map, scopes: Sequence[Scope]) -> None:
    """Refuse scopes whose readers could not read them.

    Who reads a scope must open those around it and those that its aliases lead to: their MACs
    vouch for the way and for the values (format, 5).

    Raises:
        DocumentError: An alias in no scope stands for what is in one.
        KEKError: A KEK opens a scope, but not another one that it needs for that.
    """
    if owners.is_one_whole:
        return
    if alias := owners.stray_alias():
        line, column = position(stream.text, alias.start)
        raise DocumentError(
            "this alias is in no scope, and stands for what is in one: no reader would take it",
            line=line,
            column=column,
            hint="make a scope of it, for all who read what it stands for",
        )
    opens = [{stanza.kek for stanza in scope.keys[-1].stanzas} for scope in scopes]
    for inner, outer in sorted(_needs(stream, owners)):
        if lacking := opens[inner] - opens[outer]:
            names = ", ".join(shown(kek) for kek in sorted(lacking))
            raise KEKError(
                f"who opens the scope {name_of(scopes[inner])} by {names} can't read it: it needs "
                f"the scope {name_of(scopes[outer])} too, which these do not open",
                hint=f"add them to the KEKs of {name_of(scopes[outer])}, or let no alias lead in",
            )


def _needs(stream: Stream, owners: Map) -> set[tuple[int, int]]:
    """Return pairs of scopes of which the first needs the second."""
    pairs: set[tuple[int, int | None]] = set()
    behind: dict[int, set[int | None]] = {}  # by the id of an alias's target: what it holds
    for node in stream.nodes:
        own = owners.owner(node)
        if own is None:
            continue
        if isinstance(node, Alias):
            target = node.target
            if id(target) not in behind:
                behind[id(target)] = set(map(owners.owner, below([target])))
            pairs |= {(own, other) for other in behind[id(target)]}
        if owners.is_root(node) and node.parent is not None:
            pairs.add((own, owners.owner(node.parent)))
    return {(own, other) for own, other in pairs if other is not None and other != own}
