"""Revisions: the two versions of a file that are compared, and where they come from."""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault.cli.git.repository import locate
from yamlvault.cli.standard import STANDARD, read
from yamlvault.errors import FileError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

INDEX, HEAD = "", "HEAD"


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
    if arguments.rev is None and not arguments.staged:
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
    for file in files:
        yield (
            _of_git(file, wanted),
            (_on_disk(file) if wanted.new is None else _of_git(file, wanted, is_new=True)),
        )


class _Range(NamedTuple):
    """Two revisions; the second is None for the work tree.

    Attributes:
        from_base: Whether in place of the first counts where the two parted.
    """

    old: str
    new: str | None
    from_base: bool = False


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
    try:
        return Revision(file, file, read(file))
    except FileError as error:
        if not os.path.lexists(file):
            error.hint = "check the name; a revision is named so: yamlvault diff --rev REV FILE"
        raise


def _of_git(file: str, wanted: _Range, *, is_new: bool = False) -> Revision:
    if os.path.isdir(file):
        raise UsageError(
            "a folder, and files are compared", source=file, hint="name the files in it"
        )
    repository, name = locate(file)
    revision = (wanted.new or "") if is_new else wanted.old
    if wanted.from_base and not is_new:
        revision = repository.base(wanted.old, wanted.new or HEAD)[:12]
    where = f"{revision}:{file}" if revision else f"{file} (index)"
    return Revision(where, file, repository.blob(revision, name))
