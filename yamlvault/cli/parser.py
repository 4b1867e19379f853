"""The command line's parser: one for the command that is named, one for all."""

from __future__ import annotations

import argparse
import os
from importlib import import_module

from yamlvault._version import __version__
from yamlvault.cli import say
from yamlvault.cli.commands import COMMANDS
from yamlvault.errors import UsageError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

_EPILOG = """\
identities that decrypt are found in YAMLVAULT_AGE_KEY (the text of one), else in the file that
YAMLVAULT_AGE_KEY_FILE names, else where `yamlvault init` puts one. A passphrase is read from
YAMLVAULT_PASSPHRASE, else from the descriptor YAMLVAULT_PASSPHRASE_FD, else from the terminal.
Key services are asked with the credentials that AWS's and Google's own tools would find, within
YAMLVAULT_TIMEOUT seconds; see docs/kms.md.

exit status: 0 done, 1 error, 2 wrong usage, 130 interrupted
"""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Formats help to the width of the terminal."""

    def __init__(self, prog: str) -> None:
        # with a width given, argparse does not import shutil each time it adds an argument
        super().__init__(prog, width=_width())


class Parser(argparse.ArgumentParser):
    """A parser whose errors end with a hint."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=Formatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Exit with status 2 and say what is wrong and what is near."""
        hint = f"{self.prog} --help"
        if "invalid choice" in message and self.prog == "yamlvault":
            wrong = message.split("'")[1]
            message = f"there is no command {wrong!r}"
            hint = suggestion(wrong, COMMANDS)
        say(f"{self.prog}: {message}")
        say(f"hint: {hint}")
        self.exit(2)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what the command line says; exit with status 2 where it is wrong.

    The parser of one command is all that is made when it is named first: that of all commands
    takes as long as decrypting a small file.
    """
    if argv and argv[0] in COMMANDS:
        namespace = argparse.Namespace(command=argv[0])
        words = list(argv[1:])
        if getattr(module(argv[0]), "TAKES_COMMAND", False):
            # argparse takes no rest of the line between options: it is cut off before
            end = words.index("--") if "--" in words else len(words)
            if end == len(words) and not {"-h", "--help"}.intersection(words):
                raise UsageError(
                    "there is no command",
                    hint=f"it stands behind `--`: yamlvault {argv[0]} FILE -- COMMAND",
                )
            words, namespace.child = words[:end], words[end + 1 :]
        return command_parser(argv[0]).parse_intermixed_args(words, namespace)
    top = parser()
    if any(word in COMMANDS for word in argv[1:]):
        top.error(f"{argv[0]!r} stands in front of the command: options follow it")
    return top.parse_args(argv)


def command_parser(name: str) -> Parser:
    """Return the parser of one command."""
    command = Parser(**_settings(name))
    module(name).add_arguments(command)
    return command


def module(name: str) -> Any:
    """Return the module of a command."""
    return import_module(f"yamlvault.cli.commands.{name}")


def parser(*, complete: bool = False) -> Parser:
    """Return the parser of the whole command line.

    Args:
        complete: With what each command takes, and not the names alone.
    """
    top = Parser(
        prog="yamlvault",
        description="Encrypt and decrypt the scalars of YAML files in place.",
        epilog=_EPILOG,
    )
    top.add_argument("--version", action="version", version=f"yamlvault {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        settings: dict[str, Any] = {**_settings(name), "help": summary}
        command = commands.add_parser(name, **settings)
        if complete:
            module(name).add_arguments(command)
    return top


def _settings(name: str) -> dict[str, str]:
    summary = COMMANDS[name]
    return {
        "prog": f"yamlvault {name}",
        "description": f"{summary[0].upper()}{summary[1:]}.",
    }


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns) - 2
    try:
        return os.get_terminal_size(2).columns - 2
    except OSError:
        return 78
