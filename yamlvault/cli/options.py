"""What several commands take."""

from __future__ import annotations

import argparse

from yamlvault.keyring import MAX_TIMEOUT, is_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.cli.parser import Parser


def asking(command: Parser) -> None:
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


def context(command: Parser) -> None:
    """Add the encryption context."""
    command.add_argument(
        "--context",
        action="append",
        type=_pair,
        metavar="NAME=VALUE",
        help="encryption context of aws-kms and gcp-kms KEKs; no secret; may be given several "
        "times",
    )


def output(command: Any, text: str) -> None:
    """Add where the result goes."""
    command.add_argument("-o", "--output", metavar="OUT", help=f"{text}; - is standard output")


def batch(command: Parser) -> None:
    """Add what holds for all commands that change many files."""
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
    context(command)
    command.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        help="do all of it, the calls of key services too, but write nothing",
    )


def section(command: Parser) -> None:
    """Add what holds for all commands that make variables of a section."""
    command.add_argument("file", metavar="FILE", help="an encrypted file, or - for stdin")
    command.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="the key path of the section, such as $.production (default: the whole document)",
    )
    command.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="of all variables only this one, or those that a pattern such as 'DATABASE_*' "
        "matches; may be given several times",
    )
    command.add_argument(
        "--prefix", default="", type=_prefix, metavar="TEXT", help="in front of each name"
    )
    command.add_argument(
        "--separator",
        default="_",
        type=_separator,
        metavar="TEXT",
        help="between the keys of nested mappings (default: _)",
    )
    command.add_argument(
        "--keep-case", action="store_true", help="names as the keys are (default: in upper case)"
    )
    command.add_argument(
        "--replace-invalid",
        action="store_true",
        help="write _ for what can't be in a name: api-key becomes API_KEY",
    )
    command.add_argument(
        "--omit-closed", action="store_true", help="leave out scopes that do not open here"
    )


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name or not (text.isascii() or is_utf8(text)):
        raise argparse.ArgumentTypeError(f"NAME=VALUE is expected, not {text!r}")
    return name, value


def _separator(text: str) -> str:
    if not (text.isascii() and f"_{text}".isidentifier()):
        raise argparse.ArgumentTypeError(f"letters, digits and _ make a name, not {text!r}")
    return text


def _prefix(text: str) -> str:
    if text and not text.isidentifier():
        raise argparse.ArgumentTypeError(f"no name starts with {text!r}")
    return _separator(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < MAX_TIMEOUT:
        raise argparse.ArgumentTypeError(
            f"a number of seconds above 0 and below {MAX_TIMEOUT:.0f} is expected, not {text!r}"
        )
    return seconds
