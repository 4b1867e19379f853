"""bash: its line in words, and the candidates as readline puts them into it.

bash gives COMP_WORDS as they are typed, broken at colons and equal signs, and lets readline replace
what stands behind the last of these, or behind an open quotation mark. So the line is read here, as
bash(1), QUOTING, says, and each candidate is quoted in the way that the line has begun with.
"""

from __future__ import annotations

import os

from yamlvault.cli.completion.answer import FILES, WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from yamlvault.cli.completion.answer import Answer

PROGRAM = "yamlvault"
_BREAKS = " \t\n\"'><=;|&(:"  # COMP_WORDBREAKS, unless it is set to others
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./,:=@%+")


class Word:
    """A word of a line.

    Attributes:
        start: The index of its first character.
        value: What it stands for.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self.value = ""


class Line:
    """A line up to the cursor.

    Attributes:
        words: Its words but the last one.
        word: The last one, at the cursor; it may be empty.
        raw: Its text.
        quote: The quotation mark that is open at the cursor; empty without one.
        kept: How many characters of `raw` stand in front of what readline replaces.

    Raises:
        ValueError: Something in it is read only by bash itself.
    """

    def __init__(self, text: str, breaks: str) -> None:
        self.quote = ""
        self._quoted = [False] * len(text)
        self._text = text
        self._words: list[Word] = []
        self._current: Word | None = None
        self._opened = 0
        index = 0
        while index < len(text):
            index = self._read(index)
        last = self._current or Word(len(text))
        self.word, self.raw = last.value, text[last.start :]
        self.words = [word.value for word in self._words if word is not last]
        self.kept = self._replaced(breaks) - last.start

    def _read(self, index: int) -> int:
        """Read a character, or one with what escapes it; return the index behind it."""
        one = self._text[index]
        if self.quote:
            self._quoted[index] = True
        if one == self.quote:
            self.quote = ""
        elif one == "\\" and self.quote != "'":
            following = self._text[index + 1 : index + 2]
            if self.quote and following not in ("$", "`", '"', "\\", ""):
                self._add(index, one)
            self._add(index, following)
            self._quoted[index : index + 2] = [True] * len(self._quoted[index : index + 2])
            return index + 2
        elif self.quote:
            self._add(index, one)
        elif one in ("'", '"'):
            if index and self._text[index - 1] == "$":
                raise ValueError("$'…'")
            self._add(index, "")
            self.quote, self._opened = one, index + 1
            self._quoted[index] = True
        elif one in " \t\n":
            self._current = None
        elif one in "|&;()<>`":
            raise ValueError(one)  # bash hands out the simple command alone
        else:
            self._add(index, one)
        return index + 1

    def _add(self, index: int, text: str) -> None:
        if self._current is None:
            self._current = Word(index)
            self._words.append(self._current)
        self._current.value += text

    def _replaced(self, breaks: str) -> int:
        """Return where readline begins to replace (its `_rl_find_completion_word`)."""
        if self.quote:
            return self._opened
        for index in range(len(self._text) - 1, -1, -1):
            if self._text[index] in breaks and not self._quoted[index]:
                return index + 1
        return 0


def lines(answer: Callable[[Sequence[str], str], Answer]) -> Iterator[str]:
    """Yield the answer to the line in COMP_LINE, for the script.

    For files that is the beginning of their names, and how much of a name stands in front of what
    readline replaces.
    """
    breaks = os.environ.get("COMP_WORDBREAKS", _BREAKS)
    line = Line(os.environ["COMP_LINE"], breaks)
    names = [os.path.basename(word) for word in line.words]
    found = answer(line.words[names.index(PROGRAM) + 1 :], line.word)
    yield found.kind
    if found.kind == WORDS:
        yield from _replacements([one.value for one in found.candidates], line)
        return
    yield line.word.removeprefix(found.stem)
    kept = Line(line.raw[: max(line.kept, 0)], breaks).word
    yield str(len(kept.removeprefix(found.stem)) if found.kind == FILES else 0)


def _replacements(values: Sequence[str], line: Line) -> Iterator[str]:
    """Yield what readline puts in place of what it replaces, for each value."""
    raw = line.raw
    if not line.quote and (len(raw) - len(raw.rstrip("\\"))) % 2:
        raw = raw[:-1]  # a backslash that nothing follows yet
    kept = max(line.kept, 0)
    for value in values:
        if raw and value.startswith(line.word):
            text = (raw + _escaped(value[len(line.word) :], line.quote))[kept:]
        elif line.kept <= 0:
            text = _whole(value)
        elif line.kept == 1 and line.quote:
            text = _escaped(value, line.quote)
        else:
            continue
        # readline ends what it has completed with the quotation mark, unless it sees one there
        is_taken_for_ended = bool(line.quote) and text.endswith(line.quote) and len(values) == 1
        yield text + line.quote if is_taken_for_ended else text


def _whole(value: str) -> str:
    if _SAFE.issuperset(value):
        return value
    return f"'{_escaped(value, chr(39))}'"


def _escaped(text: str, quote: str) -> str:
    """Return a text as it is written where a quotation mark is open, or none."""
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote:
        escaped = "".join(f"\\{one}" if one in '$`"\\' else one for one in text)
        return escaped.replace("!", "\"'!'\"").replace("\\$.", "$.")
    return "".join(one if one in _SAFE or one.isalnum() else f"\\{one}" for one in text)
