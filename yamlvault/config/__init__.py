"""`.yamlvault.yml`: which files are encrypted, what in them, and for whom."""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault.config.pattern import matches
from yamlvault.document.compose import compose
from yamlvault.document.text import decode
from yamlvault.errors import ConfigError, YamlVaultError
from yamlvault.rule import Rule
from yamlvault.storage import read

__all__ = ["NAME", "Config", "Lookup", "Rule", "find", "matches", "nearest", "parse", "scopes_for"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from yamlvault.rule import ScopeRule

NAME = ".yamlvault.yml"
SCHEMA = "yamlvault.schema.json"  # beside this module: the JSON Schema of such a file


class Config(NamedTuple):
    """A configuration file: its name and its rules, the first that matches holds.

    Attributes:
        path: Its absolute path.
        rules: Its rules.
        lines: The line that each rule starts in.
    """

    path: str
    rules: tuple[Rule, ...]
    lines: tuple[int, ...] = ()

    def relative(self, file: str) -> str:
        """Return the path of a file as patterns see it."""
        return os.path.relpath(os.path.abspath(file), os.path.dirname(self.path))

    def match(self, file: str) -> Rule | None:
        """Return the rule for a file; None where no rule is for it."""
        relative = self.relative(file)
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


def find(file: str, *, strict: bool = False) -> Config:
    """Return the configuration for a file.

    Args:
        file: The name of the file.
        strict: As in `parse`.

    Raises:
        ConfigError: There is none, or it is malformed.
    """
    found = nearest(file, strict=strict)
    if found is None:
        raise ConfigError(
            f"there is no {NAME} in its folder or above, and no --kek",
            source=file,
            hint="make one: yamlvault init",
        )
    return found


def scopes_for(file: str, *, strict: bool = False) -> tuple[ScopeRule, ...]:
    """Return the rules for the scopes of a file; none where no rule is for it.

    Args:
        file: The name of the file.
        strict: As in `parse`.

    Raises:
        ConfigError: The nearest configuration is malformed.
    """
    found = nearest(file, strict=strict)
    rule = None if found is None else found.match(file)
    return () if rule is None else rule.scopes


def nearest(file: str, *, strict: bool = False) -> Config | None:
    """Return the nearest `.yamlvault.yml` from the file's folder up; None where there is none.

    Args:
        file: The name of the file.
        strict: As in `parse`.

    Raises:
        ConfigError: It is malformed.
    """
    return Lookup(strict=strict).nearest(file)


class Lookup:
    """Finds the configurations of files, and reads each of them once.

    Args:
        load: Returns the bytes of a file by its absolute path; None where there is none.
        strict: As in `parse`.
    """

    def __init__(
        self, load: Callable[[str], bytes | None] | None = None, *, strict: bool = False
    ) -> None:
        self._load = load or _load
        self._strict = strict
        self._found: dict[str, Config | YamlVaultError | None] = {}

    def nearest(self, file: str) -> Config | None:
        """Return the nearest `.yamlvault.yml` from the file's folder up; None where there is none.

        Raises:
            ConfigError: It is malformed.
            FileError: It can't be read.
        """
        found = self._of_folder(os.path.dirname(os.path.abspath(file)))
        if isinstance(found, YamlVaultError):
            raise found.with_traceback(None)
        return found

    def _of_folder(self, folder: str) -> Config | YamlVaultError | None:
        passed = []
        found: Config | YamlVaultError | None = None
        while folder not in self._found:
            passed.append(folder)
            found = self._in_folder(folder)
            parent = os.path.dirname(folder)
            if found is not None or parent == folder:
                break
            folder = parent
        else:
            found = self._found[folder]
        self._found.update(dict.fromkeys(passed, found))
        return found

    def _in_folder(self, folder: str) -> Config | YamlVaultError | None:
        path = os.path.join(folder, NAME)
        try:
            data = self._load(path)
            return None if data is None else parse(data, path, strict=self._strict)
        except YamlVaultError as error:
            return error


def _load(path: str) -> bytes | None:
    return read(path) if os.path.isfile(path) else None


def parse(data: bytes, path: str, *, strict: bool = False) -> Config:
    """Parse a configuration file.

    Args:
        data: Its bytes.
        path: Its path.
        strict: Refuse what is well-formed but can't work, too (docs/check.md): for who encrypts
            or checks. Who opens a file does not depend on it.

    Raises:
        ConfigError: It is malformed; with the place.
    """
    from yamlvault.config.reader import RuleReader

    try:
        text, _ = decode(data)
        documents = compose(text).documents
        if len(documents) != 1:
            hint = None if documents else "yamlvault init writes a first one"
            raise ConfigError(f"one document is expected, not {len(documents)}", hint=hint)
        if strict:
            from yamlvault.config.scrutiny import Scrutiny

            reader: RuleReader = Scrutiny(text, os.path.abspath(path))
        else:
            reader = RuleReader(text)
        rules = reader.rules(documents[0].root)
    except YamlVaultError as error:
        raise ConfigError(
            error.message, source=path, line=error.line, column=error.column, hint=error.hint
        ) from None
    return Config(path, tuple(rule for rule, _ in rules), tuple(line for _, line in rules))
