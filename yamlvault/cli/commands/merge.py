"""`yamlvault merge`."""

from __future__ import annotations

from yamlvault import config, storage
from yamlvault.cli import say
from yamlvault.cli.edit.endings import Ended
from yamlvault.cli.edit.session import edit
from yamlvault.cli.edit.unmerged import Unmerged
from yamlvault.cli.git.merge import CONFLICT, NAMES, tell_conflicts
from yamlvault.cli.git.stages import read_stages
from yamlvault.cli.options import asking
from yamlvault.cli.standard import STANDARD, Desk
from yamlvault.document.text import encode
from yamlvault.errors import UsageError
from yamlvault.merging.markers import SIZE
from yamlvault.merging.merge import OURS, THEIRS, Merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# what both sides changed, as they have it whose branch is merged in
yamlvault merge --theirs secrets.yml
# what both sides changed, chosen in an editor that shows the plaintext
yamlvault merge --edit secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="an encrypted file that git could not merge")
    side = command.add_mutually_exclusive_group()
    side.add_argument(
        "--ours",
        dest="side",
        action="store_const",
        const=OURS,
        help="in each conflict take our side: the branch that is checked out (in a rebase: the one "
        "that it goes onto)",
    )
    side.add_argument(
        "--theirs",
        dest="side",
        action="store_const",
        const=THEIRS,
        help="in each conflict take their side: the branch, or the commit, that is merged in",
    )
    side.add_argument(
        "--edit",
        action="store_true",
        help="choose in an editor, which shows the plaintext of both sides, as `edit` does",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """Merge a file that a merge, a rebase or a cherry-pick has stopped at, from git's index."""
    file = arguments.file
    if file == STANDARD:
        raise UsageError(
            "a file is merged in place: standard input has no place", hint="name a file"
        )
    desk = Desk(arguments)
    try:
        with desk.at(file):
            merge = Merge(*read_stages(file), desk.keyring, config.scopes_for(file))
            is_settled = _write(file, merge, arguments, desk)
    except Ended as end:
        return 128 + end.number
    for note in merge.notes:
        say(f"{file}: {note}")
    if not is_settled:
        tell_conflicts(file, merge)
        return CONFLICT
    say(f"{file}: merged; next: git add {file}")
    return 0


def _write(file: str, merge: Merge, arguments: Namespace, desk: Desk) -> bool:
    """Write what the versions come to; return whether nothing is left to choose."""
    is_settled = merge.is_settled or arguments.side is not None
    if arguments.edit and not is_settled:
        return edit(lambda: Unmerged(file, desk.keyring, merge, NAMES), desk.keyring)
    text = merge.text(arguments.side) if is_settled else merge.marked(NAMES, SIZE)
    with storage.Locked(file) as target:
        target.replace(encode(text, bom=merge.bom))
    return is_settled
