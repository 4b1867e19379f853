"""Completion: a shell asks, in the middle of a command line, what can stand at the cursor.

The scripts beside this module ask `yamlvault __complete SHELL …`. They get lines: the first says
of what kind the answer is, the others are candidates. Whatever goes wrong, the answer is empty:
nothing but candidates belongs between a prompt and its cursor.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCRIPTS = {"bash": "yamlvault.bash", "zsh": "_yamlvault", "fish": "yamlvault.fish"}


def script(shell: str) -> bytes:
    """Return the script for a shell of `SCRIPTS`."""
    from importlib.resources import files

    return files(__name__).joinpath(SCRIPTS[shell]).read_bytes()


def reply(argv: Sequence[str]) -> int:
    """Print the answer for a shell.

    Args:
        argv: The shell, and what its script passes on. bash has the line in its environment.
    """
    try:
        lines = list(_lines(argv[0], argv[1:]))
    except (Exception, SystemExit):  # noqa: BLE001  of a file that is being edited, for example
        return 0
    text = "".join(f"{line}\n" for line in lines)
    sys.stdout.buffer.write(text.encode(errors="surrogateescape"))
    return 0


def _lines(shell: str, given: Sequence[str]) -> Iterator[str]:
    from yamlvault.cli.completion.expected import answer

    if shell == "bash":
        from yamlvault.cli.completion import bash

        yield from bash.lines(answer)
        return
    word = given[0]
    if shell == "fish":
        from yamlvault.cli.completion.fish import unquoted

        word = unquoted(word)
    found = answer(given[1:], word)
    yield found.kind
    for one in found.candidates:
        yield f"{one.value}\t{one.about}"
