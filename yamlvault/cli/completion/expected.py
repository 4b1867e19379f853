"""What a command's parser expects at the cursor."""

from __future__ import annotations

import argparse

from yamlvault.cli.commands import COMMANDS
from yamlvault.cli.completion.answer import (
    FILES,
    FOLDERS,
    NOTHING,
    PROGRAMS,
    WORDS,
    Answer,
    Candidate,
)
from yamlvault.cli.completion.values import kek_uris, paths_of
from yamlvault.cli.parser import command_parser, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# how the metavar of an argument ends, and what it stands for
_KINDS = {
    "FILE": FILES,
    "OUT": FILES,
    "PATTERN": FILES,
    "FOLDER": FOLDERS,
    "DIRECTORY": FOLDERS,
    "CMD": PROGRAMS,
}
_ENDLESS = ("*", "+", argparse.REMAINDER)
# what they want is a section: a path that ends there, and not at a dot behind it
_SECTION_COMMANDS = ("yamlvault exec", "yamlvault env")
_FRONT = {"--help": "say what the commands are", "--version": "print the version"}


def answer(words: Sequence[str], word: str) -> Answer:
    """Return what can stand at the cursor.

    Args:
        words: The words in front of it, behind the name of the program, unquoted.
        word: The part of its own word in front of the cursor, unquoted.
    """
    if not words:
        return _of(COMMANDS | _FRONT if word.startswith("-") else COMMANDS, word)
    if "--" in words and getattr(module(words[0]), "TAKES_COMMAND", False):
        return Answer(PROGRAMS if words.index("--") == len(words) - 1 else FILES)
    return _Line(command_parser(words[0]), words[1:]).answer(word)


def _of(known: Mapping[str, str], word: str, stem: str = "") -> Answer:
    return Answer(
        WORDS,
        [Candidate(stem + one, about) for one, about in known.items() if one.startswith(word)],
    )


class _Line:
    """A command line up to the cursor, as its parser reads it.

    Attributes:
        parser: The parser: that of a command, or of a part of one.
        positionals: The words that are no options.
        option: The option whose value comes next.
        used: The options that stand there and need not stand there twice.
        takes_options: Whether no `--` stands there.
    """

    def __init__(self, parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
        self.parser = parser
        self.positionals: list[str] = []
        self.option: argparse.Action | None = None
        self.used: set[str] = set()
        self.takes_options = True
        for word in words:
            self._read(word)

    def _read(self, word: str) -> None:
        if self.option is not None:
            self.option = None
        elif self.takes_options and word == "--":
            self.takes_options = False
        elif self._is_option(word):
            name, is_given, _ = word.partition("=")
            action = self._options().get(name)
            if action is None:
                return
            if not isinstance(action, argparse._AppendAction):  # noqa: SLF001
                self.used |= set(action.option_strings)
            if action.nargs != 0 and not is_given:
                self.option = action
        else:
            expected = self._positional()
            if isinstance(expected, argparse._SubParsersAction):  # noqa: SLF001
                self.parser = expected.choices[word]
                self.positionals = []
            else:
                self.positionals.append(word)

    def _is_option(self, word: str) -> bool:
        return self.takes_options and word.startswith("-") and word != "-"

    def answer(self, word: str) -> Answer:
        if self.option is not None:
            return self._value(self.option, word)
        if self.takes_options and word.startswith("-"):
            name, is_given, value = word.partition("=")
            if is_given and name in self._options():
                return self._value(self._options()[name], value, f"{name}=")
            return _of(dict(self._unused()), word)
        expected = self._positional()
        return NOTHING if expected is None else self._value(expected, word)

    def _options(self) -> dict[str, argparse.Action]:
        actions = self.parser._actions  # noqa: SLF001  argparse has no other name for them
        return {name: action for action in actions for name in action.option_strings}

    def _unused(self) -> Iterator[tuple[str, str]]:
        for name, action in self._options().items():
            if name not in self.used and action.help != argparse.SUPPRESS:
                yield name, action.help or ""

    def _positional(self) -> argparse.Action | None:
        left = len(self.positionals)
        for action in self.parser._actions:  # noqa: SLF001
            if not action.option_strings:
                if left == 0 or action.nargs in _ENDLESS:
                    return action
                left -= 1
        return None

    def _value(self, action: argparse.Action, word: str, stem: str = "") -> Answer:
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            about = {one.dest: one.help or "" for one in action._choices_actions}  # noqa: SLF001
            return _of({name: about.get(name, "") for name in action.choices}, word)
        if action.choices is not None:
            return _of(dict.fromkeys(map(str, action.choices), ""), word, stem)
        metavar = str(action.metavar)
        if metavar in ("PATH", "PATHS"):
            found = paths_of(
                self._file(),
                word,
                is_list=metavar == "PATHS",
                is_section=self.parser.prog in _SECTION_COMMANDS,
            )
            return Answer(WORDS, [Candidate(stem + path) for path in found])
        if metavar == "URI":
            return _of(dict.fromkeys(kek_uris(self._file()), ""), word, stem)
        if metavar == "COMMAND":
            return _of(COMMANDS, word)
        if metavar == "SUBCOMMAND":
            return _of(getattr(module(self.positionals[0]), "SUBCOMMANDS", {}), word)
        kind = next((_KINDS[end] for end in _KINDS if metavar.endswith(end)), WORDS)
        return Answer(kind, stem=stem)

    def _file(self) -> str | None:
        """Return the FILE on the line."""
        left = list(self.positionals)
        for action in self.parser._actions:  # noqa: SLF001
            if not action.option_strings and left:
                word = left.pop(0)
                if action.metavar == "FILE":
                    return word
        return None
