"""`yamlvault git status`."""

from __future__ import annotations

from yamlvault.cli.git.repository import Repository
from yamlvault.cli.git.rules import Rules
from yamlvault.cli.git.state import State
from yamlvault.cli.standard import print_bytes
from yamlvault.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# what is missing
yamlvault git install && yamlvault git status
# the same for another program
yamlvault git install && yamlvault git status --json
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: Namespace) -> int:
    """Say what is missing; the status is 0 where nothing is."""
    repository = Repository().at_root()
    state = State(repository, Rules(repository))
    wrong = [*state.wrong_settings(), *state.wrong_files()]
    if arguments.json:
        import json

        report = {
            "ok": not wrong,
            "settings": state.settings,
            "files": state.files,
            "problems": wrong,
        }
        text = json.dumps(report, indent=2)
    else:
        count = len(state.files)
        files = "1 file" if count == 1 else f"{count} files"
        lines = [*wrong, "run: yamlvault git install"] if wrong else [f"all is set, for {files}"]
        text = "\n".join(map(printable, lines))
    print_bytes(f"{text}\n".encode())
    return 1 if wrong else 0
