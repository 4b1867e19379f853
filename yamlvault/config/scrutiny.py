"""Scrutiny: what can be wrong in well-formed rules, before they are used to encrypt or to check.

It takes the parsers of KEK URIs, which who only opens a file need not wait for.
"""

from __future__ import annotations

import os
import re

from yamlvault.config.pattern import flaw
from yamlvault.config.reader import KEK_FIELDS, RuleReader
from yamlvault.errors import KEKError
from yamlvault.format.metadata import MAX_PATHS
from yamlvault.kek import is_remote, kek_of
from yamlvault.keypath import Name
from yamlvault.keypath import parse as parse_path
from yamlvault.keyring import Keyring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node
    from yamlvault.rule import Rule, ScopeRule

_AWS = "aws-kms:"
_ROLE = re.compile(r"arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)


class Scrutiny(RuleReader):
    """A reader that refuses what can't work.

    Args:
        text: The text of the file.
        path: Its absolute path.
    """

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self._folder = os.path.dirname(path)
        self._keyring = Keyring()  # a KEK has one; nothing is looked up before it is used
        self._roots: dict[object, int] = {}
        # by the id of the node of a `context`: the node, and whether a KEK takes it
        self._contexts: dict[int, tuple[Node, bool]] = {}

    def rule(self, node: Node) -> Rule:
        self._roots, self._contexts = {}, {}
        rule = super().rule(node)
        for context, is_taken in self._contexts.values():
            if not is_taken:
                raise self.refusal(
                    context,
                    "no KEK here takes a context: only those of aws-kms and gcp-kms do",
                    "take it out; it would protect nothing",
                )
        return rule

    def pattern(self, node: Node) -> str:
        text = super().pattern(node)
        if found := flaw(text, self._folder):
            raise self.refusal(node, *found)
        return text

    def scope(self, node: Node, fields: dict[str, Node], paths: tuple[str, ...]) -> ScopeRule:
        scope = super().scope(node, fields, paths)
        if context := fields.get("context"):
            was_taken = self._contexts.get(id(context), (context, False))[1]
            is_taken = was_taken or any(map(is_remote, scope.keks))
            self._contexts[id(context)] = (context, is_taken)
            self._check_context(context, scope)
        return scope

    def _check_context(self, node: Node, scope: ScopeRule) -> None:
        if any(kek.startswith(_AWS) for kek in scope.keks):
            from yamlvault.kek.aws.encryption_context import checked

            try:
                checked(scope.context)
            except KEKError as error:
                raise self.refusal(node, error.message, error.hint) from None

    def roots(self, node: Node) -> tuple[str, ...]:
        paths = super().roots(node)
        number = len(set(self._roots.values()))
        for path in paths:
            if self._roots.setdefault(_meaning(path), number) != number:
                raise self.refusal(
                    node, f"two scopes have the same root, {path}", "a node has one scope"
                )
        if len(self._roots) > MAX_PATHS:
            raise self.refusal(node, f"the scopes of this rule have more than {MAX_PATHS} paths")
        return paths

    def keks(self, node: Node) -> tuple[str, ...]:
        uris = super().keks(node)
        known: set[str] = set()
        for one, uri in zip(self.one_or_more(node), uris, strict=True):
            exact = kek_of(uri, self._keyring).uri
            if exact in known:
                raise self.refusal(one, "this KEK stands here twice", "once is enough")
            known.add(exact)
        return uris

    def kek(self, node: Node) -> str:
        uri = super().kek(node)
        try:
            kek_of(uri, self._keyring)
        except KEKError as error:
            raise self.refusal(node, error.message, error.hint) from None
        if not self.is_scalar(node):
            self._check_rights(node, uri)
        return uri

    def _check_rights(self, node: Node, uri: str) -> None:
        fields = self.fields(node, KEK_FIELDS, ("kek",))
        for name, value in fields.items():
            if name != "kek" and not uri.startswith(_AWS):
                raise self.refusal(
                    value,
                    f"`{name}` means something for KEKs of aws-kms only",
                    "Google's credentials: YAMLVAULT_GCP_CREDENTIALS, see docs/kms.md"
                    if is_remote(uri)
                    else "take it out",
                )
        if "role" in fields and not _ROLE.fullmatch(self.text_of(fields["role"])):
            raise self.refusal(
                fields["role"],
                "not the ARN of a role",
                "it looks like arn:aws:iam::111122223333:role/NAME",
            )


def _meaning(path: str) -> object:
    """Return what two key paths of the same meaning have in common, however they are quoted."""
    return tuple(
        (part.text, part.is_index, part.index) if isinstance(part, Name) else type(part)
        for part in parse_path(path).components
    )
