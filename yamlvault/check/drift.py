"""Drift: where an encrypted file is no more what its rule says (format, 8)."""

from __future__ import annotations

from functools import lru_cache

from yamlvault.check.finding import ERROR, HINTS, REWRAP, ROTATE, WARNING
from yamlvault.check.report import descend
from yamlvault.errors import KEKError
from yamlvault.format.metadata import name_of
from yamlvault.kek import is_remote, kek_of, shown
from yamlvault.keyring import Keyring
from yamlvault.rule import rule_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.check.report import Report
    from yamlvault.document.node import Node
    from yamlvault.format.metadata import Scope
    from yamlvault.kek.aws.key_name import KeyName
    from yamlvault.rule import ScopeRule

_AWS = "aws-kms:"


def check_scopes(
    scopes: Sequence[Scope], rules: Sequence[ScopeRule], place: Node, report: Report
) -> None:
    """Report what differs between the scopes of a file and their rules.

    Args:
        scopes: The scopes.
        rules: The rules, well-formed and scrutinised.
        place: The node of the metadata.
        report: Where to.
    """
    ruled = set()
    for number, scope in enumerate(scopes):
        node = descend(place, "scopes", number)
        rule = rule_for(scope, rules)
        if rule is None:
            message = f"the file has a scope {name_of(scope)}, which the rule does not have"
            report.add("scopes-differ", descend(node, "paths"), message, path="")
            continue
        ruled.add(rule.paths)
        _ScopeDrift(scope, rule, node, report).check()
    for rule in rules:
        if rule.paths not in ruled:
            message = f"the rule has a scope {', '.join(rule.paths)}, which the file does not have"
            report.add("scopes-differ", descend(place, "scopes"), message, path="")


class _ScopeDrift:
    """The comparison of one scope with its rule."""

    def __init__(self, scope: Scope, rule: ScopeRule, node: Node, report: Report) -> None:
        self.scope = scope
        self.rule = rule
        self.node = node
        self.report = report

    def check(self) -> None:
        self._check_keks()
        self._check_context()
        self._check_append()
        self._check_seal()

    def _add(self, code: str, message: str, *steps: str | int, severity: str = ERROR) -> None:
        node = descend(self.node, *steps)
        text = f"scope {name_of(self.scope)} {message}"
        # `rewrap` refuses several data keys where the rule allows one; `rotate` follows it, too
        is_refused = HINTS[code].startswith(REWRAP) and len(self.scope.keys) > 1
        hint = ROTATE if is_refused and not self.rule.append else None
        self.report.add(code, node, text, path="", severity=severity, hint=hint)

    def _check_keks(self) -> None:
        wanted = {exact(uri): None for uri in self.rule.keks}
        lacking: dict[str, None] = {}
        others: dict[str, tuple[str | int, ...]] = {}
        for number, key in enumerate(self.scope.keys):
            here = [stanza.kek for stanza in key.stanzas]
            lacking |= {uri: None for uri in wanted if not any(can_be(uri, kek) for kek in here)}
            for index, kek in enumerate(here):
                if not any(can_be(uri, kek) for uri in wanted):
                    others.setdefault(kek, ("keys", number, "stanzas", index, "kek"))
        for uri in lacking:
            self._add("kek-missing", f"is not for {shown(uri)}, as its rule says", "keys")
        for kek, steps in others.items():
            self._add("kek-not-in-rule", f"is for {shown(kek)}, but not by its rule", *steps)

    def _check_context(self) -> None:
        for number, key in enumerate(self.scope.keys):
            for index, stanza in enumerate(key.stanzas):
                if is_remote(stanza.kek) and dict(stanza.context) != dict(self.rule.context):
                    message = f"has another context for {shown(stanza.kek)} than its rule"
                    steps = ("keys", number, "stanzas", index, "context")
                    self._add("context-differs", message, *steps)
                    return

    def _check_append(self) -> None:
        allowing = sum(bool(key.append) for key in self.scope.keys)
        if allowing != (len(self.scope.keys) if self.rule.append else 0):
            says = "lets nobody add to it" if self.rule.append else "lets others add to it"
            self._add("append-differs", f"{says}, other than its rule", "keys", 0, "append")
        if len(self.scope.keys) > 1:
            self._add(
                "several-data-keys",
                f"has {len(self.scope.keys)} data keys: each costs a request, and nothing new is "
                "sealed by who opens it",
                "keys",
                # who added one may only encrypt: they can't do anything about it
                severity=WARNING if self.rule.append else ERROR,
            )

    def _check_seal(self) -> None:
        file, rule = self.scope.seal, self.rule.seal
        if lacking := ", ".join(path for path in rule if path not in file):
            self._add("seal-differs", f"does not seal {lacking}, as its rule does", "seal")
        elif more := ", ".join(path for path in file if path not in rule):
            message = f"seals {more}, which its rule does not"
            self._add("seal-differs", message, "seal", severity=WARNING)


@lru_cache(maxsize=1024)
def exact(uri: str) -> str:
    """Return a KEK URI of a rule in the form that is written into files."""
    return kek_of(uri, Keyring()).uri


@lru_cache(maxsize=4096)
def can_be(uri: str, kek: str) -> bool:
    """Tell whether the KEK of a stanza can be the one that a rule names.

    Which key an alias of AWS leads to only its service knows: any in its place can be it.
    """
    if uri == kek:
        return True
    if not (uri.startswith(_AWS) and kek.startswith(_AWS)):
        return False
    try:
        return _aws_name(uri).can_be(_aws_name(kek))
    except KEKError:  # the file has a name that is none
        return False


def _aws_name(uri: str) -> KeyName:
    from yamlvault.kek.aws.key_name import parse

    return parse(uri.removeprefix(_AWS))
