"""`yamlvault rules`."""

from __future__ import annotations

import os

from yamlvault.cli import printable
from yamlvault.cli.standard import STANDARD, print_bytes, print_json
from yamlvault.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# which rule a file has, or would have, and why
yamlvault rules config/secrets.yml
# the schema of .yamlvault.yml, for an editor
yamlvault rules --schema > .yamlvault.schema.json
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "files", nargs="*", metavar="FILE", help="a file; it need not be there yet"
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON document")
    form.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of .yamlvault.yml"
    )


def run(arguments: Namespace) -> int:
    """Explain the rules of files; exit with 1 where a file has none."""
    if arguments.schema:
        return _print_schema(arguments)
    if not arguments.files:
        raise UsageError("a FILE is missing", hint="yamlvault rules --help")
    if STANDARD in arguments.files:
        raise UsageError("standard input has no name that a rule could be for", hint="name a file")
    from yamlvault.cli import rule_view
    from yamlvault.config.explanation import explain

    explained = [explain(file) for file in arguments.files]
    if arguments.json:
        print_json(rule_view.as_document(explained))
    else:
        lines = "\n\n".join("\n".join(rule_view.as_lines(one)) for one in explained)
        print_bytes("".join(f"{printable(line)}\n" for line in lines.split("\n")).encode())
    return int(any(one.rule is None for one in explained))


def _print_schema(arguments: Namespace) -> int:
    if arguments.files:
        raise UsageError(
            "--schema is that of all files: it takes no FILE", hint="yamlvault rules --schema"
        )
    from yamlvault import config, storage

    print_bytes(storage.read(os.path.join(os.path.dirname(config.__file__), config.SCHEMA)))
    return 0
