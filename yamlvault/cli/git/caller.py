"""The caller of a textconv: which git command asks for it."""

from __future__ import annotations

import os

_GIT = "git"
# of git itself, with the value as a word of its own
_WITH_VALUE = (
    "-C",
    "-c",
    "--attr-source",
    "--config-env",
    "--git-dir",
    "--namespace",
    "--super-prefix",
    "--work-tree",
)
_GENERATIONS = 16  # how far up it is looked for: a shell and a wrapper can stand in between


# of these the output goes to who asked. Others keep it: commit, and merge, rebase, cherry-pick and
# revert on their way to one, write the diff into COMMIT_EDITMSG where `commit.verbose` is set
_SHOWING = (
    "annotate",
    "blame",
    "cat-file",
    "diff",
    "diff-files",
    "diff-index",
    "diff-tree",
    "difftool",
    "grep",
    "log",
    "range-diff",
    "reflog",
    "show",
    "stash",
    "whatchanged",
)

_KEEPING = frozenset(("am", "cherry-pick", "commit", "merge", "pull", "rebase", "revert"))


def keeps_nothing() -> bool | None:
    """Tell whether the git command that asks shows what it gets, and writes it to no file.

    Returns:
        None where it can't be found out.
    """
    process = os.getppid()
    for _ in range(_GENERATIONS):
        if process <= 1:
            break
        found = _from_proc(process) or _from_ps(process)
        if found is None:
            return None
        process, words, is_exact = found
        if not words:
            continue
        name = os.path.basename(words[0])
        if name == _GIT:
            shows = _subcommand(words) in _SHOWING
            # where arguments can't be told apart, a word of an option could be taken for it
            return shows and (is_exact or _KEEPING.isdisjoint(words))
        if name.startswith(f"{_GIT}-"):
            return name.removeprefix(f"{_GIT}-") in _SHOWING
    return True  # no git asks: somebody looks


def _from_proc(process: int) -> tuple[int, list[str], bool] | None:
    """Return the parent and the arguments of a process (proc(5)); None without a /proc."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            words = os.fsdecode(file.read()).split("\0")[:-1]
        with open(f"/proc/{process}/stat", "rb") as file:
            # the name of the program stands in parentheses, and can have some in it
            parent = int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return parent, words, True


def _from_ps(process: int) -> tuple[int, list[str], bool] | None:
    """Return the same from ps(1), which does not say where an argument ends."""
    import subprocess

    command = ("ps", "-o", "ppid=", "-o", "args=", "-p", str(process))
    try:
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    parent, *words = os.fsdecode(done.stdout).split() or [""]
    return (int(parent), words, False) if parent.isdecimal() else None


def _subcommand(words: list[str]) -> str:
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-"):
            return word
        if word in _WITH_VALUE:
            next(rest, None)
    return ""
