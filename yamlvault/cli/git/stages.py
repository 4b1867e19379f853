"""The stages of a file in git's index: its versions while a merge is not settled."""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault.cli.git.repository import GitError, locate
from yamlvault.folder import absent


class Stages(NamedTuple):
    """The versions of an unmerged file; the base is None where the file is new on both sides."""

    base: bytes | None
    ours: bytes
    theirs: bytes


def read_stages(file: str) -> Stages:
    """Return the versions of a file that a merge, a rebase or a cherry-pick has stopped at.

    Raises:
        GitError: There is no git, no repository, or no conflict in this file.
        FileError: There is no such file.
    """
    repository, name = locate(file)
    command = ("--literal-pathspecs", "ls-files", "--unmerged", "-z", "--", name)
    found: dict[int, bytes] = {}
    for entry in repository.run(*command).split(b"\0")[:-1]:
        _, blob, stage = entry.partition(b"\t")[0].split(b" ")
        found[int(stage)] = repository.run("cat-file", "blob", blob.decode())
    if 2 in found and 3 in found:
        return Stages(found.get(1), found[2], found[3])
    if found:
        raise GitError(
            "one side has removed the file", hint="keep it: git add FILE; or remove it: git rm FILE"
        )
    if not os.path.lexists(file):
        raise absent(file)
    raise GitError("git has no conflict in this file", hint="git status")
