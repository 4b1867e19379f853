"""The width of the terminal."""

from __future__ import annotations

import os

_USUAL, _LEAST = 80, 20


def width() -> int:
    """Return how many columns a text for people takes."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        found = int(columns)
    else:
        try:
            found = os.get_terminal_size(2).columns
        except OSError:
            found = 0
    # a terminal that nobody has given a size has none
    return max(found or _USUAL, _LEAST) - 2
