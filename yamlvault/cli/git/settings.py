"""Settings: what stands in the git configuration of a clone for our drivers."""

from __future__ import annotations

import os
import shlex
import sys

from yamlvault.cli.git.attributes import DRIVER
from yamlvault.cli.git.repository import GitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.cli.git.repository import Repository

TEXTCONV = f"diff.{DRIVER}.textconv"
# it would keep the plaintext in the object store, as notes under refs/notes/textconv
CACHE = f"diff.{DRIVER}.cachetextconv"
MERGE_NAME = f"merge.{DRIVER}.name"
MERGE = f"merge.{DRIVER}.driver"
# of several common ancestors git makes one first, in which there must be no conflict markers
RECURSIVE = f"merge.{DRIVER}.recursive"
_NONE_SET = 1  # exit status of git config


def settings(program: str) -> dict[str, str]:
    """Return the settings, by name.

    Args:
        program: What starts yamlvault, as a shell reads it.
    """
    return {
        # a file can be called `--help`
        TEXTCONV: f"{program} git textconv --",
        CACHE: "false",
        MERGE_NAME: "yamlvault: scalar by scalar",
        RECURSIVE: "binary",
        # git puts names in place of %O and the like
        MERGE: f"{program.replace('%', '%%')} git merge -- %O %A %B %L %P",
    }


def this_program() -> str:
    """Return what starts this program, by its full path: git can have another PATH than a shell.

    Git is started by editors and desktops, and its hooks by servers.
    """
    name = sys.argv[0]
    if os.path.basename(name) == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m yamlvault"
    return shlex.quote(os.path.abspath(name))


def found(repository: Repository, *where: str) -> dict[str, str]:
    """Return what is set, by name.

    Args:
        repository: The clone.
        where: `--local` for the configuration of the clone alone.
    """
    try:
        pattern = rf"^(diff|merge)\.{DRIVER}\."
        entries = repository.names("config", *where, "--null", "--get-regexp", pattern)
        pairs = [entry.partition("\n") for entry in entries]
    except GitError as error:
        if error.status == _NONE_SET:
            return {}
        raise
    return {name: value for name, _, value in pairs}


def put(repository: Repository, wanted: dict[str, str]) -> list[str]:
    """Set what is not set so; return the names."""
    there = found(repository, "--local")
    changed = [name for name, value in wanted.items() if there.get(name) != value]
    for name in changed:
        repository.run("config", "--local", "--replace-all", name, wanted[name])
    return changed


def remove(repository: Repository) -> list[str]:
    """Unset what `put` sets; return the names of what was there."""
    there = found(repository, "--local")
    removed = [name for name in settings("") if name in there]
    for name in removed:
        repository.run("config", "--local", "--unset-all", name)
    return removed
