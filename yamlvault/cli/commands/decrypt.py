"""`yamlvault decrypt`."""

from __future__ import annotations

import os

from yamlvault import storage
from yamlvault.cli import say
from yamlvault.cli.options import asking, output
from yamlvault.cli.standard import STANDARD, Desk, print_bytes, read
from yamlvault.errors import UsageError
from yamlvault.vault import Vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# print the plaintext
yamlvault decrypt secrets.yml
# put it into a file that only you can read
yamlvault decrypt -o plain.yml secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="an encrypted file, or - for stdin")
    where = command.add_mutually_exclusive_group()
    output(where, "write the plaintext to OUT, of mode 0600, not to standard output")
    where.add_argument(
        "-i", "--in-place", action="store_true", help="put the plaintext in place, mode 0600"
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Print the plaintext, or write it where only its owner can read it."""
    file, output = arguments.file, arguments.output
    desk = Desk(arguments)
    vault = Vault(desk.keyring)
    if arguments.in_place:
        if file == STANDARD:
            raise UsageError("--in-place needs a file", hint="standard input has no place")
        with desk.at(file), storage.Locked(file) as target:
            target.replace(vault.decrypt(target.data), mode=storage.PRIVATE)
        say(f"{file}: decrypted; its mode is 0600 now, since it holds plaintext")
        return 0
    with desk.at(file):
        data = vault.decrypt(read(file))
    if output in (None, STANDARD):
        print_bytes(data)
    else:
        storage.write(output, data, mode=storage.PRIVATE)
        if os.path.isfile(output):  # a pipe has no mode
            say(f"{output}: written; its mode is 0600, since it holds plaintext")
    return 0
