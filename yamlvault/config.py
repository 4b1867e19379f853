"""`.yamlvault.yml`: which files are encrypted, what in them, and for whom."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from yamlvault.document.compose import compose
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import decode, position
from yamlvault.errors import ConfigError, YamlVaultError, suggestion
from yamlvault.sealing import split_paths
from yamlvault.storage import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yamlvault.document.node import Node

NAME = ".yamlvault.yml"
_FIELDS = ("files", "seal", "keks")


class Rule(NamedTuple):
    """What holds for the files that match.

    Attributes:
        files: Patterns of file names.
        seal: Key paths of what is sealed.
        keks: KEK URIs.
    """

    files: tuple[str, ...]
    seal: tuple[str, ...]
    keks: tuple[str, ...]


class Config(NamedTuple):
    """A configuration file: its name and its rules, the first that matches holds."""

    path: str
    rules: tuple[Rule, ...]

    def rule_for(self, file: str) -> Rule:
        """Return the rule for a file.

        Raises:
            ConfigError: None matches.
        """
        relative = os.path.relpath(os.path.abspath(file), os.path.dirname(self.path))
        for rule in self.rules:
            if any(matches(pattern, relative) for pattern in rule.files):
                return rule
        patterns = ", ".join(pattern for rule in self.rules for pattern in rule.files)
        raise ConfigError(
            f"no rule in {self.path} is for this file",
            source=file,
            hint=f"the rules are for {patterns}: add a pattern, or name KEKs with --kek",
        )


def find(file: str) -> Config:
    """Return the configuration for a file: the nearest `.yamlvault.yml` from its folder up.

    Raises:
        ConfigError: There is none, or it is malformed.
    """
    directory = os.path.dirname(os.path.abspath(file))
    while True:
        path = os.path.join(directory, NAME)
        if os.path.isfile(path):
            return parse(read(path), path)
        parent = os.path.dirname(directory)
        if parent == directory:
            raise ConfigError(
                f"there is no {NAME} in its folder or above, and no --kek",
                source=file,
                hint="make one: yamlvault init",
            )
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
        fields = self.fields(node, _FIELDS, ("files", "keks"))
        seal = self.texts(fields["seal"]) if "seal" in fields else ("$",)
        return Rule(self.texts(fields["files"]), split_paths(seal), self.texts(fields["keks"]))

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
    if "/" not in pattern:
        path = os.path.basename(path)
    try:
        return re.fullmatch("".join(_translated(pattern.removeprefix("/"))), path) is not None
    except re.error:  # a range whose end comes before its start holds nothing
        return False


def _translated(pattern: str) -> Iterator[str]:
    for part in re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^]]*\]|.", pattern, re.DOTALL):
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
            # a set has no slash in it, whatever it is the opposite of
            yield f"(?!/)[{'^' + inner[1:] if inner.startswith('!') else inner}]"
        else:
            yield re.escape(part)
