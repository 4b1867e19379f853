"""Rules: what a scope covers, what is sealed in it, and for whom."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yamlvault.format.metadata import Scope

EVERYTHING = ("$",)


class ScopeRule(NamedTuple):
    """What holds for one scope of a file.

    Attributes:
        keks: KEK URIs; any one of them opens the scope.
        paths: Key paths of the scope's roots: what is protected.
        seal: Key paths of what is sealed of it.
        context: What KEKs that can do so bind to the data key: the encryption context of AWS
            KMS, the additional authenticated data of Cloud KMS. It is no secret.
        append: Whether who can't open the scope may add sealed scalars (format, 5.5).
    """

    keks: tuple[str, ...]
    paths: tuple[str, ...] = EVERYTHING
    seal: tuple[str, ...] = EVERYTHING
    context: Mapping[str, str] = {}
    append: bool = False


def rule_for(scope: Scope, rules: Sequence[ScopeRule]) -> ScopeRule | None:
    """Return the rule for a scope of a file: that of the same paths; None without one."""
    wanted = set(scope.paths)
    return next((rule for rule in rules if set(rule.paths) == wanted), None)


def split_paths(paths: str | Sequence[str]) -> tuple[str, ...]:
    """Return key paths, each of which may be several with commas between, one by one.

    Raises:
        KeyPathError: One is malformed.
    """
    from yamlvault.keypath import parse_list

    texts = [paths] if isinstance(paths, str) else paths
    return tuple(dict.fromkeys(path.text for text in texts for path in parse_list(text)))
