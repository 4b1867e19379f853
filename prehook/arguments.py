"""The command line: the prehooks of a chain, up to CMD."""

import posix

from prehook.errors import PrehookError
from prehook.hook import Hook
from prehook.start import Start
from prehook.words import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.journal import Journal

USAGE = 'prehook "HOOK" -- CMD [ARG...]; see prehook --help'
_INFORMATION = ("-h", "--help", "--version")
EXPLAIN, TIMELINE, SCHEMA = "explain", "timeline", "--schema"


def parse(arguments: list[str], own_path: str, journal: "Journal") -> Start:
    """Return what the arguments ask for, the prehooks that follow in the chain included.

    Args:
        arguments: Those of the first prehook, without its name.
        own_path: The path of the script, to know another prehook by.
        journal: The journal, to be set as the options say.

    Raises:
        PrehookError: They are wrong anywhere in the chain; nothing has been run yet.
    """
    start = Start(journal)
    if arguments[:1] == [EXPLAIN]:
        start.information = EXPLAIN
        arguments = arguments[1:]
        if arguments == [SCHEMA]:
            start.information = SCHEMA
            return start
    while _parse_one(start, arguments):
        if not _continues(start.command, own_path):
            break
        arguments = start.command[1:]
    return start


def _parse_one(start: Start, arguments: list[str]) -> bool:
    """Read one prehook; return False if it asks for information instead."""
    first = 0
    settings = None
    if arguments and arguments[0].startswith("-") and arguments[0] != "--":
        from prehook.options import read

        settings, first = read(arguments)
        if settings.information:
            start.information = settings.information
            return False
    try:
        end = arguments.index("--", first)
    except ValueError:
        raise PrehookError("no -- in front of CMD", hint=USAGE) from None
    texts = arguments[first:end]
    if not texts and not (settings and settings.stands_alone):
        raise PrehookError("no HOOK in front of --", hint=USAGE)
    start.command = arguments[end + 1 :]
    if not start.command:
        raise PrehookError(
            "no CMD after --",
            hint="an image whose ENTRYPOINT ends in -- needs a CMD, or a command at docker run",
        )
    for text in texts:
        if text.startswith("-"):
            raise PrehookError(
                f"the option {text.partition('=')[0]} stands behind a hook",
                hint="options stand in front of the hooks, and hold for all up to the next --; "
                "a hook with arguments is quoted as one",
            )
    if settings:
        settings.apply(start, texts)
    else:
        for text in texts:
            place = f"hook {len(start.steps) + 1}"
            hook = Hook(split(text, place), place)
            hook.user = start.user
            start.steps.append(hook)
    return True


def _continues(command: list[str], own_path: str) -> bool:
    """Tell whether CMD is another prehook, that would only be a second interpreter.

    By a bare name it is ours: PATH need not hold the directory of an absolute ENTRYPOINT.
    """
    name, own_name = command[0], own_path.rpartition("/")[2]
    if name.rpartition("/")[2] != own_name:
        return False
    if "/" in name and not _same_file(name, own_path):
        return False
    options = command[1 : command.index("--")] if "--" in command else command[1:]
    if options[:1] in ([EXPLAIN], [TIMELINE]):
        return False
    return not any(option in _INFORMATION for option in options)


def _same_file(path: str, other: str) -> bool:
    try:
        found, own = posix.stat(path), posix.stat(other)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
