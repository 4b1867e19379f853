"""The width of the terminal."""

from __future__ import annotations

import os


def width() -> int:
    """Return how many columns a text for people takes."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns) - 2
    try:
        return os.get_terminal_size(2).columns - 2
    except OSError:
        return 78
