"""The command line."""

import posix

from prehook.errors import PrehookError
from prehook.words import split

HELP = """\
usage: prehook [-v] HOOK... -- CMD [ARG...]

Run each HOOK, one after the other, and only if all succeed become CMD (exec).
Each HOOK is one argument, split into words as sh does, but run without a shell.
A chain `prehook A -- prehook B -- CMD` runs in one process.

  -v, --verbose  say on stderr what is run (also: PREHOOK_VERBOSE=1)
      --version  show the version and exit
  -h, --help     show this and exit

Exit status: that of the hook that failed, 128+n if signal n ended it or the start,
126 or 127 if a hook or CMD can't be run, 125 for prehook's own errors; else CMD's.
"""

_USAGE = 'prehook "HOOK" -- CMD [ARG...]; see prehook --help'
_VERBOSE = ("-v", "--verbose")
_INFORMATION = ("-h", "--help", "--version")


class Hook:
    """A command to run before CMD.

    Attributes:
        words: Its argv.
        place: Which one it is, counted over the whole chain: `hook 2`.
        verbose: Whether to say when it starts and ends.
    """

    __slots__ = ("place", "verbose", "words")

    def __init__(self, words: list[str], place: str, *, verbose: bool) -> None:
        self.words = words
        self.place = place
        self.verbose = verbose


class Start:
    """What one start does: the hooks in their order, then CMD.

    Attributes:
        information: `--help` or `--version` where one of these was asked for; then nothing else.
        verbose: Whether to say that CMD starts: the last prehook of the chain settles it.
    """

    __slots__ = ("command", "hooks", "information", "verbose")

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.command: list[str] = []
        self.information: str | None = None
        self.verbose = False


def parse(arguments: list[str], own_path: str, *, verbose: bool) -> Start:
    """Return what the arguments ask for, the prehooks that follow in the chain included.

    Args:
        arguments: Those of the first prehook, without its name.
        own_path: The path of the script, to know another prehook by.
        verbose: Whether the environment asks for it.

    Raises:
        PrehookError: They are wrong anywhere in the chain; nothing has been run yet.
    """
    start = Start()
    while True:
        start.verbose = verbose
        if not _parse_one(start, arguments):
            return start
        if not _continues(start.command, own_path):
            return start
        arguments = start.command[1:]


def _parse_one(start: Start, arguments: list[str]) -> bool:
    texts = []
    for index, argument in enumerate(arguments):
        if argument == "--":
            start.command = arguments[index + 1 :]
            break
        if argument in _INFORMATION:
            start.information = argument
            return False
        if argument in _VERBOSE:
            start.verbose = True
        elif argument.startswith("-"):
            raise PrehookError(
                f"unknown option {argument.partition('=')[0]}",
                hint="a hook with arguments is quoted as one: " + _USAGE,
            )
        else:
            texts.append(argument)
    else:
        raise PrehookError("no -- in front of CMD", hint=_USAGE)
    if not texts:
        raise PrehookError("no HOOK in front of --", hint=_USAGE)
    if not start.command:
        raise PrehookError(
            "no CMD after --",
            hint="an image whose ENTRYPOINT ends in -- needs a CMD, or a command at docker run",
        )
    for text in texts:
        place = f"hook {len(start.hooks) + 1}"
        start.hooks.append(Hook(split(text, place), place, verbose=start.verbose))
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
    return not any(option in _INFORMATION for option in options)


def _same_file(path: str, other: str) -> bool:
    try:
        found, own = posix.stat(path), posix.stat(other)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
