"""The synopsis of a command: how it is called, in one line."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_POSITIONALS = {"?": "[{}]", "*": "[{}…]", "+": "{}…", argparse.REMAINDER: "{}…"}


def synopsis(program: str, actions: Iterable[argparse.Action], usage: str | None = None) -> str:
    """Return the program's name and what follows it.

    Args:
        program: The words of the command, such as `yamlvault get`.
        actions: What its parser takes.
        usage: What it says of itself, with `%(prog)s` for the words.
    """
    if usage is not None:
        return usage.replace("%(prog)s", program)
    shown = list(actions)
    words = [program]
    if any(is_option(one) and not one.required for one in shown):
        words.append("[OPTION…]")
    words += [forms(one)[-1] for one in shown if one.option_strings and one.required]
    words += [positional(one) for one in shown if not one.option_strings]
    return " ".join(words)


def is_option(action: argparse.Action) -> bool:
    """Return whether it is an option other than --help, which every command has."""
    return bool(action.option_strings) and not isinstance(action, argparse._HelpAction)  # noqa: SLF001


def forms(action: argparse.Action) -> list[str]:
    """Return the forms in which an option is written, with its value."""
    if action.nargs == 0:
        return list(action.option_strings)
    return [f"{form} {_metavar(action)}" for form in action.option_strings]


def positional(action: argparse.Action) -> str:
    """Return an argument with what says how often it stands there."""
    return _POSITIONALS.get(str(action.nargs), "{}").format(_metavar(action))


def _metavar(action: argparse.Action) -> str:
    if action.metavar is None and action.choices is not None:
        return "|".join(map(str, action.choices))
    metavar = action.metavar or action.dest.upper()
    return metavar if isinstance(metavar, str) else " ".join(metavar)
