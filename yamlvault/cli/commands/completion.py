"""`yamlvault completion`."""

from __future__ import annotations

from argparse import PARSER

from yamlvault.cli.parser import parser
from yamlvault.cli.standard import print_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from yamlvault.cli.parser import Parser


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def run(arguments: Namespace) -> int:
    """Print the completion script."""
    import shtab

    top = parser(complete=True)
    for command in _subparsers(top):
        for action in command._actions:  # noqa: SLF001  argparse has no other name for them
            if action.metavar in ("FILE", "OUT"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    print_bytes(shtab.complete(top, arguments.shell).encode() + b"\n")
    return 0


def _subparsers(top: Parser) -> Iterator[Parser]:
    """Yield the parsers of the commands and of their subcommands."""
    for action in top._actions:  # noqa: SLF001
        if action.nargs == PARSER:
            for command in action.choices.values():  # type: ignore[union-attr]
                yield command
                yield from _subparsers(command)
