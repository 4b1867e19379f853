"""The manual as a page of Markdown."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from manual import ABOUT, COMMON, ENVIRONMENT, STATUS, commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manual import Command

_HEAD = """\
# The command line

{about}

{common}
"""
_ORIGIN = (
    "What each command is for, and how they go together: [yamlvault.md](yamlvault.md). This page "
    "is made by `script/reference` from the program itself, as is the manual page, `man yamlvault`."
)


def markdown() -> str:
    """Return the page."""
    parts = [_HEAD.format(about=_filled(f"{ABOUT} {_ORIGIN}"), common=_filled(_escaped(COMMON)))]
    parts += ["".join(_section(command)) for command in commands()]
    parts.append(f"## Environment\n\n{_table('variable', ENVIRONMENT.items())}")
    parts.append(f"## Exit status\n\n{_table('status', STATUS.items())}")
    return "\n".join(parts)


def _filled(text: str) -> str:
    return textwrap.fill(text, 110, break_on_hyphens=False, break_long_words=False)


def _section(command: Command) -> Iterator[str]:
    yield f"## {command.name}\n\n{_escaped(command.summary)}\n\n"
    yield f"```\n{command.synopsis}\n```\n"
    for title, entries in (("argument", command.arguments), ("option", command.options)):
        rows = [("`, `".join(entry.forms), entry.text) for entry in entries]
        if rows:
            yield f"\n{_table(title, rows)}"
    if command.examples:
        lines = "\n".join(f"{comment}\n{line}" for comment, line in command.examples)
        yield f"\n```sh\n{lines}\n```\n"


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| `{name.replace('|', chr(92) + '|')}` | {_escaped(text)} |" for name, text in rows]
    return "\n".join([f"| {title} | |", "|---|---|", *lines, ""])


def _escaped(text: str) -> str:
    for mark in "*|<":
        text = text.replace(mark, f"\\{mark}")
    return text
