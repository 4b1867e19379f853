"""What the command line takes."""

from __future__ import annotations

import argparse
import os

from yamlvault._version import __version__
from yamlvault.cli import say
from yamlvault.errors import suggestion
from yamlvault.keyring import MAX_TIMEOUT, is_utf8

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
        name = argv[0]
        command = Parser(**_settings(name))
        COMMANDS[name][1](command)
        return command.parse_intermixed_args(argv[1:], argparse.Namespace(command=name))
    return parser().parse_args(argv)


def parser() -> Parser:
    """Return the parser of the whole command line."""
    top = Parser(
        prog="yamlvault",
        description="Encrypt and decrypt the scalars of YAML files in place.",
        epilog=_EPILOG,
    )
    top.add_argument("--version", action="version", version=f"yamlvault {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (summary, add_arguments) in COMMANDS.items():
        settings: dict[str, Any] = {**_settings(name), "help": summary}
        add_arguments(commands.add_parser(name, **settings))
    return top


def _settings(name: str) -> dict[str, str]:
    summary = COMMANDS[name][0]
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


def _init(command: Parser) -> None:
    command.add_argument(
        "--identity", metavar="FILE", help="where the identity goes (default: in your home)"
    )
    command.add_argument(
        "files",
        nargs="*",
        metavar="PATTERN",
        help="the files that the first rule is for (default: *secrets*.yml, *secrets*.yaml)",
    )


def _encrypt(command: Parser) -> None:
    command.add_argument("files", nargs="+", metavar="FILE", help="a YAML file, or - for stdin")
    command.add_argument(
        "-k",
        "--key",
        action="append",
        metavar="PATHS",
        help="key paths of what is sealed, such as '$.production,$.*.password' (default: as "
        "the rule in .yamlvault.yml says)",
    )
    command.add_argument(
        "--kek",
        action="append",
        metavar="URI",
        help="who can open it: age:age1…, 'age:ssh-ed25519 …', aws-kms:arn:…, "
        "gcp-kms:projects/…, passphrase: (default: as the rule says); may be given several "
        "times, any one opens",
    )
    _context(command)
    _output(command, "write the result to OUT and leave FILE alone")
    _asking(command)


def _decrypt(command: Parser) -> None:
    command.add_argument("file", metavar="FILE", help="an encrypted file, or - for stdin")
    where = command.add_mutually_exclusive_group()
    _output(where, "write the plaintext to OUT, of mode 0600, not to standard output")
    where.add_argument(
        "-i", "--in-place", action="store_true", help="put the plaintext in place, mode 0600"
    )
    _asking(command)


def _get(command: Parser) -> None:
    command.add_argument("file", metavar="FILE", help="an encrypted file, or - for stdin")
    command.add_argument(
        "path", nargs="?", metavar="PATH", help="a key path such as $.production (default: all)"
    )
    style = command.add_mutually_exclusive_group()
    style.add_argument("--json", action="store_true", help="print JSON")
    style.add_argument("--yaml", action="store_true", help="print YAML")
    style.add_argument(
        "-n", "--no-newline", action="store_true", help="print a single value without line break"
    )
    command.add_argument(
        "--omit-closed", action="store_true", help="leave out scopes that do not open here"
    )
    _asking(command)


def _keys(command: Parser) -> None:
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="an encrypted file; without one, the identities at hand are listed",
    )
    _asking(command)


def _completion(command: Parser) -> None:
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _set(command: Parser) -> None:
    command.add_argument("file", metavar="FILE", help="an encrypted file")
    command.add_argument(
        "path", metavar="PATH", help="the key path of one value, such as $.production.password"
    )
    command.add_argument(
        "--file",
        dest="value_file",
        metavar="VALUE_FILE",
        help="the value is the content of this file (default: standard input without its last "
        "line break; typed unseen where that is a terminal)",
    )
    _asking(command)


def _rewrap(command: Parser) -> None:
    _batch(command)
    command.add_argument(
        "--fresh", action="store_true", help="wrap anew for the KEKs that stay, too"
    )


def _rotate(command: Parser) -> None:
    _batch(command)
    command.add_argument(
        "--restart",
        action="store_true",
        help="rotate all files, also those that an earlier run has done",
    )


def _batch(command: Parser) -> None:
    command.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="an encrypted file, or a folder: all encrypted files in it that a rule is for",
    )
    command.add_argument(
        "--kek",
        action="append",
        metavar="URI",
        help="who can open it then, in place of all who can now; once for each (default: as the "
        "rule says, else as now)",
    )
    _context(command)
    command.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        help="do all of it, the calls of key services too, but write nothing",
    )
    _asking(command)


def _context(command: Parser) -> None:
    command.add_argument(
        "--context",
        action="append",
        type=_pair,
        metavar="NAME=VALUE",
        help="encryption context of aws-kms and gcp-kms KEKs; no secret; may be given several "
        "times",
    )


def _output(command: Any, text: str) -> None:
    command.add_argument("-o", "--output", metavar="OUT", help=f"{text}; - is standard output")


def _asking(command: Parser) -> None:
    """Add what holds for all commands that ask KEKs."""
    command.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="the time for all answers of key services to one file (default: YAMLVAULT_TIMEOUT, "
        "or 20)",
    )
    command.add_argument(
        "-v", "--verbose", action="store_true", help="say which KEKs are tried, and how"
    )


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name or not (text.isascii() or is_utf8(text)):
        raise argparse.ArgumentTypeError(f"NAME=VALUE is expected, not {text!r}")
    return name, value


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < MAX_TIMEOUT:
        raise argparse.ArgumentTypeError(f"a number of seconds is expected, not {text!r}")
    return seconds


COMMANDS = {
    "init": ("make an age identity and a .yamlvault.yml", _init),
    "encrypt": ("seal scalars: of a plaintext file, or what is new in an encrypted one", _encrypt),
    "decrypt": ("print the plaintext, or write it to a private file", _decrypt),
    "get": ("print one value, or a part as YAML or JSON", _get),
    "set": ("set one value, and seal it: the value comes from standard input", _set),
    "rewrap": ("bring the KEKs of encrypted files in line with their rules", _rewrap),
    "rotate": ("give encrypted files new data keys, with every scalar sealed anew", _rotate),
    "keys": ("list who can open a file, or the identities at hand", _keys),
    "completion": ("print a completion script for a shell", _completion),
}
