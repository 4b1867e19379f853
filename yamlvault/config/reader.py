"""The reader of the rules in `.yamlvault.yml`: what each key holds, strictly."""

from __future__ import annotations

from yamlvault.access import Access
from yamlvault.config.node import NodeReader
from yamlvault.document.text import position
from yamlvault.errors import KeyPathError
from yamlvault.keypath import Pattern
from yamlvault.keypath import parse as parse_path
from yamlvault.rule import EVERYTHING, Rule, ScopeRule, split_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node

RULES = "rules"
SCOPE_FIELDS = ("paths", "seal", "keks", "context", "append")
RULE_FIELDS = ("files", "scopes", *SCOPE_FIELDS[1:])
KEK_FIELDS = ("kek", "profile", "role")  # no name of a file: see docs/kms.md


class RuleReader(NodeReader):
    """Reads the rules of one file."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._pattern_lines: dict[str, int] = {}
        self.access: dict[str, Access] = {}

    def rules(self, root: Node) -> list[tuple[Rule, int]]:
        """Return the rules, each with the line that it starts in.

        Raises:
            ConfigError: They are malformed; with line and column.
        """
        nodes = self.items(self.fields(root, (RULES,), (RULES,))[RULES])
        return [(self.rule(node), position(self.text, node.start)[0]) for node in nodes]

    def rule(self, node: Node) -> Rule:
        """Read a rule."""
        fields = self.fields(node, RULE_FIELDS, ("files",))
        files = tuple(map(self.pattern, self.one_or_more(fields.pop("files"))))
        self.access = {}
        if "scopes" not in fields:
            return Rule(files, (self.scope(node, fields, EVERYTHING),), self.access)
        scopes, inherited = [], []
        for one in self.items(fields.pop("scopes")):
            own = self.fields(one, SCOPE_FIELDS, ("paths",))
            scopes.append(self.scope(one, {**fields, **own}, self.roots(own["paths"])))
            inherited.append(tuple(name for name in fields if name not in own))
        return Rule(files, tuple(scopes), self.access, tuple(inherited))

    def pattern(self, node: Node) -> str:
        """Read a pattern of file names; one that stands further up already never holds."""
        text = self.text_of(node)
        line = position(self.text, node.start)[0]
        if text in self._pattern_lines:
            raise self.refusal(
                node,
                f"this pattern stands in line {self._pattern_lines[text]} already",
                "the first rule that matches holds: take it out here",
            )
        self._pattern_lines[text] = line
        return text

    def scope(self, node: Node, fields: dict[str, Node], paths: tuple[str, ...]) -> ScopeRule:
        """Read what holds for a scope."""
        if "keks" not in fields:
            raise self.refusal(node, "the key `keks` is missing")
        seal = self.paths(fields["seal"]) if "seal" in fields else paths
        context = dict(self.pairs(fields["context"])) if "context" in fields else {}
        append = self.flag(fields["append"]) if "append" in fields else False
        return ScopeRule(self.keks(fields["keks"]), paths, seal, context, append)

    def keks(self, node: Node) -> tuple[str, ...]:
        """Read a list of KEKs."""
        return tuple(map(self.kek, self.one_or_more(node)))

    def kek(self, node: Node) -> str:
        """Read a KEK: its URI, or a mapping that says with which rights its service is asked."""
        if self.is_scalar(node):
            return self.text_of(node)
        fields = self.fields(node, KEK_FIELDS, ("kek",))
        uri = self.text_of(fields.pop("kek"))
        access = Access(**{name: self.text_of(value) for name, value in fields.items()})
        if self.access.setdefault(uri, access) != access:
            raise self.refusal(node, "this KEK stands in the rule twice, with different rights")
        return uri

    def roots(self, node: Node) -> tuple[str, ...]:
        """Read the `paths` of a scope."""
        paths = self.paths(node)
        for path in paths:
            if any(isinstance(part, Pattern) for part in parse_path(path).components):
                raise self.refusal(
                    node,
                    "a regular expression can't name a scope: readers follow it unchecked",
                    "name the keys, or use *",
                )
        return paths

    def paths(self, node: Node) -> tuple[str, ...]:
        """Read key paths."""
        found: dict[str, None] = {}
        for one in self.one_or_more(node):
            text = self.text_of(one)
            try:
                found.update(dict.fromkeys(split_paths(text)))
            except KeyPathError as error:
                raise self.refusal(one, error.message, error.hint) from None
        return tuple(found)
