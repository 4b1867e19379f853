"""`yamlvault help`."""

from __future__ import annotations

from yamlvault.cli.commands import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# the commands
yamlvault help
# one of them
yamlvault help encrypt
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "name", nargs="?", metavar="COMMAND", help="the command (default: all, in short)"
    )


def run(arguments: Namespace) -> int:
    """Print what a command takes, or which there are."""
    from yamlvault.cli.overview import overview, refuse_command
    from yamlvault.cli.parser import command_parser
    from yamlvault.cli.standard import print_bytes

    if arguments.name is None:
        text = overview()
    elif arguments.name in COMMANDS:
        text = command_parser(arguments.name).format_help()
    else:
        refuse_command(arguments.name)
    print_bytes(text.encode())
    return 0
