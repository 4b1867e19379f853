"""For whom a merged file is: what each side changed of the scopes."""

from __future__ import annotations

from yamlvault.errors import YamlVaultError
from yamlvault.format.metadata import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeVar

    from yamlvault.format.metadata import Metadata, Scope, Stanza, WrappedKey

    T = TypeVar("T")


def merge_scopes(base: Metadata | None, ours: Metadata, theirs: Metadata) -> tuple[Scope, ...]:
    """Return the scopes of a merged file, with the MACs of ours.

    Where one side changed something, it is as that side has it. KEKs and paths that the sides
    added are all there, those that one of them removed are not.

    Raises:
        YamlVaultError: Both sides gave a scope other data keys, or changed what scopes there are.
    """
    before = {scope.paths: scope for scope in base.scopes} if base is not None else {}
    left = {scope.paths: scope for scope in ours.scopes}
    right = {scope.paths: scope for scope in theirs.scopes}
    paths = _chosen(tuple(before), tuple(left), tuple(right))
    if paths is None:
        raise _refusal("both sides changed what scopes there are")
    return tuple(_merge_scope(before.get(path), left.get(path), right.get(path)) for path in paths)


def _chosen(base: T | None, ours: T, theirs: T) -> T | None:
    """Return what three versions come to; None where both sides changed it."""
    if ours in (theirs, base):
        return theirs
    return ours if theirs == base else None


def _merge_scope(base: Scope | None, ours: Scope | None, theirs: Scope | None) -> Scope:
    if ours is None or theirs is None:  # one side has made it, and the other knows nothing of it
        only = ours or theirs
        if only is None:
            raise AssertionError("a scope is none of any side")
        return only
    before = base or ours._replace(seal=(), keys=())
    seal = _chosen(before.seal, ours.seal, theirs.seal)
    if seal is None:
        seal = tuple(_merge_sets(before.seal, ours.seal, theirs.seal))
    return ours._replace(seal=seal, keys=_merge_keys(ours, before.keys, theirs.keys))


def _merge_sets(base: Iterable[T], ours: Iterable[T], theirs: Iterable[T]) -> list[T]:
    """Return what both have, and what one has added; in the order of ours."""
    base, ours, theirs = list(base), list(ours), list(theirs)
    kept = [one for one in ours if one in theirs or one not in base]
    return kept + [one for one in theirs if one not in ours and one not in base]


def _merge_keys(
    ours: Scope, base: Sequence[WrappedKey], theirs: Sequence[WrappedKey]
) -> tuple[WrappedKey, ...]:
    chosen = _chosen(tuple(base), ours.keys, tuple(theirs))
    if chosen is not None:
        return chosen
    ids, own, other = ([key.id for key in keys] for keys in (base, ours.keys, theirs))
    if own == other:
        known = {key.id: key for key in base}
        pairs = zip(ours.keys, theirs, strict=True)
        return tuple(_merge_key(known.get(key.id), key, twin) for key, twin in pairs)
    # who can't open a scope adds data keys behind those that are there (format, 7)
    added = [key for key in theirs if key.id not in own]
    if own[: len(ids)] == ids == other[: len(ids)] and all(
        key.append for key in (*ours.keys, *theirs)
    ):
        return (*ours.keys, *added)
    raise _refusal(f"both sides gave the scope {name_of(ours)} another data key")


def _merge_key(base: WrappedKey | None, ours: WrappedKey, theirs: WrappedKey) -> WrappedKey:
    """Return a data key with the stanzas that the sides came to."""
    known: dict[str, Stanza] = {stanza.kek: stanza for stanza in (*theirs.stanzas, *ours.stanzas)}
    names = [[stanza.kek for stanza in key.stanzas] if key else [] for key in (base, ours, theirs)]
    stanzas = tuple(known[kek] for kek in _merge_sets(*names))
    append = _chosen(base.append if base is not None else b"", ours.append, theirs.append)
    if not stanzas or append is None:
        raise _refusal("both sides changed for whom the file is")
    return ours._replace(stanzas=stanzas, append=append)


def _refusal(what: str) -> YamlVaultError:
    return YamlVaultError(
        f"{what}: this can't be merged",
        hint="take the file of one side (git checkout --ours FILE, or --theirs), and make the "
        "other side's changes in it again",
    )
