"""The manual as a manual page: roff with the man macros (man(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manual import ABOUT, COMMON, ENVIRONMENT, STATUS, commands

from yamlvault._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manual import Command


def man() -> str:
    """Return the page."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield f'.TH YAMLVAULT 1 "" "yamlvault {__version__}"'
    yield ".SH NAME"
    yield _text("yamlvault - encrypt the scalars of YAML files in place")
    yield ".SH SYNOPSIS"
    yield ".B yamlvault"
    yield _text("COMMAND …")
    yield ".SH DESCRIPTION"
    yield _text(ABOUT)
    yield ".PP"
    yield _text(COMMON)
    yield ".SH COMMANDS"
    for command in commands():
        yield from _command(command)
    for title, entries in (("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", STATUS)):
        yield f".SH {title}"
        for name, text in entries.items():
            yield from _entry([name], text)
    yield ".SH FILES"
    yield from _entry(
        [".yamlvault.yml"], "what is encrypted, and for whom; found by walking up from a file"
    )


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_text(command.synopsis)}"
    yield _text(command.summary)
    for entry in (*command.arguments, *command.options):
        yield from _entry(entry.forms, entry.text)
    if command.examples:
        yield ".PP"
        yield "Examples:"
        yield ".PP"
        yield ".RS 4"
        yield ".nf"
        for comment, line in command.examples:
            yield _text(comment)
            yield _text(line)
        yield ".fi"
        yield ".RE"


def _entry(forms: list[str] | tuple[str, ...], text: str) -> Iterator[str]:
    yield ".TP"
    yield f"\\fB{_escaped(', '.join(forms))}\\fR"
    yield _text(text)


def _text(text: str) -> str:
    """Return a line of text; a dot or an apostrophe in front would make it a request."""
    line = _escaped(text)
    return f"\\&{line}" if line.startswith((".", "'")) else line


def _escaped(text: str) -> str:
    # an apostrophe and a grave accent would be printed as typographic ones, which no shell knows
    escapes = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
    return "".join(
        escapes.get(one, one) if one.isascii() else f"\\[u{ord(one):04X}]" for one in text
    )
