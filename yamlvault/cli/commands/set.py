"""`yamlvault set`."""

from __future__ import annotations

import os
import sys
from base64 import b64encode

from yamlvault import config, storage
from yamlvault.cli import say, say_hint
from yamlvault.cli.commands.encrypt import tell_counts, tell_remarks
from yamlvault.cli.options import asking
from yamlvault.cli.standard import STANDARD, Desk, ask_hidden, read
from yamlvault.document.json_value import read_json
from yamlvault.document.new_scalar import Value
from yamlvault.document.text import encode
from yamlvault.editing.setting import set_value
from yamlvault.errors import FileError, UsageError
from yamlvault.keypath import parse
from yamlvault.opening import Lock
from yamlvault.selection import nearest_name, select
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser
    from yamlvault.document.new_tree import Tree
    from yamlvault.format.keys import DataKey
    from yamlvault.keypath import KeyPath
    from yamlvault.source import Source


_NOTHING = '""'  # base64 of no bytes is empty, and would be null

EXAMPLES = """
# what another program prints
openssl rand -hex 16 | yamlvault set secrets.yml '$.production.password'
# a file as it is, of several lines for example
yamlvault set --file server.pem secrets.yml '$.production.pem'
# a number
echo 5432 | yamlvault set --json secrets.yml '$.production.port'
# a list
echo '["a", "b"]' | yamlvault set --json secrets.yml '$.production.hosts'
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
    command.hides_surplus = True
    command.hint_for_surplus = (
        "the value comes from standard input or is typed; one that is no secret: --value TEXT"
    )


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
        before = read_source(storage.read(file))
        require_metadata(before)
        known: dict[str, DataKey] = {}
        is_told = _is_typed(arguments)
        if is_told:
            _rehearse(arguments, path, Lock(before, known), desk)
        value = _value(arguments, path)  # before the lock: others would wait for who types
        with storage.Locked(file) as target:
            source = read_source(target.data)
            rules = config.scopes_for(file)
            sealing = set_value(Lock(source, known), path, value, desk.keyring, rules)
            if sealing is None:
                say(f"{file}: {path.text} has this value already; nothing was written")
                return 0
            target.replace(encode(sealing.text, bom=source.bom))
    if not is_told:
        _tell_new(file, source, path, is_set=True)
    tell_remarks(file, sealing._replace(uncovered=()))  # `encrypt` says that, once
    if sealing.sealed:
        tell_counts(file, sealing)
    return 0


def _is_typed(arguments: Namespace) -> bool:
    is_given = arguments.value is not None or arguments.value_file is not None
    return not is_given and sys.stdin.isatty()


def _rehearse(arguments: Namespace, path: KeyPath, lock: Lock, desk: Desk) -> None:
    """Set an empty value, in memory: what would refuse any value does so before one is typed."""
    file, tree = arguments.file, {} if arguments.json else _from_bytes(b"", arguments)
    sealing = set_value(lock, path, tree, desk.keyring, config.scopes_for(file))
    _tell_new(file, lock.source, path, is_set=False)
    if sealing is not None and sealing.plain:
        say(f"{file}: {path.text} is plaintext, and stays so: what is typed will be seen in it")


def _tell_new(file: str, source: Source, path: KeyPath, *, is_set: bool) -> None:
    """Say that there is no value yet, if so, and what may have been meant."""
    if not select(source.stream, [path], allow_empty=True):
        say(f"{file}: {path.text} is new")
        if near := nearest_name(source.stream, path, is_set=is_set):
            say_hint(near)


def _value(arguments: Namespace, path: KeyPath) -> Tree:
    """Return the value that the command line means."""
    return _from_bytes(_data(arguments, path), arguments)


def _from_bytes(data: bytes, arguments: Namespace) -> Tree:
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
        error.hint = "in JSON a text stands in double quotes; for a text as it is, leave out --json"
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
    is_typed = _is_typed(arguments)
    if is_typed:
        data = ask_hidden(f"Value of {path.text}: ").encode()
    else:
        data = read(STANDARD)
        if not arguments.binary:  # `echo value | yamlvault set …` does not mean the line break
            data = _without_line_break(data)
    if not data:
        cause = "nothing was typed" if is_typed else "what was to print it may have failed"
        raise UsageError(
            "the value is empty",
            source=path.text,
            hint=f"{cause}; an empty value: --file /dev/null",
        )
    return data


def _without_line_break(data: bytes) -> bytes:
    return data.removesuffix(b"\r\n" if data.endswith(b"\r\n") else b"\n")
