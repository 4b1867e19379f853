"""`yamlvault rotate`."""

from __future__ import annotations

import os

from yamlvault.cli.batch import Batch, Words
from yamlvault.cli.journal import journal_for
from yamlvault.cli.options import asking, batch
from yamlvault.cli.standard import Desk
from yamlvault.renewal import rotate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

WORDS = Words("rotated", "nothing to rotate")

EXAMPLES = """
# one file
yamlvault rotate secrets.yml
# all encrypted files of a folder; interrupted, the same command goes on
yamlvault rotate config
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    batch(command)
    command.add_argument(
        "--restart",
        action="store_true",
        help="rotate all files, also those that an earlier run has done",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Give files new data keys, all of their scalars sealed anew."""
    desk = Desk(arguments)
    names = arguments.files
    journal = None
    if not arguments.dry_run and (len(names) > 1 or any(map(os.path.isdir, names))):
        # what is rotated does not show that it is: only a journal lets a second run go on
        command = ["rotate", *names, *(arguments.kek or ()), *map(str, arguments.context or ())]
        journal = journal_for(command, restart=arguments.restart)
    return Batch(
        arguments,
        desk,
        lambda source, rules: rotate(source, rules, desk.keyring),
        WORDS,
        journal,
    ).run()
