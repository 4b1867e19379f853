"""Comparisons: what changed from one version of a file to another, by key path."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.format.metadata import name_of
from yamlvault.review.leaf import leaves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from yamlvault.format.metadata import Scope
    from yamlvault.review.leaf import Leaf
    from yamlvault.review.view import View

# what became of a leaf
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
UNKNOWN = "unknown"  # it does not open, and its sealed text is another one
RESEALED = "resealed"  # the same value, sealed anew
EXPOSED, SEALED = "exposed", "sealed"  # plaintext now; sealed now

# what became of the file
ENCRYPTED, DECRYPTED = "encrypted", "decrypted"

# what became of a scope
SCOPE, KEK, DATA_KEY, SEAL, APPEND, WRAPPED = (
    "scope",
    "kek",
    "data key",
    "seal",
    "append",
    "wrapped",
)


class Change(NamedTuple):
    """What became of a leaf.

    Attributes:
        kind: `ADDED` or another one of these.
        path: The key path.
        old: What it was; None where it was not there.
        new: What it is; None where it is not there.
    """

    kind: str
    path: str
    old: Leaf | None
    new: Leaf | None


class ScopeChange(NamedTuple):
    """What became of a scope.

    Attributes:
        scope: Its name.
        what: `KEK` or another one of these.
        subject: Which one: a KEK URI with its context, the id of a data key, a key path.
        is_added: Whether it came or went; for `WRAPPED`, which did neither, True.
    """

    scope: str
    what: str
    subject: str
    is_added: bool


class Comparison(NamedTuple):
    """What changed.

    Attributes:
        leaves: What became of what has a value.
        scopes: What became of the scopes.
        encryption: `ENCRYPTED` or `DECRYPTED`; "" where both versions or none are encrypted.
    """

    leaves: tuple[Change, ...]
    scopes: tuple[ScopeChange, ...]
    encryption: str = ""

    @property
    def is_same(self) -> bool:
        """Whether nothing changed: what was only sealed or wrapped anew is the same."""
        return (
            not self.encryption
            and all(one.kind == RESEALED for one in self.leaves)
            and all(one.what == WRAPPED for one in self.scopes)
        )


def compare(old: View, new: View) -> Comparison:
    """Compare two versions: values where both open, sealed texts elsewhere."""
    before, after = old.source.metadata, new.source.metadata
    changes = tuple(
        _leaf_changes(leaves(old), leaves(new), is_sealing_told=bool(before) == bool(after))
    )
    if before is None or after is None:
        encryption = "" if before is after else ENCRYPTED if before is None else DECRYPTED
        return Comparison(changes, (), encryption)
    return Comparison(changes, tuple(_scope_changes(before.scopes, after.scopes)))


def _leaf_changes(
    old: Mapping[bytes, Leaf], new: Mapping[bytes, Leaf], *, is_sealing_told: bool
) -> Iterator[Change]:
    """Yield what changed, in the order of the new version; what went comes last."""
    for path, leaf in new.items():
        before = old.get(path)
        if before is None:
            if not leaf.is_collection or leaf.is_empty:
                yield Change(ADDED, leaf.path, None, leaf)
        elif kind := _kind(before, leaf, is_sealing_told=is_sealing_told):
            yield Change(kind, leaf.path, before, leaf)
    for path, leaf in old.items():
        if path not in new and (not leaf.is_collection or leaf.is_empty):
            yield Change(REMOVED, leaf.path, leaf, None)


def _kind(old: Leaf, new: Leaf, *, is_sealing_told: bool) -> str:
    if is_sealing_told and not old.is_collection and not new.is_collection:
        if old.sealed is not None and new.sealed is None:
            return EXPOSED
        if old.sealed is None and new.sealed is not None:
            return SEALED
    is_same_text = old.sealed == new.sealed
    if old.is_open and new.is_open:
        if old.content != new.content:
            return CHANGED
        return RESEALED if not is_same_text and is_sealing_told else ""
    return "" if is_same_text else UNKNOWN


def _scope_changes(old: Iterable[Scope], new: Iterable[Scope]) -> Iterator[ScopeChange]:
    before = {frozenset(scope.paths): scope for scope in old}
    after = {frozenset(scope.paths): scope for scope in new}
    for paths, scope in after.items():
        earlier = before.get(paths)
        if earlier is None:
            yield ScopeChange(name_of(scope), SCOPE, name_of(scope), is_added=True)
        yield from _facts_changed(name_of(scope), earlier, scope)
    for paths, scope in before.items():
        if paths not in after:
            yield ScopeChange(name_of(scope), SCOPE, name_of(scope), is_added=False)


def _facts_changed(name: str, old: Scope | None, new: Scope) -> Iterator[ScopeChange]:
    before = _facts(old) if old is not None else {}
    after = _facts(new)
    for fact in after:
        if fact not in before:
            yield ScopeChange(name, *fact, is_added=True)
        elif after[fact] != before[fact]:
            yield ScopeChange(name, WRAPPED, fact[1], is_added=True)
    for fact in before:
        if fact not in after:
            yield ScopeChange(name, *fact, is_added=False)


def _facts(scope: Scope) -> dict[tuple[str, str], list[tuple[str, bytes]]]:
    """Return what holds for a scope, and of a KEK the data keys as it wrapped them."""
    facts: dict[tuple[str, str], list[tuple[str, bytes]]] = {}
    for key in scope.keys:
        facts[DATA_KEY, key.id] = []
        if key.append:
            facts[APPEND, ""] = []
        for stanza in key.stanzas:
            pairs = ", ".join(f"{name}={value}" for name, value in sorted(stanza.context.items()))
            subject = f"{stanza.kek} ({pairs})" if pairs else stanza.kek
            facts.setdefault((KEK, subject), []).append((key.id, stanza.wrapped))
    for path in scope.seal:
        facts[SEAL, path] = []
    return facts
