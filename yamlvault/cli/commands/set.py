"""`yamlvault set`."""

from __future__ import annotations

import sys

from yamlvault import storage
from yamlvault.addition import encrypt_more
from yamlvault.assignment import assign
from yamlvault.cli.commands.encrypt import tell
from yamlvault.cli.standard import STANDARD, Desk, ask_hidden, read
from yamlvault.coverage import to_seal
from yamlvault.document.new_scalar import Value
from yamlvault.document.text import encode
from yamlvault.errors import FileError, KeyPathError, UsageError
from yamlvault.format.scope import Map
from yamlvault.keypath import parse
from yamlvault.source import Source, require_metadata, without_metadata
from yamlvault.source import read as read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.keypath import KeyPath
    from yamlvault.sealing import Sealing


def run(arguments: Namespace) -> int:
    """Set one value of an encrypted file, and seal it."""
    file = arguments.file
    if file == STANDARD:
        raise UsageError("a file is changed in place: standard input has no place")
    path = parse(arguments.path)
    desk = Desk(arguments)
    with desk.at(file):
        require_metadata(read_source(storage.read(file)))  # before somebody types a value in vain
        value = _value(arguments, path)  # before the lock: others would wait for who types
        with storage.Locked(file) as target:
            source = read_source(target.data)
            sealing = _set(source, path, value, desk)
            target.replace(encode(sealing.text, bom=source.bom))
    tell(file, sealing._replace(uncovered=()))  # `encrypt` says that, once
    return 0


def _set(source: Source, path: KeyPath, value: Value, desk: Desk) -> Sealing:
    bare = without_metadata(source)
    assigned = assign(bare.stream, path, value)
    scopes = require_metadata(source).scopes
    owners = Map(assigned.stream, scopes)
    seals = [scope.seal for scope in scopes]
    if assigned.scalar not in to_seal(assigned.stream, owners, seals, allow_empty=True):
        raise KeyPathError(
            f"{path.text} is none of what is sealed in this file",
            hint=f"seal it from now on: yamlvault encrypt -k '{path.text}' FILE, with a first "
            "value in place; or edit the file",
        )
    edited = Source(assigned.text, bare.bom, assigned.stream, None, None)
    return encrypt_more(source, (), desk.keyring, edited)


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
