"""Custody: whose a scope is, by its rule and not by what the file says (format, 8).

Whoever can write a file can put a stanza of their own into it, or replace a scope by one that opens
for us too. So nothing new is sealed in a scope before it is compared with what its rule says.
"""

from __future__ import annotations

from itertools import chain

from yamlvault.envelope import wrap, wrap_again
from yamlvault.errors import ConfigError, IntegrityError, NoKeyError, YamlVaultError
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import name_of
from yamlvault.kek import kek_of, shown
from yamlvault.rule import rule_for
from yamlvault.sealing import plaintext_scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.deadline import Deadline
    from yamlvault.document.node import Scalar
    from yamlvault.format.metadata import Scope, WrappedKey
    from yamlvault.format.scope import Map
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.source import Source


class Custody:
    """The rules for the scopes of a file, and what a scope has to be by them.

    Args:
        rules: A rule for each scope, by its paths; None where the file itself is believed.
        keyring: What asks for the name of a key that a rule names by an alias.
        deadline: For such questions, and for wrapping.
    """

    def __init__(
        self, rules: Sequence[ScopeRule] | None, keyring: Keyring, deadline: Deadline
    ) -> None:
        self.rules: Sequence[ScopeRule] = rules or ()
        self._believes_file = rules is None
        self._keyring = keyring
        self._deadline = deadline

    def check_opened(self, scope: Scope) -> None:
        """Refuse to seal something new in a scope that opens, but may be somebody else's too.

        That it opens says only that it was made for us: whoever knows a recipient can make a
        scope, or where there is `append` a data key, and knows that key.

        Raises:
            YamlVaultError: Somebody who can't open it has added a data key.
            ConfigError: The rules have no such scope.
            IntegrityError: It is for somebody whom its rule does not name.
        """
        if len(scope.keys) > 1:
            raise YamlVaultError(
                f"scope {name_of(scope)} was added to by who can't open it: who made its newest "
                "data key could read what is sealed now",
                hint="yamlvault rotate gives it one data key of yours; then do this again",
            )
        if not self.rules:
            return
        rule = rule_for(scope, self.rules)
        if rule is None:
            raise ConfigError(
                f"the file has a scope {name_of(scope)}, which the rule does not have",
                hint="restore the file from its history, or correct the rule",
            )
        self._refuse_others(scope, {kek_of(uri, self._keyring).uri for uri in rule.keks}, rule)

    def wrap(self, key: DataKey, scope: Scope) -> WrappedKey:
        """Wrap a new data key of a scope that does not open.

        Raises:
            NoKeyError: Its rule lets nobody add to it, or there is none.
            IntegrityError: It is for somebody whom its rule does not name, or seals less.
            KEKError: A KEK can't be used.
        """
        if self._believes_file:
            return wrap_again(key, scope.keys[-1].stanzas, self._keyring, self._deadline)
        rule = rule_for(scope, self.rules)
        if rule is None:
            raise NoKeyError(
                f"scope {name_of(scope)} does not open here, and no rule says for whom it is",
                hint="a scope in .yamlvault.yml with these `paths` says it",
            )
        if not rule.append:
            raise NoKeyError(
                f"scope {name_of(scope)} does not open here, and its rule lets nobody add to it",
                hint="`append: true` in the rule allows it; without, who opens it runs rewrap",
            )
        if lacking := ", ".join(path for path in rule.seal if path not in scope.seal):
            # it could have been taken away: what is new would stay in plaintext
            raise IntegrityError(
                f"scope {name_of(scope)} does not seal {lacking}, as its rule does",
                hint="restore the file from its history, or let who opens it run yamlvault encrypt "
                f"-k '{lacking}'",
            )
        wrapped = wrap(key, rule.keks, self._keyring, rule.context, self._deadline)
        self._refuse_others(scope, {stanza.kek for stanza in wrapped.stanzas}, rule)
        return wrapped

    def _refuse_others(self, scope: Scope, known: set[str], rule: ScopeRule) -> None:
        """Refuse a scope with a stanza for somebody whom its rule does not name."""
        found = {stanza.kek for key in scope.keys for stanza in key.stanzas}
        short = [uri for uri in known if uri.startswith("aws-kms:") and ":key/" not in uri]
        if found - known and short:  # which key is meant by an alias only its service knows
            new = wrap(DataKey.new(), short, self._keyring, rule.context, self._deadline)
            known = known | {stanza.kek for stanza in new.stanzas}
        for other in sorted(found - known):
            raise IntegrityError(
                f"scope {name_of(scope)} is for {shown(other)}, but not by its rule",
                hint="restore the file from its history, or let who opens it run rewrap",
            )


def left_out(
    source: Source,
    owners: Map,
    scopes: Sequence[Scope],
    rules: Sequence[ScopeRule],
    scalars: Sequence[Scalar],
) -> tuple[str, ...]:
    """Return the paths that rules seal and the scopes do not, and that name plaintext.

    Args:
        source: The source without metadata.
        owners: The scopes of its nodes.
        scopes: The scopes.
        rules: A rule for each, by its paths.
        scalars: The plaintext that is going to be sealed.
    """
    wanted = [rule_for(scope, rules) for scope in scopes]
    paths = [
        tuple(path for path in rule.seal if path not in scope.seal) if rule else ()
        for rule, scope in zip(wanted, scopes, strict=True)
    ]
    if not any(paths):
        return ()
    known = set(map(id, scalars))
    more = plaintext_scalars(source, owners, paths, allow_empty=True)
    is_plaintext = any(id(scalar) not in known for scalar in more)
    return tuple(dict.fromkeys(chain(*paths))) if is_plaintext else ()
