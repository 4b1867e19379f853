"""Revisions: the two versions of a file that are compared, and where they come from."""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault.cli.git.repository import GitError, Repository, locate
from yamlvault.cli.standard import STANDARD, read
from yamlvault.errors import FileError, UsageError, YamlVaultError
from yamlvault.folder import ENDINGS, absent
from yamlvault.format.metadata import KEY
from yamlvault.source import read as read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

INDEX, HEAD = "", "HEAD"
_ADDED, _REMOVED = "A", "D"  # as git diff --name-status has them


class Revision(NamedTuple):
    """A version of a file.

    Attributes:
        name: What messages call it.
        file: The file whose rule says how key services are asked.
        data: Its bytes.
    """

    name: str
    file: str
    data: bytes

    def __repr__(self) -> str:
        return "<Revision>"  # it can be plaintext


def pairs(arguments: Namespace) -> Iterator[tuple[Revision, Revision]]:
    """Yield the versions that a command line is about, the older one first.

    Raises:
        UsageError: It says no two.
        FileError: A file can't be read.
        GitError: Git has no such version.
    """
    files = arguments.files
    if arguments.rev is None and not arguments.staged and not any(map(os.path.isdir, files)):
        if len(files) == 2:
            if files == [STANDARD, STANDARD]:
                raise UsageError("standard input can be one of the two only", hint="name a file")
            yield _on_disk(files[0]), _on_disk(files[1])
            return
        if len(files) > 2:
            raise UsageError(
                "one file is compared with the index, or two with each other",
                hint="for several files say with what: --rev HEAD",
            )
    if STANDARD in files:
        raise UsageError("git has no version of standard input", hint="name a file")
    wanted = _Range(HEAD, INDEX) if arguments.staged else _range(arguments.rev)
    for file in files or [Repository().root]:
        if os.path.isdir(file):
            yield from _changed_in(file, wanted)
        else:
            yield _old(file, wanted), _new(file, wanted)


class _Range(NamedTuple):
    """Two revisions; the second is None for the work tree.

    Attributes:
        from_base: Whether in place of the first counts where the two parted.
    """

    old: str
    new: str | None
    from_base: bool = False

    @property
    def words(self) -> list[str]:
        """The range as git diff takes it."""
        if self.new == INDEX:
            return ["--cached"]
        if self.new is None:
            return [self.old] if self.old else []
        return [f"{self.old}...{self.new}"] if self.from_base else [self.old, self.new]


def _range(text: str | None) -> _Range:
    """Return the range that `A`, `A..B` or `A...B` says; without a text, what git diff takes."""
    if text is None:
        return _Range(INDEX, None)
    if not text or text.startswith("-"):
        raise UsageError(f"{text!r} is no revision", hint="for example HEAD, main..HEAD")
    for dots in ("...", ".."):
        old, found, new = text.partition(dots)
        if found:
            return _Range(old or HEAD, new or HEAD, from_base=dots == "...")
    return _Range(text, None)


def _on_disk(file: str) -> Revision:
    if file != STANDARD and not os.path.exists(file):
        raise _absent(file)
    return Revision(file, file, read(file))


def _absent(file: str) -> FileError:
    """Return the error for a file that is not there: it may be a revision, as git diff takes it."""
    error = absent(file)
    try:
        if not file.startswith("-") and Repository().knows(file):
            error.hint = f"a revision is named so: yamlvault diff --rev {file} FILE"
    except GitError:
        return error
    return error


def _old(file: str, wanted: _Range) -> Revision:
    return _of_git(file, wanted, wanted.old)


def _new(file: str, wanted: _Range) -> Revision:
    return _on_disk(file) if wanted.new is None else _of_git(file, wanted, wanted.new)


def _of_git(file: str, wanted: _Range, revision: str) -> Revision:
    repository, name = locate(file)
    if wanted.from_base and revision == wanted.old:
        revision = repository.base(wanted.old, wanted.new or HEAD)[:12]
    where = f"{revision}:{file}" if revision else f"{file} (index)"
    try:
        return Revision(where, file, repository.blob(revision, name))
    except GitError as error:
        if revision == INDEX and not os.path.lexists(file):
            raise _absent(file) from None
        error.source = file
        raise


def _changed_in(folder: str, wanted: _Range) -> Iterator[tuple[Revision, Revision]]:
    """Yield the two versions of each encrypted file in a folder that changed, as git diff would."""
    repository = Repository(folder).at_root()
    root = os.path.realpath(repository.root)
    inside = os.path.relpath(os.path.realpath(folder), root)
    for letter, name in repository.changes(wanted.words, inside):
        file = os.path.relpath(os.path.join(root, name))
        if not file.endswith(ENDINGS):
            continue
        nothing = Revision(os.devnull, file, b"")
        old = nothing if letter == _ADDED else _old(file, wanted)
        new = nothing if letter == _REMOVED else _new(file, wanted)
        if any(_is_encrypted(one.data) for one in (old, new)):
            yield old, new


def _is_encrypted(data: bytes) -> bool:
    """Tell whether a version is encrypted, or could be."""
    try:
        return KEY.encode() in data and read_source(data).metadata is not None
    except YamlVaultError:
        return True  # it is compared, and fails with its reason
