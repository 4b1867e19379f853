"""`yamlvault rewrap`."""

from __future__ import annotations

from yamlvault.cli.batch import Batch, Words
from yamlvault.cli.standard import Desk
from yamlvault.renewal import rewrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

WORDS = Words("rewrapped", "its stanzas are as its rule says; nothing to rewrap")


def run(arguments: Namespace) -> int:
    """Bring the stanzas of files in line with their rules."""
    desk = Desk(arguments)
    return Batch(
        arguments,
        desk,
        lambda source, rules: rewrap(source, rules, desk.keyring, fresh=arguments.fresh),
        WORDS,
    ).run()
