"""`yamlvault unset`."""

from __future__ import annotations

from yamlvault import config, storage
from yamlvault.cli import say
from yamlvault.cli.commands.encrypt import tell_counts, tell_remarks
from yamlvault.cli.options import asking
from yamlvault.cli.standard import STANDARD, Desk
from yamlvault.document.text import encode
from yamlvault.editing.draft import Draft
from yamlvault.editing.removal import remove
from yamlvault.editing.revision import revise
from yamlvault.errors import UsageError
from yamlvault.keypath import parse
from yamlvault.selection import select
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# a key, with all that is below it
yamlvault unset secrets.yml '$.production.password'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="an encrypted file")
    command.add_argument(
        "path", metavar="PATH", help="the key path of what is removed, such as $.staging.token"
    )
    asking(command)
    command.hint_for_surplus = "one PATH at a time: run it once for each"


def run(arguments: Namespace) -> int:
    """Remove a key or a list item of an encrypted file, with all that is below it."""
    file = arguments.file
    if file == STANDARD:
        raise UsageError(
            "a file is changed in place: standard input has no place", hint="name a file"
        )
    path = parse(arguments.path)
    desk = Desk(arguments)
    with desk.at(file), storage.Locked(file) as target:
        source = read_source(target.data)
        require_metadata(source)
        select(source.stream, [path])  # a mistyped key is told to who opens nothing, too
        draft = Draft(source, desk.keyring)
        text = remove(draft.text, path)
        sealing = revise(draft, text, desk.keyring, config.scopes_for(file))
        target.replace(encode(sealing.text, bom=source.bom))
    say(f"{file}: {path.text} is removed")
    tell_remarks(file, sealing._replace(uncovered=()))
    if sealing.sealed:  # items that moved up
        tell_counts(file, sealing)
    return 0
