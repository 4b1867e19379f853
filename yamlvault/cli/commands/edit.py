"""`yamlvault edit`."""

from __future__ import annotations

from yamlvault.cli.edit.endings import Ended
from yamlvault.cli.edit.session import edit
from yamlvault.cli.edit.subject import subject
from yamlvault.cli.options import asking
from yamlvault.cli.standard import STANDARD, Desk
from yamlvault.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# in the editor that VISUAL or EDITOR names
yamlvault edit secrets.yml
# a new file that a rule is for
yamlvault edit config/new-secrets.yml
# by a command, without anybody there
EDITOR="sed -i 's/s3cr/s3cur/'" yamlvault edit secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "file",
        metavar="FILE",
        help="an encrypted file, or a new one that a rule is for; VISUAL or EDITOR names the "
        "editor",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Edit the plaintext of a file, in memory, and seal what changed."""
    file = arguments.file
    if file == STANDARD:
        raise UsageError(
            "a file is edited in place: standard input has no place", hint="name a file"
        )
    desk = Desk(arguments)
    try:
        with desk.at(file):
            edit(lambda: subject(file, desk.keyring), desk.keyring)
    except Ended as end:
        return 128 + end.number
    return 0
