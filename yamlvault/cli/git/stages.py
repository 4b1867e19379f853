"""The stages of a file in git's index: its versions while a merge is not settled."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

from yamlvault.errors import YamlVaultError


class Stages(NamedTuple):
    """The versions of an unmerged file; the base is None where the file is new on both sides."""

    base: bytes | None
    ours: bytes
    theirs: bytes


def read_stages(file: str) -> Stages:
    """Return the versions of a file that a merge, a rebase or a cherry-pick has stopped at.

    Raises:
        YamlVaultError: There is no git, no repository, or no conflict in this file.
    """
    path = os.path.realpath(file)
    folder, name = os.path.split(path)
    listed = _git(folder, "ls-files", "--unmerged", "-z", "--", name, file=file)
    found: dict[int, bytes] = {}
    for entry in listed.split(b"\0")[:-1]:
        _, blob, stage = entry.partition(b"\t")[0].split(b" ")
        found[int(stage)] = _git(folder, "cat-file", "blob", blob.decode(), file=file)
    if 2 in found and 3 in found:
        return Stages(found.get(1), found[2], found[3])
    if found:
        raise YamlVaultError(
            "one side has removed the file",
            source=file,
            hint="keep it: git add FILE; or remove it: git rm FILE",
        )
    raise YamlVaultError("git has no conflict in this file", source=file, hint="git status")


def _git(folder: str, *words: str, file: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  git
            ["git", "-C", folder or ".", "--literal-pathspecs", *words],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise YamlVaultError("there is no git to ask for the sides", source=file) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise YamlVaultError(f"git {words[0]} failed: {said}", source=file)
    return done.stdout
