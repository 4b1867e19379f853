"""The width of the terminal."""

from __future__ import annotations

import os

_LEAST = 20  # columns; in fewer no text can be read


def width() -> int:
    """Return how many columns a text for people takes."""
    columns = os.environ.get("COLUMNS", "")
    found = int(columns) if columns.isdecimal() else 0
    if not found:
        try:
            found = os.get_terminal_size(2).columns
        except OSError:
            found = 0
    # a terminal that nobody has told its size says 0
    return max(found, _LEAST) - 2 if found else 78
