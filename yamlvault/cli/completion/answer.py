"""Answers: what can stand at the cursor."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS, FILES, FOLDERS, PROGRAMS = "words", "files", "folders", "programs"


class Candidate(NamedTuple):
    """A word that can stand there.

    Attributes:
        value: The whole word, unquoted.
        about: What it means, in one line; empty without.
    """

    value: str
    about: str = ""


class Answer(NamedTuple):
    """What can stand at the cursor.

    Attributes:
        kind: `WORDS`: the candidates; else the names of what the shell itself completes.
        candidates: The words.
        stem: What of the word stands in front of the name of a file, such as `--file=`.
    """

    kind: str
    candidates: Sequence[Candidate] = ()
    stem: str = ""


NOTHING = Answer(WORDS)
