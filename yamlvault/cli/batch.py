"""Batches: one change of many files, each of them old or new whatever happens."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault import config, storage
from yamlvault.cli import print_error, say, say_hint
from yamlvault.cli.folders import expanded
from yamlvault.cli.journal import JournalError
from yamlvault.cli.progress import Bar
from yamlvault.cli.standard import STANDARD
from yamlvault.document.text import encode
from yamlvault.errors import KEKUnreachableError, UsageError, YamlVaultError
from yamlvault.kek import shown
from yamlvault.rule import EVERYTHING, ScopeRule
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from yamlvault.cli.journal import Journal
    from yamlvault.cli.standard import Desk
    from yamlvault.renewal import Renewal
    from yamlvault.source import Source

    Change = Callable[[Source, Sequence[ScopeRule] | None], Renewal]


class Words(NamedTuple):
    """How a batch speaks.

    Attributes:
        done: Of a file that it changed.
        idle: Of one that it has nothing to do in.
        hint: Where it took a KEK away; empty for nothing.
    """

    done: str
    idle: str
    hint: str = ""


class Batch:
    """A change of files, one after the other.

    Args:
        arguments: The command line: `files`, `kek`, `context`, `dry_run`.
        desk: What opens the files and seals them.
        change: Makes the new text of a file.
        words: How to speak of it.
        journal: Which files are done; None for a command that finds nothing to do in them.
    """

    def __init__(
        self,
        arguments: Namespace,
        desk: Desk,
        change: Change,
        words: Words,
        journal: Journal | None = None,
    ) -> None:
        self._arguments = arguments
        self._desk = desk
        self._change = change
        self._words = words
        self._journal = journal
        self._changed = self._done = self._failed = self._status = 0
        self._has_removed = False

    def run(self) -> int:
        """Change the files; one that fails does not keep the others from it.

        A key service that is out of reach ends the batch: it would fail, after its deadline, for
        each of the files that are left.

        Returns:
            The exit status.
        """
        if STANDARD in self._arguments.files:
            raise UsageError(
                "files are changed in place: standard input has no place", hint="name a file"
            )
        files = list(expanded(self._arguments.files))
        if not files:
            raise UsageError(
                "there is no encrypted file that a rule is for in these folders",
                hint="name the files, or add a pattern to `files` of a rule in .yamlvault.yml",
            )
        try:
            with Bar(len(files)) as bar:
                for file in files:
                    if not self._try(file):
                        break
                    bar.advance()
        finally:  # where it is interrupted, too
            self._sum_up(len(files))
        if self._journal is not None and self._done == len(files):
            self._journal.remove()
        return self._status

    def _try(self, file: str) -> bool:
        """Change a file; return whether to go on."""
        if self._journal is not None and self._journal.has(file):
            self._done += 1
            return True
        try:
            with self._desk.at(file):
                outcome = self._change_file(file)
        except YamlVaultError as error:
            print_error(error)
            self._failed += 1
            self._status = error.exit_status
            # both would fail for each of the files that are left
            return not isinstance(error, (KEKUnreachableError, JournalError))
        self._done += 1
        say(f"{file}: {outcome}")
        return True

    def _change_file(self, file: str) -> str:
        """Change a file, and return what to say of it."""
        with storage.Locked(file) as target:
            source = read_source(target.data)
            require_metadata(source)
            renewal = self._change(source, self._rules(file, source))
            if renewal.text is None:
                return self._words.idle
            if not self._arguments.dry_run:
                if self._journal is not None:
                    # first: killed in between, the file has not the data keys that stand there
                    self._journal.add(file, renewal.text)
                target.replace(encode(renewal.text, bom=source.bom))
            self._changed += 1
            self._has_removed |= bool(renewal.removed)
        parts = [f"{'would be ' if self._arguments.dry_run else ''}{self._words.done}"]
        if renewal.folded:
            keys = "key" if renewal.folded == 1 else "keys"
            parts.append(f"{renewal.folded} more data {keys} folded in")
        parts += [f"+ {shown(kek)}" for kek in renewal.added]
        parts += [f"- {shown(kek)}" for kek in renewal.removed]
        return ", ".join(parts)

    def _rules(self, file: str, source: Source) -> Sequence[ScopeRule] | None:
        """Return for whom a file is to be: the command line, else its rule, else as it is."""
        context = dict(self._arguments.context or ())
        if self._arguments.kek:
            return [self._given(file, source, context)]
        found = config.nearest(file)
        rule = None if found is None else found.match(file)
        if rule is None:
            if context:
                raise UsageError(
                    "no rule is for this file: --context needs --kek",
                    source=file,
                    hint="name --kek URI, or write a rule for the file in .yamlvault.yml",
                )
            return None
        return [one._replace(context={**one.context, **context}) for one in rule.scopes]

    def _given(self, file: str, source: Source, context: dict[str, str]) -> ScopeRule:
        scopes = require_metadata(source).scopes
        if len(scopes) > 1 or scopes[0].paths != EVERYTHING:
            raise UsageError(
                "has several scopes, or one of a part: --kek can't say which of them it is for",
                source=file,
                hint="say it in the rule",
            )
        append = any(key.append for key in scopes[0].keys)
        return ScopeRule(tuple(self._arguments.kek), context=context, append=append)

    def _sum_up(self, total: int) -> None:
        if self._has_removed and self._words.hint:
            say_hint(self._words.hint)
        left = total - self._done - self._failed
        if total == 1:
            return
        would = "would be " if self._arguments.dry_run else ""
        parts = [f"{self._changed} of {total} files {would}{self._words.done}"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        if left:
            parts.append(f"{left} not tried; the same command goes on there")
        say(", ".join(parts))
