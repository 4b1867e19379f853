"""The merge driver: what git runs for a file that both branches changed (gitattributes(5))."""

from __future__ import annotations

import subprocess

from yamlvault import config, storage
from yamlvault.cli import print_error, say, say_error, say_hint
from yamlvault.cli.options import asking
from yamlvault.cli.standard import Desk
from yamlvault.document.text import encode
from yamlvault.errors import IntegrityError, NotEncryptedError, YamlVaultError
from yamlvault.merging.merge import Merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

NAMES = ("ours", "theirs")
CONFLICT = 1


def add_arguments(command: Parser) -> None:
    """Add what git gives: the placeholders %O %A %B %L %P."""
    command.add_argument("base", metavar="BASE", help="the common ancestor (%%O)")
    command.add_argument("ours", metavar="OURS", help="our version, and the result (%%A)")
    command.add_argument("theirs", metavar="THEIRS", help="their version (%%B)")
    command.add_argument("size", metavar="SIZE", type=int, help="length of a marker (%%L)")
    command.add_argument("path", metavar="PATH", help="the name of the file (%%P)")
    asking(command)


def run(arguments: Namespace) -> int:
    """Merge three files into the second.

    What can't be merged scalar by scalar is merged as git would without a driver: where that finds
    no conflict, the MACs of both sides hold for what comes out.

    Returns:
        The exit status: 0, or 1 where conflicts are left in the file.
    """
    path, desk = arguments.path, Desk(arguments)
    try:
        with desk.at(path):
            base, ours, theirs = map(
                storage.read, (arguments.base, arguments.ours, arguments.theirs)
            )
            merge = Merge(base, ours, theirs, desk.keyring, config.scopes_for(path))
            text = merge.text() if merge.is_settled else merge.marked(NAMES, arguments.size)
    except NotEncryptedError:
        return _merge_lines(arguments)
    except YamlVaultError as error:
        print_error(error)
        status = _merge_lines(arguments)
        # lines without a conflict can still come to a file that no reader takes
        return CONFLICT if isinstance(error, IntegrityError) else status
    storage.write(arguments.ours, encode(text, bom=merge.bom))
    for note in merge.notes:
        say(f"yamlvault: {path}: {note}")
    if merge.is_settled:
        return 0
    tell_conflicts(path, merge)
    return CONFLICT


def tell_conflicts(path: str, merge: Merge) -> None:
    """Say what is left to choose, and how."""
    places = ", ".join(label or "the top level" for label in merge.conflicts)
    say_error(f"{path}: both sides changed {places or 'the same lines'}")
    say_hint(f"yamlvault merge {path} --ours, --theirs or --edit")


def _merge_lines(arguments: Namespace) -> int:
    command = ["git", "merge-file", f"--marker-size={arguments.size}"]
    for name in ("ours", "base", "theirs"):
        command += ["-L", name]
    command += [arguments.ours, arguments.base, arguments.theirs]
    done = subprocess.run(command, check=False)  # noqa: S603  git, and the files it named
    return min(done.returncode, CONFLICT) if done.returncode >= 0 else CONFLICT
