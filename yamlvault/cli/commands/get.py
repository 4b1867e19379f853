"""`yamlvault get`."""

from __future__ import annotations

from yamlvault.cli.options import asking
from yamlvault.cli.standard import Desk, print_bytes, read
from yamlvault.vault import Vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# one value, as it is
yamlvault get secrets.yml '$.production.password'
# a part, for another program
yamlvault get --json secrets.yml '$.production'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="an encrypted file, or - for stdin")
    command.add_argument(
        "path", nargs="?", metavar="PATH", help="a key path such as $.production (default: all)"
    )
    style = command.add_mutually_exclusive_group()
    style.add_argument("--json", action="store_true", help="print JSON")
    style.add_argument("--yaml", action="store_true", help="print YAML")
    style.add_argument(
        "-n", "--no-newline", action="store_true", help="print a single value without line break"
    )
    command.add_argument(
        "--omit-closed", action="store_true", help="leave out scopes that do not open here"
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Print one value, or a part of the document."""
    desk = Desk(arguments)
    with desk.at(arguments.file):
        value = Vault(desk.keyring).loads(
            read(arguments.file),
            path=arguments.path,
            missing="omit" if arguments.omit_closed else "error",
        )
        data = _formatted(value, arguments)
    if not arguments.no_newline and not data.endswith(b"\n"):
        data += b"\n"
    print_bytes(data)
    return 0


def _formatted(value: Any, arguments: Namespace) -> bytes:
    if arguments.json:
        from yamlvault.cli.json_form import dump_json

        return dump_json(value)
    if arguments.yaml or isinstance(value, (dict, list, set, tuple)):
        from yamlvault.cli.dump import dump

        return dump(value).encode()
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool) or value is None:
        return {True: b"true", False: b"false", None: b"null"}[value]
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.encode()
