"""`yamlvault diff`."""

from __future__ import annotations

from yamlvault.cli import print_error, say
from yamlvault.cli.differences import as_data, failures, lines
from yamlvault.cli.options import asking
from yamlvault.cli.revisions import pairs
from yamlvault.cli.standard import Desk, print_bytes
from yamlvault.errors import IntegrityError, KEKUnreachableError, UsageError, YamlVaultError
from yamlvault.printable import printable
from yamlvault.review.comparison import compare
from yamlvault.review.view import View
from yamlvault.source import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from yamlvault.cli.parser import Parser
    from yamlvault.cli.revisions import Revision
    from yamlvault.format.keys import DataKey

SAME, DIFFERENT, TROUBLE = 0, 1, 2  # as diff(1) and cmp(1) have them


EXAMPLES = """
# what changed and is not staged yet, by key path
yamlvault diff
# in one file
yamlvault diff secrets.yml
# with the values
yamlvault diff --values --rev HEAD secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a file, compared with the index; or two, compared with each other; a folder: the "
        "encrypted files in it that git diff names (default: all of the repository)",
    )
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--rev",
        metavar="REV",
        help="compare with a revision: REV with the work tree, A..B with each other, A...B since "
        "they parted",
    )
    which.add_argument(
        "--staged", action="store_true", help="compare the index with the last commit"
    )
    command.add_argument(
        "--values", action="store_true", help="show old and new values: they are secrets"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    asking(command)


def run(arguments: Namespace) -> int:
    """Print what changed; the status is 0 for nothing, 1 for something, 2 for an error."""
    try:
        return _compare_all(arguments)
    except UsageError:
        raise
    except YamlVaultError as error:
        print_error(error)
        return TROUBLE


def _compare_all(arguments: Namespace) -> int:
    desk = Desk(arguments)
    status = SAME
    reports: list[dict[str, Any]] = []
    for old, new in pairs(arguments):
        known: dict[str, DataKey] = {}  # a key service is asked once for both
        views = [_look(desk, one, known) for one in (old, new)]
        _tell_failures(desk, (old, new), views)
        found = compare(*views)
        if not found.is_same:
            status = DIFFERENT
        if arguments.json:
            report = as_data(found, with_values=arguments.values)
            reports.append({"old": old.name, "new": new.name, **report})
            continue
        text = list(lines(found, with_values=arguments.values, verbose=arguments.verbose))
        if text:
            head = printable(f"{old.name} -> {new.name}")
            print_bytes("\n".join([head, *(f"  {line}" for line in text), ""]).encode())
    if arguments.json:
        import json

        print_bytes(json.dumps(reports, indent=2).encode() + b"\n")
    return status


def _look(desk: Desk, revision: Revision, known: dict[str, DataKey]) -> View:
    with desk.at(revision.file):
        try:
            return View(read(revision.data), desk.keyring, known=known)
        except YamlVaultError as error:
            error.source = error.source or revision.name
            raise


def _tell_failures(desk: Desk, revisions: tuple[Revision, Revision], views: list[View]) -> None:
    """Say why something was left sealed: always where it is not a matter of rights."""
    for revision, view in zip(revisions, views, strict=True):
        loud = any(
            isinstance(error, (IntegrityError, KEKUnreachableError))
            for error in view.closed.values()
        )
        for line in failures(revision.name, view):
            if loud:
                say(line)
            else:
                desk.keyring.tell(line)
