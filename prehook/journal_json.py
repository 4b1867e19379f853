"""A line of the log as a JSON object, for what collects logs."""

from __future__ import annotations

import json
import time


def line(  # noqa: PLR0917 (as `Journal` calls it)
    level: str, text: str, hint: str | None, event: str, step: str, seconds: float | None
) -> str:
    """Return the object and a line break; bytes that are not UTF-8 are replaced."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    fields = {
        "time": f"{stamp}.{int(now % 1 * 1000):03}Z",  # RFC 3339
        "level": level,
        "logger": "prehook",
        "event": event,
        "step": step,
        "seconds": None if seconds is None else round(seconds, 3),
        "message": text,
        "hint": hint,
    }
    known = {name: value for name, value in fields.items() if value not in (None, "")}
    whole = json.dumps(known, ensure_ascii=False) + "\n"
    return whole.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
