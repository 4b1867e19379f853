"""A timeline as text: a row for each step, on one axis of time."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.timeline_reading import Row, Timeline

_RESET = "\x1b[0m"
_GREEN, _RED, _YELLOW, _DIM = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m"
_COLOURS = {"ok": _GREEN, "failed": _RED, "timeout": _RED, "cancelled": _YELLOW, "ended": _YELLOW}
_STEPS = (1, 2, 5)  # what ticks are multiples of, times a power of ten
_APART = 8  # columns from tick to tick, at least
_SHORTEST = 8  # columns of the axis, at least
_LAST = {"ok": "CMD starts", "failed": "the start failed", "ended": "the start was ended"}


class Look(NamedTuple):
    """What the terminal can do: columns, UTF-8, colours."""

    width: int
    unicode: bool
    colour: bool

    @property
    def signs(self) -> tuple[str, str, str, str]:
        """The signs for an attempt that ended well, one that didn't, a pause and the axis."""
        return ("█", "░", "·", "│") if self.unicode else ("#", "x", ".", "|")

    def painted(self, text: str, colour: str) -> str:
        """Return the text in a colour, if there are colours."""
        return f"{colour}{text}{_RESET}" if self.colour and text else text


class _Line(NamedTuple):
    name: str
    cells: list[tuple[str, str]]  # a sign and its colour for each column
    seconds: str
    result: str
    colour: str


def drawing(timeline: Timeline, look: Look) -> str:
    """Return the lines."""
    results = max((len(_result(row)) for row in timeline.rows), default=0)
    room = look.width - len(_seconds(timeline.seconds)) - results - len("      ")
    limit = max(8, min(look.width * 2 // 5, room - _SHORTEST))
    names = ["start of prehook", *(_shown(row.name, look) for row in timeline.rows)]
    names = [_cut(name, limit, look) for name in names]
    wide = max(map(_columns, names))
    columns = room - wide
    scale = columns / (timeline.seconds or 1e-6)
    lines = [_own_line(names[0], timeline, columns, scale, look)]
    for name, row in zip(names[1:], timeline.rows, strict=True):
        lines.append(_line(name, row, columns, scale, look))
    texts = _axis(wide, columns, scale, look)
    longest = len(_seconds(timeline.seconds))
    texts += [_text(line, wide, longest, look) for line in lines]
    total = f"{_seconds(timeline.seconds)}, then {_LAST[timeline.result]}"
    if timeline.result != "ok":
        total = f"{_LAST[timeline.result]} after {_seconds(timeline.seconds)}"
    texts.append(look.painted(total, _COLOURS[timeline.result]))
    return "\n".join(texts) + "\n"


def _own_line(name: str, timeline: Timeline, columns: int, scale: float, look: Look) -> _Line:
    cells = [(" ", "")] * columns
    _fill(cells, 0, timeline.ready * scale, (look.signs[0], _DIM))
    return _Line(name, cells, _seconds(timeline.ready), "", "")


def _line(name: str, row: Row, columns: int, scale: float, look: Look) -> _Line:
    good, bad, pause, _ = look.signs
    result = _result(row)
    cells = [(" ", "")] * columns
    if not row.attempts:
        return _Line(name, cells, "", result, _DIM)
    begin, end = row.attempts[0].begin, row.attempts[-1].end
    _fill(cells, begin * scale, end * scale, (pause, _DIM))
    for attempt in row.attempts:
        sign = good if attempt.result == "ok" else bad
        _fill(cells, attempt.begin * scale, attempt.end * scale, (sign, _COLOURS[attempt.result]))
    return _Line(name, cells, _seconds(end - begin), result, _COLOURS[row.attempts[-1].result])


def _fill(cells: list[tuple[str, str]], begin: float, end: float, cell: tuple[str, str]) -> None:
    """Fill from one column to another, at least one."""
    first = min(int(begin), len(cells) - 1)
    last = min(max(first + 1, round(end)), len(cells))
    cells[first:last] = [cell] * (last - first)


def _result(row: Row) -> str:
    if not row.attempts:
        return "skipped"
    result = row.attempts[-1].result
    return f"{result}, attempt {len(row.attempts)}" if len(row.attempts) > 1 else result


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _axis(wide: int, columns: int, scale: float, look: Look) -> list[str]:
    """Return the labels and the ticks below them."""
    power, factor = 1e-6, 1
    while power * factor * scale < _APART:
        following = _STEPS.index(factor) + 1
        factor = _STEPS[following % len(_STEPS)]
        power *= 10 if factor == 1 else 1
    distance = power * factor
    labels, ticks = " " * (wide + 2), " " * (wide + 2)
    number = 0
    while (at := int(number * distance * scale)) < columns:
        label = f"{round(number * distance, 6):g}" + ("" if number else " s")
        if at + len(label) <= columns:
            labels = labels.ljust(wide + 2 + at) + label
        ticks = ticks.ljust(wide + 2 + at) + look.signs[3]
        number += 1
    return [look.painted(labels.rstrip(), _DIM), look.painted(ticks.rstrip(), _DIM)]


def _text(line: _Line, wide: int, longest: int, look: Look) -> str:
    bar, colour = "", ""
    for sign, wanted in line.cells:
        if look.colour and wanted != colour:
            bar += (_RESET if colour else "") + wanted
            colour = wanted
        bar += sign
    bar += _RESET if colour else ""
    name = line.name + " " * (wide - _columns(line.name))
    result = look.painted(line.result, line.colour)
    return f"{name}  {bar}  {line.seconds:>{longest}}  {result}".rstrip()


def _shown(name: str, look: Look) -> str:
    """Return the name on one line: what would move the cursor is written as an escape."""
    return "".join(
        c
        if c.isprintable() and (look.unicode or c.isascii())
        else c.encode("unicode_escape").decode("ascii")
        for c in name
    )


def _cut(name: str, limit: int, look: Look) -> str:
    if _columns(name) <= limit:
        return name
    mark = "…" if look.unicode else "..."
    while _columns(name) > limit - len(mark):
        name = name[:-1]
    return name + mark


def _columns(text: str) -> int:
    """Return how many columns a terminal takes for it."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(bool(combining(character)) for character in text)
