"""`yamlvault get`."""

from __future__ import annotations

from yamlvault.cli.options import asking
from yamlvault.cli.standard import Desk, print_bytes, read
from yamlvault.errors import DocumentError
from yamlvault.format.tags import NUMBER_TAGS
from yamlvault.loading import ERROR, OMIT, default_loader, load_documents, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    import yaml

    from yamlvault.cli.parser import Parser
    from yamlvault.keyring import Keyring
    from yamlvault.loading import Loader

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
        value = _value(arguments, desk.keyring)
        data = _formatted(value, arguments)
    is_binary = isinstance(value, bytes) and not (arguments.json or arguments.yaml)
    if not arguments.no_newline and not data.endswith(b"\n") and not is_binary:
        data += b"\n"
    print_bytes(data)
    return 0


def _value(arguments: Namespace, keyring: Keyring) -> Any:
    documents = load_documents(
        read(arguments.file),
        keyring,
        arguments.path,
        None if arguments.json or arguments.yaml else _loader(),
        OMIT if arguments.omit_closed else ERROR,
    )
    if arguments.path is None and len(documents) > 1:
        raise DocumentError(
            f"the stream has {len(documents)} documents",
            hint="name a value that one of them has; all of them: yamlvault decrypt FILE",
        )
    return only(documents, arguments.path)


def _loader() -> Loader:
    """Return a loader class by which a number that stands alone is its text."""

    class AsWritten(default_loader()):  # type: ignore[misc]
        def construct_document(self, node: yaml.Node) -> Any:
            value = super().construct_document(node)
            # 1.10 can be a version and 0600 a mode: what reads it is to see what stands there
            return node.value if node.tag in NUMBER_TAGS else value

    return AsWritten


def _formatted(value: Any, arguments: Namespace) -> bytes:
    if arguments.json:
        from yamlvault.json_form import dump_json

        hint = "without --json it is printed as YAML"
        return dump_json(value, arguments.path or "$", hint)
    if arguments.yaml or isinstance(value, (dict, list, set, tuple)):
        from yamlvault.cli.dump import dump

        return dump(value).encode()
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool) or value is None:
        return {True: b"true", False: b"false", None: b"null"}[value]
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.encode()
