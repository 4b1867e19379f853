"""`yamlvault env`."""

from __future__ import annotations

from yamlvault.cli.options import asking, section
from yamlvault.cli.section import variables_of
from yamlvault.cli.standard import Named, print_bytes
from yamlvault.quoting import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# into the shell at hand
eval "$(yamlvault env --format shell secrets.yml '$.production')"
# a few of them, as JSON
yamlvault env --format json --only 'P*' secrets.yml '$.production'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    section(command)
    command.add_argument(
        "--format",
        choices=list(FORMATS),
        default="dotenv",
        help="dotenv: a .env file (default); json; shell: export commands; docker: for "
        "docker run --env-file",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Print the variables of a section."""
    found = variables_of(arguments)
    with Named(arguments.file):
        text = FORMATS[arguments.format](found)
    print_bytes(text.encode())
    return 0
