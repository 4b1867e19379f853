"""Differences: a comparison as lines for people, or as data for programs."""

from __future__ import annotations

from yamlvault.document.node import STR_TAG
from yamlvault.format.metadata import name_of
from yamlvault.printable import printable
from yamlvault.review import comparison
from yamlvault.review.leaf import ALIAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from yamlvault.review.comparison import Change, Comparison, ScopeChange
    from yamlvault.review.leaf import Leaf
    from yamlvault.review.view import View

_CHANGES = {
    comparison.ADDED: ("+", "added"),
    comparison.REMOVED: ("-", "removed"),
    comparison.CHANGED: ("~", "changed"),
    comparison.UNKNOWN: ("?", "changed or sealed anew: it does not open here"),
    comparison.RESEALED: ("=", "the same value, sealed anew"),
    comparison.EXPOSED: ("!", "plaintext now, sealed before"),
    comparison.SEALED: ("~", "sealed now, plaintext before"),
}
_SCOPES = {
    comparison.SCOPE: ("new scope", "no scope any more"),
    comparison.KEK: ("opens for {}", "no longer opens for {}"),
    comparison.DATA_KEY: ("new data key {}", "no longer has data key {}"),
    comparison.SEAL: ("seals {}", "no longer seals {}"),
    comparison.APPEND: ("who can't open it may add to it", "who can't open it may not add to it"),
    comparison.WRAPPED: ("wrapped anew for {}", ""),
}
_ENCRYPTION = {
    comparison.ENCRYPTED: "~ encrypted now, plaintext before",
    comparison.DECRYPTED: "! plaintext now, encrypted before",
}
_TAG_PREFIX = "tag:yaml.org,2002:"


def lines(found: Comparison, *, with_values: bool, verbose: bool) -> Iterator[str]:
    """Yield a line for each difference; for values one for each line of theirs."""
    if found.encryption:
        yield _ENCRYPTION[found.encryption]
    for change in found.leaves:
        if change.kind == comparison.RESEALED and not verbose:
            continue
        mark, words = _CHANGES[change.kind]
        yield f"{mark} {printable(change.path)}  {words}{_remark(change, found)}"
        if with_values and change.kind != comparison.RESEALED:
            yield from _values("-", change.old)
            yield from _values("+", change.new)
    for one in found.scopes:
        if one.what != comparison.WRAPPED or verbose:
            yield _scope_line(one)


def _remark(change: Change, found: Comparison) -> str:
    """Say what is not a matter of course in an encrypted file: plaintext that came."""
    leaf = change.new
    if change.kind != comparison.ADDED or leaf is None or leaf.sealed is not None:
        return ""
    return "" if found.encryption or leaf.is_collection or leaf.tag == ALIAS else " in plaintext"


def _scope_line(change: ScopeChange) -> str:
    mark = "+" if change.is_added else "-"
    words = _SCOPES[change.what][not change.is_added].format(change.subject)
    return printable(f"{mark} scope {change.scope}: {words}")


def _values(mark: str, leaf: Leaf | None) -> Iterator[str]:
    if leaf is None:
        return
    if not leaf.is_open:
        yield f"    {mark} (sealed)"
        return
    if leaf.is_collection:
        yield f"    {mark} (a {leaf.tag.removeprefix(_TAG_PREFIX)})"
        return
    if leaf.tag == ALIAS:
        yield f"    {mark} (an alias of {printable(leaf.value)})"
        return
    kind = "" if leaf.tag == STR_TAG else f" ({printable(leaf.tag.removeprefix(_TAG_PREFIX))})"
    parts = leaf.value.split("\n")
    ends = len(parts) > 1 and not parts[-1]
    for part in parts[:-1] if ends else parts:
        yield f"    {mark} {printable(part)}{kind}"
    if len(parts) > 1 and not ends:
        yield f"    {mark} (no line break at the end)"


def failures(name: str, view: View) -> Iterator[str]:
    """Yield why scopes of a version did not open."""
    for number, error in view.closed.items():
        scope = name_of(view.source.metadata.scopes[number]) if view.source.metadata else ""
        yield f"{name}: scope {scope} is left sealed: {error.message}"


def as_data(found: Comparison, *, with_values: bool) -> dict[str, Any]:
    """Return a comparison as what JSON can say."""
    changes = []
    for change in found.leaves:
        entry: dict[str, Any] = {"path": change.path, "change": change.kind}
        for side, leaf in (("old", change.old), ("new", change.new)):
            if leaf is not None:
                entry[side] = _leaf_data(leaf, with_value=with_values)
        changes.append(entry)
    scopes = [
        {
            "scope": one.scope,
            "what": one.what,
            "subject": one.subject,
            "change": comparison.ADDED if one.is_added else comparison.REMOVED,
        }
        for one in found.scopes
    ]
    return {
        "same": found.is_same,
        "encryption": found.encryption or None,
        "values": changes,
        "scopes": scopes,
    }


def _leaf_data(leaf: Leaf, *, with_value: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"sealed": leaf.sealed is not None, "open": leaf.is_open}
    if with_value and leaf.is_open:
        data |= {"tag": leaf.tag, "value": leaf.value}
    return data
