"""The overview: what `yamlvault` says without a command, and of a word that is none."""

from __future__ import annotations

import sys
import textwrap

from yamlvault._version import __version__
from yamlvault.cli import say_error, say_hint
from yamlvault.cli.commands import COMMANDS, GROUPS
from yamlvault.cli.standard import print_bytes
from yamlvault.cli.width import width
from yamlvault.errors import suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NoReturn

_BEGIN = """\
usage: yamlvault COMMAND …

Encrypts the values of YAML files in place; all else in them stays as it is.

begin with:
  yamlvault init                    makes your identity, and a .yamlvault.yml
  yamlvault encrypt secrets.yml     seals the values
  yamlvault get secrets.yml         opens them, in memory
"""

_END = """\
yamlvault help COMMAND says what a command takes, with examples;
man yamlvault has all of it on one page. yamlvault --version prints the version.
"""


def answer(argv: Sequence[str]) -> NoReturn:
    """Answer a command line that does not begin with a command, and exit."""
    if not argv:
        # status 2: a script that has lost its command must not go on
        print(overview(), end="", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    first = argv[0]
    if first in ("-h", "--help"):
        print_bytes(overview().encode())
        raise SystemExit(0)
    if first == "--version":
        print_bytes(f"yamlvault {__version__}\n".encode())
        raise SystemExit(0)
    if any(word in COMMANDS for word in argv[1:]):
        refuse(
            f"{first!r} stands in front of the command: options follow it",
            "yamlvault COMMAND [OPTION…] FILE",
        )
    if first.startswith("-"):
        from yamlvault.cli.habits import FRONT

        hint = FRONT.get(first, "yamlvault --help")
        refuse(f"there is no option {first!r} in front of a command", hint)
    refuse_command(first)


def refuse_command(name: str) -> NoReturn:
    """Say that there is no such command, and which is near; exit with status 2."""
    from yamlvault.cli import habits

    hint = habits.COMMANDS.get(name) or suggestion(name, COMMANDS)
    refuse(f"there is no command {name!r}", hint)


def refuse(message: str, hint: str) -> NoReturn:
    """Say what is wrong with the command line, and exit with status 2."""
    say_error(message)
    say_hint(hint)
    raise SystemExit(2)


def overview() -> str:
    """Return the text: where to begin, and all commands in their groups."""
    return "\n".join([_BEGIN, *map("".join, _groups()), _END])


def _groups() -> Iterator[Iterator[str]]:
    for title, names in GROUPS.items():
        yield _lines(title, names)


def _lines(title: str, names: Sequence[str]) -> Iterator[str]:
    yield f"{title}:\n"
    indent = max(map(len, COMMANDS)) + 4
    for name in names:
        yield textwrap.fill(
            COMMANDS[name],
            width(),
            initial_indent=f"  {name}".ljust(indent),
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
        )
        yield "\n"
