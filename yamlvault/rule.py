"""Rules: what a scope covers, what is sealed in it, for whom, and in which files."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.access import Access

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


class Rule(NamedTuple):
    """What holds for the files that match.

    Attributes:
        files: Patterns of file names.
        scopes: What holds for each scope; one, of everything, where the rule has no `scopes`.
        access: With which rights the service of a KEK is asked, by its URI.
        inherited: For each of the rule's `scopes`, the keys that it has from around it.
    """

    files: tuple[str, ...]
    scopes: tuple[ScopeRule, ...]
    access: Mapping[str, Access] = {}
    inherited: tuple[tuple[str, ...], ...] = ()

    def access_of(self, uri: str) -> Access:
        """Return with which rights the service of a KEK is asked.

        A file can name a key otherwise than the rule does: by its ARN instead of by an alias.
        Then that holds which the rule says of all KEKs of the scheme, if it says one thing.
        """
        if uri in self.access:
            return self.access[uri]
        scheme = uri.partition(":")[0] + ":"
        keks = {kek for scope in self.scopes for kek in scope.keks if kek.startswith(scheme)}
        found = {self.access.get(kek, Access()) for kek in keks}
        return found.pop() if len(found) == 1 else Access()


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
