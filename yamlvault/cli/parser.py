"""The command line's parser: one for the command that is named."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from yamlvault.cli import say_error, say_hint
from yamlvault.cli.commands import COMMANDS
from yamlvault.cli.width import width
from yamlvault.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn

    from _typeshed import SupportsWrite


_EXAMPLES = "examples:"


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Formats help to the width of the terminal."""

    def __init__(self, prog: str) -> None:
        # with a width given, argparse does not import shutil each time it adds an argument
        super().__init__(prog, width=width())

    def _split_lines(self, text: str, width: int) -> list[str]:
        import textwrap

        # a URI that is broken at a hyphen is no longer one to copy
        return textwrap.wrap(
            " ".join(text.split()), width, break_on_hyphens=False, break_long_words=False
        )

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith(_EXAMPLES):  # command lines, to be copied
            return super()._fill_text(text, width, indent)
        return "\n".join(self._split_lines(text, width))

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None,
    ) -> str:
        if prefix is not None or usage == argparse.SUPPRESS:
            return super()._format_usage(usage, actions, groups, prefix)
        import textwrap

        from yamlvault.cli.synopsis import synopsis

        # every option has a line of its own below
        lines = textwrap.wrap(
            f"usage: {synopsis(self._prog, actions, usage)}",
            self._width,
            subsequent_indent=" " * min(len("usage: yamlvault "), self._width // 4),
            break_on_hyphens=False,
            break_long_words=False,
        )
        return "\n".join([*lines, "", ""])


class Parser(argparse.ArgumentParser):
    """A parser whose errors end with a hint."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=Formatter, allow_abbrev=False, **settings)
        #: what to do where there is one word more than the command takes
        self.hint_for_surplus: str | None = None
        #: whether such a word can be a secret, and is not shown
        self.hides_surplus = False

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Print the help.

        Raises:
            FileError: Standard output can't be written: argparse would pass over that.
        """
        if file is not None:
            return super().print_help(file)
        from yamlvault.cli.standard import print_bytes

        return print_bytes(self.format_help().encode(sys.stdout.encoding, "backslashreplace"))

    def error(self, message: str) -> NoReturn:
        """Exit with status 2 and say what is wrong and what is near."""
        _, is_surplus, words = message.partition("unrecognized arguments: ")
        is_option = words.startswith("-")
        if is_surplus and self.hides_surplus:
            option = words.split(" ")[0].split("=")[0]
            message = f"{is_surplus}{option}" if is_option else "there is an argument too many"
        say_error(message, self.prog)
        hint = self.hint_for_surplus if is_surplus and not is_option else self._near(message)
        say_hint(hint or f"{self.prog} --help")
        self.exit(2)

    def _near(self, message: str) -> str | None:
        """Return a hint at the option that was meant; None for another mistake."""
        from difflib import get_close_matches

        from yamlvault.cli import habits

        kind, is_choice, choice = message.partition(": invalid choice: ")
        if is_choice and kind == "argument SUBCOMMAND":
            from yamlvault.errors import suggestion

            return suggestion(choice.split("'")[1], self._choices())
        _, is_one, words = message.partition("unrecognized arguments: ")
        name = words.split("=")[0].split(" ")[0]
        if not is_one or not name.startswith("-"):
            return None
        known = [one for action in self._actions for one in action.option_strings]
        if name in habits.OPTIONS:
            return habits.OPTIONS[name]
        close = get_close_matches(name, known, 1)
        return f"is {close[0]} meant?" if close else None

    def _choices(self) -> Iterable[str]:
        """Return the names of the subcommands."""
        return [
            name
            for action in self._actions
            if action.nargs == argparse.PARSER
            for name in action.choices or ()
        ]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what the command line says; exit with status 2 where it is wrong.

    The parser of one command is all that is made: that of all commands takes as long as
    decrypting a small file.
    """
    if not argv or argv[0] not in COMMANDS:
        from yamlvault.cli.overview import answer

        answer(argv)
    namespace = argparse.Namespace(command=argv[0])
    if hasattr(module(argv[0]), "SUBCOMMANDS"):
        return _parse_subcommand(argv, namespace)
    words = list(argv[1:])
    if getattr(module(argv[0]), "TAKES_COMMAND", False):
        words, namespace.child = _split(argv[0], words)
    command = command_parser(argv[0])
    # argparse has options between positionals only where none of these takes all that follows
    rests = (argparse.PARSER, argparse.REMAINDER)
    if any(action.nargs in rests for action in command._actions):  # noqa: SLF001
        return command.parse_args(words, namespace)
    return _parse_mixed(command, words, namespace)


def _parse_mixed(
    command: Parser, words: Sequence[str], namespace: argparse.Namespace
) -> argparse.Namespace:
    """Parse words with options anywhere, unless `--` says where they end."""
    if "--" in words:  # which argparse forgets where options may stand between positionals
        return command.parse_args(words, namespace)
    return command.parse_intermixed_args(words, namespace)


def _split(name: str, words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of ours and the command behind `--`.

    argparse takes no rest of the line between options: it is cut off before.
    """
    if "--" in words:
        end = words.index("--")
        return words[:end], words[end + 1 :]
    if {"-h", "--help"}.isdisjoint(words):
        raise UsageError(
            "there is no command", hint=f"it stands behind `--`: yamlvault {name} FILE -- COMMAND"
        )
    return words, []


def _parse_subcommand(argv: Sequence[str], namespace: argparse.Namespace) -> argparse.Namespace:
    """Return what the command line of a command with subcommands says.

    As with commands, the parser of the one that is named is all that is made.
    """
    name, *words = argv
    summaries = module(name).SUBCOMMANDS
    if not words or words[0] not in summaries:
        return command_parser(name).parse_args(words, namespace)
    namespace.subcommand = words[0]
    return _parse_mixed(subcommand_parser(name, words[0]), words[1:], namespace)


def command_parser(name: str) -> Parser:
    """Return the parser of one command."""
    command = _parser(name, COMMANDS[name])
    found = module(name)
    found.add_arguments(command)
    add_examples(command, found)
    return _with_usage(command)


def subcommand_parser(name: str, subcommand: str) -> Parser:
    """Return the parser of one subcommand of a command."""
    found = module(name)
    parser = _parser(f"{name} {subcommand}", found.SUBCOMMANDS[subcommand])
    found.add_arguments_of(subcommand, parser)
    return _with_usage(parser)


def _with_usage(parser: Parser) -> Parser:
    """Set the usage, which argparse would otherwise format anew each time that it parses."""
    from yamlvault.cli.synopsis import synopsis

    parser.usage = synopsis("%(prog)s", parser._actions, parser.usage)  # noqa: SLF001
    return parser


def add_examples(parser: Parser, source: Any) -> None:
    """Let help end with the examples of a module, where it has some."""
    if lines := getattr(source, "EXAMPLES", "").strip():
        parser.epilog = "\n  ".join([_EXAMPLES, *lines.splitlines()])


def _parser(name: str, summary: str) -> Parser:
    return Parser(prog=f"yamlvault {name}", description=f"{summary[0].upper()}{summary[1:]}.")


def module(name: str) -> Any:
    """Return the module of a command."""
    return import_module(f"yamlvault.cli.commands.{name}")
