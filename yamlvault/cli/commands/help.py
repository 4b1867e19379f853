"""`yamlvault help`."""

from __future__ import annotations

from yamlvault.cli.commands import COMMANDS
from yamlvault.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# the commands
yamlvault help
# one of them
yamlvault help encrypt
# a part of one
yamlvault help git install
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "name", nargs="?", metavar="COMMAND", help="the command (default: all, in short)"
    )
    command.add_argument(
        "subcommand", nargs="?", metavar="SUBCOMMAND", help="a subcommand of it, as `git` has"
    )


def run(arguments: Namespace) -> int:
    """Print what a command takes, or which there are."""
    from yamlvault.cli.overview import overview
    from yamlvault.cli.standard import print_bytes

    text = overview() if arguments.name is None else _help(arguments.name, arguments.subcommand)
    print_bytes(text.encode())
    return 0


def _help(name: str, subcommand: str | None) -> str:
    from yamlvault.cli.overview import refuse_command
    from yamlvault.cli.parser import command_parser, module, subcommand_parser
    from yamlvault.errors import suggestion

    if name not in COMMANDS:
        refuse_command(name)
    if subcommand is None:
        return command_parser(name).format_help()
    known = getattr(module(name), "SUBCOMMANDS", {})
    if subcommand not in known:
        hint = suggestion(subcommand, known) if known else f"yamlvault help {name}"
        raise UsageError(f"{name} has no subcommand {subcommand!r}", hint=hint)
    return subcommand_parser(name, subcommand).format_help()
