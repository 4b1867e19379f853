"""Spans of time as people write them."""

from prehook.errors import PrehookError
from prehook.journal import quoted

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


def seconds(text: str, what: str) -> float:
    """Return the seconds of `30`, `1.5s`, `500ms`, `2m` or `1h`.

    Args:
        text: What was written.
        what: What it is for, for the message.

    Raises:
        PrehookError: It is none of these, or not more than 0.
    """
    number = text.rstrip("msh")
    unit = _UNITS.get(text[len(number) :])
    if unit is not None and number.isascii() and number.replace(".", "", 1).isdigit():
        value = float(number) * unit
        if 0 < value <= 366 * 86400:
            return value
    raise PrehookError(f"{what} {quoted(text)} is not a time", hint="30 or 30s, 500ms, 2m, 1h")
