"""`yamlvault set`."""

from __future__ import annotations

import os
import sys
from base64 import b64encode

from yamlvault import config, storage
from yamlvault.cli import say, say_hint
from yamlvault.cli.commands.encrypt import tell
from yamlvault.cli.options import asking
from yamlvault.cli.standard import STANDARD, Desk, ask_hidden, read
from yamlvault.document.json_value import read_json
from yamlvault.document.new_scalar import Value
from yamlvault.document.text import encode
from yamlvault.editing.setting import set_value
from yamlvault.errors import FileError, UsageError
from yamlvault.keypath import parse
from yamlvault.selection import nearest_name, select
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser
    from yamlvault.document.new_tree import Tree
    from yamlvault.keypath import KeyPath


_NOTHING = '""'  # base64 of no bytes is empty, and would be null

EXAMPLES = """
# what another program prints
head -c 18 /dev/urandom | base64 | yamlvault set secrets.yml '$.production.password'
# a file as it is, of several lines for example
yamlvault set --file server.pem secrets.yml '$.production.pem'
# a number
echo 5432 | yamlvault set --json secrets.yml '$.production.port'
# a mapping with a list in it
echo '{"user": "web", "hosts": ["a", "b"]}' | yamlvault set --json secrets.yml '$.production.db'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="an encrypted file")
    command.add_argument(
        "path",
        metavar="PATH",
        help="the key path of one value, such as $.production.password; of a list also the next "
        "item, such as $.hosts[2] where it has two",
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--file",
        dest="value_file",
        metavar="VALUE_FILE",
        help="the value is the content of this file (default: standard input without its last "
        "line break; typed unseen where that is a terminal)",
    )
    source.add_argument(
        "--value",
        metavar="TEXT",
        help="the value is this text. For what is no secret: every process of the machine can see "
        "it, and the shell's history keeps it",
    )
    kind = command.add_mutually_exclusive_group()
    kind.add_argument(
        "--json",
        action="store_true",
        help="the value is JSON: a number, true, false, null, a text in quotes, an object, a list",
    )
    kind.add_argument(
        "--binary", action="store_true", help="the value is bytes, and is written as !!binary"
    )
    command.add_argument(
        "-n",
        "--no-newline",
        action="store_true",
        help="without the last line break of VALUE_FILE (default: byte for byte)",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Set one value of an encrypted file, and seal it."""
    file = arguments.file
    if file == STANDARD:
        raise UsageError(
            "a file is changed in place: standard input has no place", hint="name a file"
        )
    if arguments.no_newline and arguments.value_file is None:
        raise UsageError("--no-newline is for --file VALUE_FILE", hint="name one, or leave it out")
    path = parse(arguments.path)
    desk = Desk(arguments)
    with desk.at(file):
        require_metadata(read_source(storage.read(file)))  # before somebody types a value in vain
        value = _value(arguments, path)  # before the lock: others would wait for who types
        with storage.Locked(file) as target:
            source = read_source(target.data)
            rules = config.scopes_for(file)
            sealing = set_value(source, path, value, desk.keyring, rules)
            if sealing is None:
                say(f"{file}: {path.text} has this value already; nothing was written")
                return 0
            is_new = not select(source.stream, [path], allow_empty=True)
            target.replace(encode(sealing.text, bom=source.bom))
    if is_new:
        say(f"{file}: {path.text} is new")
        if near := nearest_name(source.stream, path):
            say_hint(near)
    tell(file, sealing._replace(uncovered=()))  # `encrypt` says that, once
    return 0


def _value(arguments: Namespace, path: KeyPath) -> Tree:
    """Return the value that the command line means."""
    data = _data(arguments, path)
    if arguments.binary:
        text = b64encode(data).decode()
        return Value(text, f"!!binary {text or _NOTHING}")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise FileError(
            "the value is not UTF-8", source=_source(arguments), hint="set it with --binary"
        ) from None
    if not arguments.json:
        return Value(text)
    try:
        return read_json(text)
    except FileError as error:
        error.source = _source(arguments)
        raise


def _source(arguments: Namespace) -> str:
    if arguments.value is not None:
        return "--value"
    return str(arguments.value_file or "standard input")


def _data(arguments: Namespace, path: KeyPath) -> bytes:
    """Return the bytes of the value: from a file, the terminal unseen, or standard input."""
    if arguments.value is not None:
        return os.fsencode(arguments.value)
    if arguments.value_file is not None:
        data = read(arguments.value_file)
        return _without_line_break(data) if arguments.no_newline else data
    if sys.stdin.isatty():
        data = ask_hidden(f"Value of {path.text}: ").encode()
    else:
        data = read(STANDARD)
        if not arguments.binary:  # `echo value | yamlvault set …` does not mean the line break
            data = _without_line_break(data)
    if not data:
        raise UsageError(
            "the value is empty",
            source=path.text,
            hint="what was to print it may have failed; an empty value: --file /dev/null",
        )
    return data


def _without_line_break(data: bytes) -> bytes:
    return data.removesuffix(b"\r\n" if data.endswith(b"\r\n") else b"\n")
