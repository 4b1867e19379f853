"""`yamlvault rewrap`."""

from __future__ import annotations

from yamlvault.cli.batch import Batch, Words
from yamlvault.cli.options import asking, batch
from yamlvault.cli.standard import Desk
from yamlvault.errors import UsageError
from yamlvault.renewal import rewrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from yamlvault.cli.parser import Parser
    from yamlvault.renewal import Renewal
    from yamlvault.rule import ScopeRule
    from yamlvault.source import Source

WORDS = Words(
    "rewrapped",
    "its stanzas are as its rule says; nothing to rewrap",
    "who lost access may have kept the data keys, and the old files: yamlvault rotate, and new "
    "secrets where they are used",
)

EXAMPLES = """
# what would change, after an edit of .yamlvault.yml
yamlvault rewrap --dry-run config
# change it
yamlvault rewrap config secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    batch(command)
    command.add_argument(
        "--fresh", action="store_true", help="wrap anew for the KEKs that stay, too"
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Bring the stanzas of files in line with their rules."""
    desk = Desk(arguments)

    def change(source: Source, rules: Sequence[ScopeRule] | None) -> Renewal:
        if rules is None and not arguments.fresh:
            raise UsageError(
                "no rule is for this file, so that there is nothing to bring its stanzas in line "
                "with",
                hint="name --kek URI, or --fresh to wrap anew for the same KEKs",
            )
        return rewrap(source, rules, desk.keyring, fresh=arguments.fresh)

    return Batch(arguments, desk, change, WORDS).run()
