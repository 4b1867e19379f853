"""`yamlvault exec`."""

from __future__ import annotations

from yamlvault.cli import environment
from yamlvault.cli.options import asking, section
from yamlvault.cli.program import become
from yamlvault.cli.section import variables_of
from yamlvault.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

TAKES_COMMAND = True  # what stands behind `--` is none of ours

EXAMPLES = """
# the application, with the values of production in its environment
yamlvault exec secrets.yml '$.production' -- gunicorn app:app
# one tool, with one of them, and nothing else of the environment
yamlvault exec --pristine --only HOST secrets.yml '$.production' -- env
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.usage = "%(prog)s [OPTION…] FILE [PATH] -- COMMAND [ARGUMENT…]"
    command.hint_for_surplus = "the command and its arguments stand behind `--`"
    section(command)
    command.add_argument(
        "--no-override",
        action="store_true",
        help="leave a variable alone that the environment has already (default: the file's value "
        "takes its place)",
    )
    command.add_argument(
        "--pristine",
        action="store_true",
        help="hand nothing else on but PATH, HOME, USER, LOGNAME, SHELL, TERM, TZ, TMPDIR, LANG "
        "and LC_*",
    )
    command.add_argument(
        "--keep-identity",
        action="store_true",
        help="hand YAMLVAULT_AGE_KEY and YAMLVAULT_PASSPHRASE on, which open more than the section",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Become the command, with the variables of a section in its environment."""
    if not arguments.child:
        raise UsageError(
            "there is no command", hint="it stands behind `--`: yamlvault exec FILE -- COMMAND"
        )
    variables = variables_of(arguments)
    found = environment.found()
    if not arguments.keep_identity:
        environment.withhold_descriptor(found)
        found = environment.without_secrets(found)
    if arguments.pristine:
        found = environment.pristine(found)
    override = not arguments.no_override
    found = environment.with_variables(found, variables, override=override)
    become(arguments.child, found, arguments.core_limit)
