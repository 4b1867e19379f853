"""The run of a check over many files."""

from __future__ import annotations

import os
from contextlib import suppress
from shlex import quote

from yamlvault.check import check_data
from yamlvault.check.finding import Finding, found
from yamlvault.check.tree import UnmergedError
from yamlvault.config import NAME, Lookup
from yamlvault.errors import FileError, YamlVaultError
from yamlvault.folder import ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from yamlvault.rule import Rule

    class Tree(Protocol):
        """Where files come from."""

        refused: list[FileError]
        is_index: bool

        def files(self) -> Iterator[tuple[str, bool]]:
            """Yield the files, each with whether it was named itself."""

        def read(self, file: str) -> bytes:
            """Return the bytes of a file."""

        def load(self, path: str) -> bytes | None:
            """Return the bytes of a file of configuration; None where there is none."""


class Run:
    """A check of the files of a tree. Each `.yamlvault.yml` is read once.

    Attributes:
        checked: How many files were yamlvault's business: a rule is for them, or they are
            encrypted.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._lookup = Lookup(tree.load, strict=True)
        # a rule that is not staged holds for no commit yet, and is meant all the same
        self._coming = Lookup(strict=True) if tree.is_index else None
        self._told: set[str | None] = set()
        self.checked = 0

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, file by file."""
        for file, is_named in self._tree.files():
            yield from self._check(file, is_named=is_named)
        for error in self._tree.refused:
            yield found("unreadable-file", str(error.source), error.message)

    def _check(self, file: str, *, is_named: bool) -> Iterator[Finding]:
        rule, error = self._rule(file)
        if error is not None:
            yield from self._tell(error)
        if os.path.basename(file) == NAME:
            return
        if rule is None and not is_named and not file.endswith(ENDINGS):
            return
        try:
            data = self._tree.read(file)
        except FileError as refusal:
            if rule is not None or is_named:
                self.checked += 1
                is_unmerged = isinstance(refusal, UnmergedError)
                code = "merge-conflict" if is_unmerged else "unreadable-file"
                yield found(code, file, refusal.message, hint=refusal.hint)
            return
        findings = check_data(file, data, rule, needs_rule=error is None)
        if findings is None and error is None:
            findings = self._by_coming_rule(file, data)
        if findings is not None:
            self.checked += 1
            yield from findings

    def _by_coming_rule(self, file: str, data: bytes) -> list[Finding] | None:
        """Check a file for which a rule is in the work tree, and none in the index."""
        nearest = None
        if self._coming is not None:
            with suppress(YamlVaultError):  # who stages it is told
                nearest = self._coming.nearest(file)
        rule = None if nearest is None else nearest.match(file)
        if nearest is None or rule is None:
            return None
        name = os.path.relpath(nearest.path)
        return [
            one._replace(
                message=f"{one.message}, by a rule that is not staged",
                hint=f"git add {quote(name)}, and encrypt it before you stage it",
            )
            for one in check_data(file, data, rule) or ()
        ]

    def _rule(self, file: str) -> tuple[Rule | None, YamlVaultError | None]:
        try:
            nearest = self._lookup.nearest(file)
        except YamlVaultError as error:
            return None, error
        return None if nearest is None else nearest.match(file), None

    def _tell(self, error: YamlVaultError) -> Iterator[Finding]:
        """Yield the finding for a malformed configuration, once."""
        if error.source not in self._told:
            self._told.add(error.source)
            name = os.path.relpath(str(error.source))
            place = (error.line or 1, error.column or 1)
            yield found("config", name, error.message, place, hint=error.hint)
