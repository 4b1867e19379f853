"""The manual of yamlvault as data: its commands as their parsers have them, and the rest."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

from yamlvault.cli.commands import COMMANDS, GROUPS
from yamlvault.cli.parser import command_parser
from yamlvault.cli.synopsis import forms, is_option, positional, synopsis

if TYPE_CHECKING:
    from collections.abc import Iterator

ABOUT = (
    "Encrypts and decrypts the scalars of a YAML file in place. All else in the file stays as it "
    "is, byte for byte."
)
COMMON = (
    "Each command has -h, --help. The FILE - is standard input; then the result goes to standard "
    "output, where it is not changed in place. Key paths such as '$.production.password' stand in "
    "quotes: the shell has uses of its own for a dollar sign and a star. A KEK, a key "
    "encryption key, is who can open a file. What is for machines goes to standard output; "
    "messages and errors are text, and go to standard error, with --json too."
)
ENVIRONMENT = {
    "YAMLVAULT_AGE_KEY": "the text of identities: AGE-SECRET-KEY-1…, one a line, or an SSH key",
    "YAMLVAULT_AGE_KEY_FILE": "the name of a file with that text (default: yamlvault/identity.txt "
    "in XDG_CONFIG_HOME, or in ~/.config)",
    "YAMLVAULT_PASSPHRASE": "the passphrase",
    "YAMLVAULT_PASSPHRASE_FD": "the number of a descriptor from which the passphrase is read "
    "(default: the terminal)",
    "YAMLVAULT_FD": "of the library: the number of a descriptor with what prehook has opened",
    "YAMLVAULT_TIMEOUT": "the seconds for all answers of key services to one file (default: 20)",
    "YAMLVAULT_AWS_PROFILE": "the profile of the AWS configuration that is asked with",
    "YAMLVAULT_AWS_ROLE": "the ARN of the AWS role that is assumed",
    "YAMLVAULT_GCP_CREDENTIALS": "the name of a Google credentials file",
    "YAMLVAULT_GCP_KMS_ENDPOINT": "another endpoint of Cloud KMS: https://host:port",
    "YAMLVAULT_KMS_CLIENT": "light or sdk: which client asks key services",
    "NO_COLOR": "not empty: no colour; there is none either where standard error is no terminal",
    "FORCE_COLOR": "not empty: colour where standard error is no terminal, too",
    "XDG_STATE_HOME": "where rotate keeps its journal (default: ~/.local/state)",
}
STATUS = {
    "0": "done",
    "1": "an error, which one line on standard error says, with another for what to do about it; "
    "of check something found, of diff a difference, of rules a file without a rule, of git status "
    "something missing",
    "2": "wrong usage; of diff an error, too",
    "126": "of exec: the command can't be run; else exec has the status of the command",
    "127": "of exec: the command is not there",
    "128 + n": "of edit: signal n ended it",
    "130": "interrupted",
}


class Entry(NamedTuple):
    """An argument or an option: the forms in which it is written, and what it means."""

    forms: tuple[str, ...]
    text: str


class Command(NamedTuple):
    """A command, or a part of one.

    Attributes:
        name: Its name; that of a part has two words.
        summary: What it does: a sentence.
        synopsis: How it is called.
        arguments: Its arguments.
        options: Its options, without --help.
        examples: Pairs of a comment and a command line.
    """

    name: str
    summary: str
    synopsis: str
    arguments: list[Entry]
    options: list[Entry]
    examples: list[tuple[str, str]]


def commands() -> Iterator[Command]:
    """Yield the commands in the order of their groups."""
    for name in (name for names in GROUPS.values() for name in names):
        yield from _commands(name, COMMANDS[name], command_parser(name))


def _commands(name: str, summary: str, parser: argparse.ArgumentParser) -> Iterator[Command]:
    parts = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]  # noqa: SLF001
    sentence = f"{summary[:1].upper()}{summary[1:].removesuffix('.')}."
    shown = [one for one in parser._actions if one.help != argparse.SUPPRESS]  # noqa: SLF001
    yield Command(
        name,
        sentence,
        synopsis(f"yamlvault {name}", parser._actions, parser.usage),  # noqa: SLF001
        [
            Entry((positional(one),), _text(parser, one))
            for one in shown
            if not one.option_strings and one not in parts
        ],
        [Entry(tuple(forms(one)), _text(parser, one)) for one in shown if is_option(one)],
        _examples(parser.epilog or ""),
    )
    for part in parts:
        about = {one.dest: one.help or "" for one in part._choices_actions}  # noqa: SLF001
        for word, below in part.choices.items():
            yield from _commands(f"{name} {word}", about.get(word, ""), below)


def _text(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = parser._get_formatter()._expand_help(action) if action.help else ""  # noqa: SLF001
    return " ".join(text.split())


def _examples(epilog: str) -> list[tuple[str, str]]:
    lines = [line.strip() for line in epilog.partition("examples:\n")[2].splitlines()]
    return list(zip(lines[::2], lines[1::2], strict=True))
