"""`yamlvault git`: what makes git show and merge encrypted files."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from yamlvault.cli.parser import Parser

# a module of yamlvault.cli.git each, with `add_arguments` and `run`; `EXAMPLES` where one types it
SUBCOMMANDS = {
    "install": "let git in this clone show and merge encrypted files",
    "uninstall": "undo what install did",
    "status": "say whether git in this clone shows and merges encrypted files",
    "merge": "merge three versions of a file; git runs this, and you: yamlvault merge FILE",
    "textconv": "print a file as git shows it in diffs; git runs this",
}

EXAMPLES = """
# once in each clone: diffs show values, and merges are made scalar by scalar
yamlvault git install && git add .gitattributes
# what is missing for that
yamlvault git install && yamlvault git status
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes: the subcommands, with what each of them takes."""
    choices = command.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", required=True)
    for name, summary in SUBCOMMANDS.items():
        one = choices.add_parser(
            name,
            prog=f"{command.prog} {name}",
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
        )
        add_arguments_of(name, one)


def add_arguments_of(subcommand: str, parser: Parser) -> None:
    """Add what one subcommand takes."""
    from yamlvault.cli.parser import add_examples

    _module(subcommand).add_arguments(parser)
    add_examples(parser, _module(subcommand))


def run(arguments: Namespace) -> int:
    """Run the subcommand."""
    status: int = _module(arguments.subcommand).run(arguments)
    return status


def _module(subcommand: str) -> Any:
    return import_module(f"yamlvault.cli.git.{subcommand}")
