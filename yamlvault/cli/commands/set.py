"""`yamlvault set`."""

from __future__ import annotations

import sys

from yamlvault import config, storage
from yamlvault.addition import set_value
from yamlvault.cli import say, say_hint
from yamlvault.cli.commands.encrypt import tell
from yamlvault.cli.options import asking
from yamlvault.cli.standard import STANDARD, Desk, ask_hidden, read
from yamlvault.document.new_scalar import Value
from yamlvault.document.text import encode
from yamlvault.errors import FileError, UsageError
from yamlvault.keypath import parse
from yamlvault.selection import nearest_name, select
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser
    from yamlvault.keypath import KeyPath

EXAMPLES = """
# what another program prints
head -c 18 /dev/urandom | base64 | yamlvault set secrets.yml '$.production.password'
# a file as it is, of several lines for example
yamlvault set --file server.pem secrets.yml '$.production.pem'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="an encrypted file")
    command.add_argument(
        "path", metavar="PATH", help="the key path of one value, such as $.production.password"
    )
    command.add_argument(
        "--file",
        dest="value_file",
        metavar="VALUE_FILE",
        help="the value is the content of this file (default: standard input without its last "
        "line break; typed unseen where that is a terminal)",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Set one value of an encrypted file, and seal it."""
    file = arguments.file
    if file == STANDARD:
        raise UsageError(
            "a file is changed in place: standard input has no place", hint="name a file"
        )
    path = parse(arguments.path)
    desk = Desk(arguments)
    with desk.at(file):
        require_metadata(read_source(storage.read(file)))  # before somebody types a value in vain
        value = _value(arguments, path)  # before the lock: others would wait for who types
        with storage.Locked(file) as target:
            source = read_source(target.data)
            rules = config.scopes_for(file)
            sealing = set_value(source, path, value, desk.keyring, rules)
            is_new = not select(source.stream, [path], allow_empty=True)
            target.replace(encode(sealing.text, bom=source.bom))
    if is_new:
        say(f"{file}: {path.text} is new")
        if near := nearest_name(source.stream, path):
            say_hint(near)
    tell(file, sealing._replace(uncovered=()))  # `encrypt` says that, once
    return 0


def _value(arguments: Namespace, path: KeyPath) -> Value:
    """Return the value: from a file, from the terminal unseen, or from standard input."""
    if arguments.value_file is not None:
        data = storage.read(arguments.value_file)
    elif sys.stdin.isatty():
        data = ask_hidden(f"Value of {path.text}: ").encode()
    else:
        # `echo value | yamlvault set …` does not mean the line break
        data = read(STANDARD)
        data = data.removesuffix(b"\r\n" if data.endswith(b"\r\n") else b"\n")
    if not data and arguments.value_file is None:
        raise UsageError(
            "the value is empty",
            source=path.text,
            hint="what was to print it may have failed; an empty value: --file /dev/null",
        )
    try:
        return Value(data.decode())
    except UnicodeDecodeError:
        raise FileError(
            "the value is not UTF-8",
            source=arguments.value_file or "standard input",
            hint="encode it, in base64 for example",
        ) from None
