"""`yamlvault git uninstall`."""

from __future__ import annotations

import os

from yamlvault import storage
from yamlvault.cli import say
from yamlvault.cli.git.attributes import NAME, Attributes
from yamlvault.cli.git.repository import Repository
from yamlvault.cli.git.settings import remove
from yamlvault.errors import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# take the settings and the lines in .gitattributes out
yamlvault git uninstall
"""


def add_arguments(_command: Parser) -> None:
    """Add what the command takes: nothing."""


def run(_arguments: Namespace) -> int:
    """Take our settings and lines out again; all others stay as they are."""
    repository = Repository().at_root()
    path = os.path.join(repository.root, NAME)
    data = storage.read(path) if os.path.lexists(path) else b""
    attributes = Attributes(data)
    removed = remove(repository)
    say(f"git config: {', '.join(removed)} unset" if removed else "git config: nothing was set")
    if not attributes.has_block:
        say(f"{NAME}: not changed")
        return 0
    rest = attributes.without_block()
    if rest:
        storage.write(path, rest)
        say(f"{NAME}: our lines are taken out")
        return 0
    try:
        os.unlink(path)
    except OSError as error:
        raise FileError(f"can't be removed: {error.strerror}", source=path) from None
    say(f"{NAME}: removed, nothing else stood in it")
    return 0
