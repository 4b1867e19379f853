"""What the command line takes."""

from __future__ import annotations

import argparse

from yamlvault._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_EPILOG = """\
identities that decrypt are found in YAMLVAULT_AGE_KEY (the text of one), else in the file that
YAMLVAULT_AGE_KEY_FILE names, else where `yamlvault init` puts one. A passphrase is read from
YAMLVAULT_PASSPHRASE, else from the descriptor YAMLVAULT_PASSPHRASE_FD, else from the terminal.

exit status: 0 done, 1 error, 2 wrong usage, 130 interrupted
"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors end with a hint."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2 and say what is wrong and what is near."""
        hint = f"{self.prog} --help"
        if "invalid choice" in message:
            from difflib import get_close_matches

            wrong = message.split("'")[1]
            close = get_close_matches(wrong, COMMANDS, 1)
            message = f"there is no command {wrong!r}"
            hint = f"is `{close[0]}` meant?" if close else f"known are {', '.join(COMMANDS)}"
        self.exit(2, f"{self.prog}: {message}\nhint: {hint}\n")


def parser() -> Parser:
    """Return the parser of the command line."""
    top = Parser(
        prog="yamlvault",
        description="Encrypt and decrypt the scalars of YAML files in place.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"yamlvault {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (summary, add_arguments) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            allow_abbrev=False,
        )
        add_arguments(command)
    return top


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
        help="who can open it: age:age1…, 'age:ssh-ed25519 …', passphrase: (default: as the "
        "rule says); may be given several times, any one opens",
    )
    _output(command, "write the result to OUT and leave FILE alone")


def _decrypt(command: Parser) -> None:
    command.add_argument("file", metavar="FILE", help="an encrypted file, or - for stdin")
    where = command.add_mutually_exclusive_group()
    _output(where, "write the plaintext to OUT, of mode 0600, not to standard output")
    where.add_argument(
        "-i", "--in-place", action="store_true", help="put the plaintext in place, mode 0600"
    )


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


def _keys(command: Parser) -> None:
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="an encrypted file; without one, the identities at hand are listed",
    )


def _completion(command: Parser) -> None:
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _output(command: Any, text: str) -> None:
    command.add_argument("-o", "--output", metavar="OUT", help=f"{text}; - is standard output")


COMMANDS = {
    "init": ("make an age identity and a .yamlvault.yml", _init),
    "encrypt": ("seal scalars: of a plaintext file, or what is new in an encrypted one", _encrypt),
    "decrypt": ("print the plaintext, or write it to a private file", _decrypt),
    "get": ("print one value, or a part as YAML or JSON", _get),
    "keys": ("list who can open a file, or the identities at hand", _keys),
    "completion": ("print a completion script for a shell", _completion),
}
