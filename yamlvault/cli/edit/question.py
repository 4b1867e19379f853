"""Questions: what to do where something went wrong, asked on the terminal."""

from __future__ import annotations

import sys
from enum import Enum

from yamlvault.cli import say


class Answer(Enum):
    """What can be done. The first letter, or all of it, is typed."""

    EDIT = "edit again"
    MERGE = "merge the two"
    RETRY = "try to write it again"
    WRITE = "write it all the same"
    OVERWRITE = "overwrite what is there now"
    GIVE_UP = "give up what you changed"


def can_ask() -> bool:
    """Tell whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(*answers: Answer) -> Answer:
    """Ask until one of the answers is given: the first by an empty line, the last by an end."""
    import termios

    choices = ", ".join(f"[{answer.value[0]}]{answer.value[1:]}" for answer in answers)
    while True:
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)  # typed for the editor: no answer
        say(f"{choices}? (Enter: {answers[0].value})")
        line = sys.stdin.buffer.readline()
        if not line:
            return answers[-1]
        typed = line.decode(errors="replace").strip().lower()
        if not typed:
            return answers[0]
        for answer in answers:
            if answer.value == typed or answer.value[0] == typed:
                return answer
