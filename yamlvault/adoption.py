"""Adoption: a rule changed after a file was encrypted, and the file follows it."""

from __future__ import annotations

from yamlvault.document.text import position
from yamlvault.envelope import wrap
from yamlvault.errors import ConfigError, NoKeyError
from yamlvault.format import mac
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Scope, name_of
from yamlvault.format.scope import Map
from yamlvault.format.sealed import key_id_of
from yamlvault.keypath import parse
from yamlvault.rule import rule_for
from yamlvault.selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from yamlvault.deadline import Deadline
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.source import Source


class Adoption:
    """What rules want of a file beyond what it has.

    Args:
        bare: The file without its metadata.
        rules: A rule for each scope, by its paths.
        document: The document id.
    """

    def __init__(self, bare: Source, rules: Sequence[ScopeRule], document: bytes) -> None:
        self._bare = bare
        self._rules = rules
        self._document = document

    def with_seals(self, scopes: Sequence[Scope], opened: Container[int]) -> list[Scope]:
        """Return the scopes, those that open with what their rules seal too.

        Nothing is taken away: what is sealed stays so.
        """
        found = []
        for number, scope in enumerate(scopes):
            rule = rule_for(scope, self._rules) if number in opened else None
            more = rule.seal if rule is not None else ()
            found.append(scope._replace(seal=tuple(dict.fromkeys([*scope.seal, *more]))))
        return found

    def without_scope(self, scopes: Sequence[Scope]) -> Iterator[ScopeRule]:
        """Yield the rules for what is in the file and has no scope of its own there."""
        known = [set(scope.paths) for scope in scopes]
        for rule in self._rules:
            is_known = set(rule.paths) in known
            if not is_known and select(self._bare.stream, map(parse, rule.paths), allow_empty=True):
                yield rule

    def new_scope(
        self, rule: ScopeRule, keyring: Keyring, deadline: Deadline
    ) -> tuple[Scope, DataKey]:
        """Return a new scope, with a data key of its own.

        Raises:
            KEKError: A KEK can't be used.
        """
        key = DataKey.new()
        wrapped = wrap(key, rule.keks, keyring, rule.context, deadline)
        if rule.append:
            wrapped = mac.allow_append(wrapped, key.mac_key(self._document), self._document)
        return Scope(rule.paths, rule.seal, (wrapped,)), key

    def refusal(self, rule: ScopeRule, closed: Scope, error: NoKeyError) -> NoKeyError:
        """Return the error for a new scope, where another one does not open.

        The MACs of each scope cover which others there are.
        """
        return NoKeyError(
            f"the rule has a scope {', '.join(rule.paths)}, which the file has not, and the scope "
            f"{name_of(closed)} would have to be signed anew: {error.message}",
            hint="let somebody add it who opens all scopes: yamlvault encrypt FILE",
        )

    def check_owners(self, scopes: Sequence[Scope]) -> None:
        """Refuse scopes in which something stands that is sealed in another one.

        Raises:
            ConfigError: The scopes of the rule divide the file in another way than its own.
        """
        owners = Map(self._bare.stream, scopes)
        for scalar in self._bare.sealed:
            number = owners.owner(scalar)
            keys = scopes[number].keys if number is not None else ()
            if key_id_of(str(scalar.sealed)) not in {key.id for key in keys}:
                line, column = position(self._bare.text, scalar.start)
                raise ConfigError(
                    "what is sealed here belongs to another scope by the rule than in the file",
                    line=line,
                    column=column,
                    hint="decrypt the file and encrypt it again: yamlvault decrypt -i, then "
                    "yamlvault encrypt",
                )
