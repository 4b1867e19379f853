"""`yamlvault env`."""

from __future__ import annotations

from yamlvault import storage
from yamlvault.cli.options import asking, output, section
from yamlvault.cli.section import variables_of
from yamlvault.cli.standard import STANDARD, Named, print_bytes
from yamlvault.quoting import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# into the shell at hand
eval "$(yamlvault env --format shell secrets.yml '$.production')"
# into a file that only you can read
yamlvault env -o .env secrets.yml '$.production'
# a few of them, as JSON
yamlvault env --json --only 'P*' secrets.yml '$.production'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    section(command)
    form = command.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=list(FORMATS),
        default="dotenv",
        help="dotenv: a .env file (default); json; shell: export commands; docker: for "
        "docker run --env-file",
    )
    form.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    output(command, "write the variables to OUT, of mode 0600, not to standard output")
    asking(command)


def run(arguments: Namespace) -> int:
    """Print the variables of a section."""
    found = variables_of(arguments)
    with Named(arguments.file):
        text = FORMATS[arguments.format](found)
    if arguments.output in (None, STANDARD):
        print_bytes(text.encode())
    else:
        storage.write(arguments.output, text.encode(), mode=storage.PRIVATE)
    return 0
