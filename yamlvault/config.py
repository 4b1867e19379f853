"""`.yamlvault.yml`: which files are encrypted, what in them, and for whom."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from yamlvault.access import Access
from yamlvault.document.compose import compose
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import decode, position
from yamlvault.errors import ConfigError, YamlVaultError, suggestion
from yamlvault.keypath import Pattern
from yamlvault.keypath import parse as parse_path
from yamlvault.rule import EVERYTHING, ScopeRule, split_paths
from yamlvault.storage import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yamlvault.document.node import Node

NAME = ".yamlvault.yml"
_SCOPE_FIELDS = ("paths", "seal", "keks", "context", "append")
_FIELDS = ("files", "scopes", *_SCOPE_FIELDS[1:])
_KEK_FIELDS = ("kek", "profile", "role")  # no name of a file: see docs/kms.md


class Rule(NamedTuple):
    """What holds for the files that match.

    Attributes:
        files: Patterns of file names.
        scopes: What holds for each scope; one, of everything, where the rule has no `scopes`.
        access: With which rights the service of a KEK is asked, by its URI.
    """

    files: tuple[str, ...]
    scopes: tuple[ScopeRule, ...]
    access: Mapping[str, Access] = {}

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


class Config(NamedTuple):
    """A configuration file: its name and its rules, the first that matches holds."""

    path: str
    rules: tuple[Rule, ...]

    def match(self, file: str) -> Rule | None:
        """Return the rule for a file; None where no rule is for it."""
        relative = os.path.relpath(os.path.abspath(file), os.path.dirname(self.path))
        for rule in self.rules:
            if any(matches(pattern, relative) for pattern in rule.files):
                return rule
        return None

    def rule_for(self, file: str) -> Rule:
        """Return the rule for a file.

        Raises:
            ConfigError: None matches.
        """
        rule = self.match(file)
        if rule is not None:
            return rule
        patterns = ", ".join(pattern for rule in self.rules for pattern in rule.files)
        raise ConfigError(
            f"no rule in {self.path} is for this file",
            source=file,
            hint=f"the rules are for {patterns}: add a pattern, or name KEKs with --kek",
        )


def find(file: str) -> Config:
    """Return the configuration for a file.

    Raises:
        ConfigError: There is none, or it is malformed.
    """
    found = nearest(file)
    if found is None:
        raise ConfigError(
            f"there is no {NAME} in its folder or above, and no --kek",
            source=file,
            hint="make one: yamlvault init",
        )
    return found


def scopes_for(file: str) -> tuple[ScopeRule, ...]:
    """Return the rules for the scopes of a file; none where no rule is for it.

    Raises:
        ConfigError: The nearest configuration is malformed.
    """
    found = nearest(file)
    rule = None if found is None else found.match(file)
    return () if rule is None else rule.scopes


def nearest(file: str) -> Config | None:
    """Return the nearest `.yamlvault.yml` from the file's folder up; None where there is none.

    Raises:
        ConfigError: It is malformed.
    """
    directory = os.path.dirname(os.path.abspath(file))
    while True:
        path = os.path.join(directory, NAME)
        if os.path.isfile(path):
            return parse(read(path), path)
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def parse(data: bytes, path: str) -> Config:
    """Parse a configuration file, strictly.

    Raises:
        ConfigError: It is malformed; with the place.
    """
    try:
        text, _ = decode(data)
        documents = compose(text).documents
        if len(documents) != 1:
            raise ConfigError(f"one document is expected, not {len(documents)}")
        reader = _Reader(text)
        fields = reader.fields(documents[0].root, ("rules",), ("rules",))
        return Config(path, tuple(map(reader.rule, reader.items(fields["rules"]))))
    except YamlVaultError as error:
        raise ConfigError(
            error.message, source=path, line=error.line, column=error.column, hint=error.hint
        ) from None


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def rule(self, node: Node) -> Rule:
        fields = self.fields(node, _FIELDS, ("files",))
        files = self.texts(fields.pop("files"))
        self.access: dict[str, Access] = {}
        if "scopes" not in fields:
            return Rule(files, (self.scope(node, fields, EVERYTHING),), self.access)
        scopes = self.items(fields.pop("scopes"))
        return Rule(files, tuple(self.scope_in_list(one, fields) for one in scopes), self.access)

    def scope_in_list(self, node: Node, given: dict[str, Node]) -> ScopeRule:
        """Return the rule of one of several scopes; what the rule around it gives is inherited."""
        fields = self.fields(node, _SCOPE_FIELDS, ("paths",))
        paths = split_paths(self.texts(fields["paths"]))
        for path in paths:
            if any(isinstance(part, Pattern) for part in parse_path(path).components):
                raise self.refusal(
                    fields["paths"],
                    "a regular expression can't name a scope: readers follow it unchecked",
                    "name the keys, or use *",
                )
        return self.scope(node, {**given, **fields}, paths)

    def scope(self, node: Node, fields: dict[str, Node], paths: tuple[str, ...]) -> ScopeRule:
        if "keks" not in fields:
            raise self.refusal(node, "the key `keks` is missing")
        seal = split_paths(self.texts(fields["seal"])) if "seal" in fields else paths
        context = self.context(fields["context"]) if "context" in fields else {}
        append = self.flag(fields["append"]) if "append" in fields else False
        return ScopeRule(self.keks(fields["keks"]), paths, seal, context, append)

    def keks(self, node: Node) -> tuple[str, ...]:
        is_list = isinstance(node, Collection) and not node.is_mapping
        return tuple(map(self.kek, self.items(node) if is_list else [node]))

    def kek(self, node: Node) -> str:
        """Read a KEK: its URI, or a mapping that says with which rights its service is asked."""
        if isinstance(node, Scalar):
            return self.text_of(node)
        fields = self.fields(node, _KEK_FIELDS, ("kek",))
        uri = self.text_of(fields.pop("kek"))
        access = Access(**{name: self.text_of(value) for name, value in fields.items()})
        if self.access.setdefault(uri, access) != access:
            raise self.refusal(node, "this KEK stands in the rule twice, with different rights")
        return uri

    def context(self, node: Node) -> dict[str, str]:
        if not isinstance(node, Collection) or not node.is_mapping or not node.children:
            raise self.refusal(node, "a mapping of texts is expected")
        pairs = zip(node.children[::2], node.children[1::2], strict=True)
        return {self.text_of(key): self.text_of(value) for key, value in pairs}

    def flag(self, node: Node) -> bool:
        if not isinstance(node, Scalar) or node.value not in ("true", "false"):
            raise self.refusal(node, "true or false is expected")
        return node.value == "true"

    def fields(
        self, node: Node, known: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, Node]:
        if not isinstance(node, Collection) or not node.is_mapping:
            raise self.refusal(node, f"a mapping with {', '.join(known)} is expected")
        fields = {}
        for key, value in zip(node.children[::2], node.children[1::2], strict=True):
            name = key.value if isinstance(key, Scalar) else ""
            if name not in known:
                raise self.refusal(key, f"unknown key {name[:40]!r}", suggestion(name, known))
            fields[name] = value
        for name in required:
            if name not in fields:
                raise self.refusal(node, f"the key `{name}` is missing")
        return fields

    def items(self, node: Node) -> list[Node]:
        if not isinstance(node, Collection) or node.is_mapping:
            raise self.refusal(node, "a list is expected")
        if not node.children:
            raise self.refusal(node, "a list is expected that is not empty")
        return node.children

    def texts(self, node: Node) -> tuple[str, ...]:
        nodes = self.items(node) if isinstance(node, Collection) else [node]
        return tuple(self.text_of(item) for item in nodes)

    def text_of(self, node: Node) -> str:
        if not isinstance(node, Scalar) or not node.value:
            raise self.refusal(node, "a text is expected")
        return node.value

    def refusal(self, node: Node, message: str, hint: str | None = None) -> ConfigError:
        line, column = position(self.text, node.start)
        return ConfigError(message, line=line, column=column, hint=hint)


def matches(pattern: str, path: str) -> bool:
    """Tell whether a pattern matches a path, as in `.gitignore`.

    Without a slash it is matched with the last component. `*` and `?` stay within a component,
    `**` goes over several, `[…]` is a set of characters.
    """
    found = expression(pattern)
    if found is None:
        return False
    return found.fullmatch(path if "/" in pattern else os.path.basename(path)) is not None


def expression(pattern: str) -> re.Pattern[str] | None:
    """Return what a pattern means for a whole path, or for the last component without a slash.

    Returns:
        None where it matches nothing.
    """
    try:
        return re.compile("".join(_translated(pattern.removeprefix("/"))))
    except re.error:  # a range whose end comes before its start holds nothing
        return None


def parts_of(pattern: str) -> list[str]:
    """Return what a pattern consists of: wildcards, sets of characters, other characters."""
    return re.findall(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^]]*\]|.", pattern, re.DOTALL)


def _translated(pattern: str) -> Iterator[str]:
    for part in parts_of(pattern):
        if part == "**/":
            yield "(?:.*/)?"
        elif part == "**":
            yield ".*"
        elif part == "*":
            yield "[^/]*"
        elif part == "?":
            yield "[^/]"
        elif part[0] == "[" and len(part) > 1:
            inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
            if inner in ("", "!", "^"):
                yield "(?!)"  # nothing; with what follows Python would make another set of it
                continue
            # a set has no slash in it, whatever it is the opposite of
            yield f"(?!/)[{'^' + inner[1:] if inner.startswith('!') else inner}]"
        else:
            yield re.escape(part)
