"""`yamlvault git install`."""

from __future__ import annotations

import os

from yamlvault import storage
from yamlvault.cli import say
from yamlvault.cli.git.attributes import NAME, VALUES, Attributes
from yamlvault.cli.git.repository import Repository
from yamlvault.cli.git.rules import Rules
from yamlvault.cli.git.settings import put, settings, this_program
from yamlvault.cli.git.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# in this clone; the others run it themselves
yamlvault git install && git add .gitattributes
# where git finds the program in its PATH
yamlvault git install --program yamlvault
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "--program",
        metavar="COMMAND",
        help="how git starts yamlvault, as a shell reads it (default: this program by its path)",
    )


def run(arguments: Namespace) -> int:
    """Set what git has to know in this clone, and say which files it is for."""
    repository = Repository().at_root()
    rules = Rules(repository)
    path = os.path.join(rules.root, NAME)
    data = storage.read(path) if os.path.lexists(path) else b""
    attributes = Attributes(data)
    patterns = rules.patterns()
    wanted = attributes.with_patterns(patterns)

    changed = put(repository, settings(arguments.program or this_program()))
    say(f"git config: {', '.join(changed)} set" if changed else "git config: all is set already")
    if wanted == data:
        say(f"{NAME}: not changed")
    else:
        storage.write(path, wanted)
        lines = "1 line" if len(patterns) == 1 else f"{len(patterns)} lines"
        say(f"{NAME}: {lines} for the rules' files ({VALUES})")
    for rival in Attributes(wanted).rivals(patterns):
        say(f"{NAME}:{rival.number}: {rival.attributes} for the same files is overridden now")
    for line in State(repository, rules).wrong_files():
        say(line)
    if repository.run("status", "--porcelain", "--", NAME):
        say(f"next: commit {NAME}; `yamlvault git install` is for each clone")
    return 0
