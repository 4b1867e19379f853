"""`yamlvault git textconv`: what git shows of an encrypted file in a diff."""

from __future__ import annotations

import os

from yamlvault import config, storage
from yamlvault.access import Access, from_environment
from yamlvault.cli import print_error, say
from yamlvault.cli.git.caller import keeps_nothing
from yamlvault.cli.git.outage import Outage
from yamlvault.cli.options import asking
from yamlvault.cli.standard import print_bytes
from yamlvault.errors import ConfigError, KEKUnreachableError
from yamlvault.keyring import TIMEOUT, Keyring
from yamlvault.review.rendition import render
from yamlvault.review.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser
    from yamlvault.source import Source

# seconds, where nothing else is said: somebody waits for a screen of text
_TIMEOUT = 3.0


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("file", metavar="FILE", help="the version of a file that git hands over")
    asking(command)


def run(arguments: Namespace) -> int:
    """Print the plaintext, with masks for what does not open, and who can open it.

    Git gives up the whole of `git log -p` when a textconv fails: what does not open is shown
    sealed, and the status is 0.
    """
    rendition = render(storage.read(arguments.file), lambda source: _look(source, arguments))
    for error in rendition.errors:
        error.source = error.source or os.path.basename(arguments.file)
        print_error(error)
    print_bytes(rendition.data)
    return 0


def _look(source: Source, arguments: Namespace) -> View:
    shows = keeps_nothing()
    if not shows:
        return View(source, None, why_not=_WHY_NOT[shows])
    if source.metadata is None:
        raise AssertionError("plaintext is not looked at")
    outage = Outage(source.metadata)
    timeout = arguments.timeout
    if timeout is None and TIMEOUT not in os.environ:
        timeout = _TIMEOUT
    if outage.is_on():
        timeout = 0.0  # nobody is asked
    tell = say if arguments.verbose else None
    view = View(source, Keyring(access=_access, timeout=timeout, tell=tell))
    if timeout != 0.0 and any(
        isinstance(error, KEKUnreachableError) for error in view.closed.values()
    ):
        outage.begin()
    for error in view.closed.values() if arguments.verbose else ():
        say(f"left sealed: {error.message}")
    return view


_WHY_NOT = {
    False: "this git command could write it to a file",
    None: "which git command asks for it can't be told",
}


def _access(uri: str) -> Access:
    """Return with which rights the service of a KEK is asked: environment, then the rules.

    Git says nothing of where the file stands, and starts a textconv at the top of the work tree:
    of the rules those count which are found from there. Those above a temporary file would be
    anybody's.
    """
    given = from_environment()
    try:
        found = config.nearest(os.path.join(os.getcwd(), config.NAME))
    except ConfigError:
        return given
    for rule in found.rules if found is not None else ():
        if uri in rule.access:
            ruled = rule.access[uri]
            return Access(*(first or second for first, second in zip(given, ruled, strict=True)))
    return given
