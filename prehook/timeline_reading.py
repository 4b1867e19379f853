"""The trace of a start, read strictly: what isn't as prehook writes it is refused."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from prehook.errors import PrehookError
from prehook.trace import FORMAT, WRITER

_RESULTS = ("ok", "failed", "timeout", "cancelled", "ended")
_OF_START = ("ok", "failed", "ended")
_PHASES = ("X", "i", "M")
_HINT = "prehook --trace FILE writes one, and so does PREHOOK_TRACE=FILE"


class Attempt(NamedTuple):
    """One attempt of a step: seconds from the beginning, and what came of it."""

    begin: float
    end: float
    result: str


class Row(NamedTuple):
    """A step with its attempts; without any if it was left out."""

    name: str
    begin: float
    attempts: list[Attempt]


class Timeline(NamedTuple):
    """A start: what came of it, its seconds, those until prehook was ready, and the steps."""

    result: str
    seconds: float
    ready: float
    rows: list[Row]


class _Refused(Exception):  # noqa: N818 (it never leaves this module)
    """This is no trace of ours."""


def read(content: bytes, title: str) -> Timeline:
    """Return what a trace says.

    Args:
        content: Of the file.
        title: What to call the file in messages.

    Raises:
        PrehookError: It is no JSON, or no trace of ours.
    """
    try:
        whole = json.loads(content.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise PrehookError(f"timeline: {title} is not JSON", hint=_HINT) from None
    try:
        return _timeline(whole)
    except _Refused:
        pass
    raise PrehookError(f"timeline: {title} is not a trace of prehook", hint=_HINT)


def _refuse_constant(name: str) -> None:
    """Refuse what Python's reader takes besides JSON: NaN and Infinity."""
    raise ValueError(name)


def _timeline(whole: Any) -> Timeline:
    about = _typed(_typed(whole, dict).get("otherData"), dict)
    if about.get("writer") != WRITER or about.get("format") != FORMAT:
        raise _Refused
    own: dict[str, Attempt] = {}
    rows: dict[int, Row] = {}
    skipped = []
    for event in _typed(whole.get("traceEvents"), list):
        phase = _one_of(_typed(event, dict).get("ph"), _PHASES)
        name, args = _typed(event.get("name"), str), _typed(event.get("args"), dict)
        if phase == "i":
            skipped.append(Row(name, _seconds(event, "ts"), []))
        elif phase == "X" and event.get("cat") == "start":
            own[name] = _attempt(event, args.get("result", "ok"), _OF_START)
        elif phase == "X":
            attempt = _attempt(event, args.get("result"), _RESULTS)
            row = rows.setdefault(_typed(args.get("step"), int), Row(name, attempt.begin, []))
            row.attempts.append(attempt)
            if args.get("attempt") != len(row.attempts):
                raise _Refused
    if set(own) != {WRITER, "interpreter"}:
        raise _Refused
    ordered = sorted((*rows.values(), *skipped), key=lambda row: row.begin)
    return Timeline(own[WRITER].result, own[WRITER].end, own["interpreter"].end, ordered)


def _attempt(event: dict[str, Any], result: Any, results: tuple[str, ...]) -> Attempt:
    begin = _seconds(event, "ts")
    return Attempt(begin, begin + _seconds(event, "dur"), _one_of(result, results))


def _seconds(event: dict[str, Any], field: str) -> float:
    value = event.get(field)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Refused
    if not 0 <= value < 2**53:  # what JSON's numbers can hold exactly (RFC 8259, 6)
        raise _Refused
    return value / 1e6


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if _typed(value, str) not in known:
        raise _Refused
    return str(value)


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise _Refused
    return value
