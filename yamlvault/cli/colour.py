"""Colour: for who sees it, and for nobody else."""

from __future__ import annotations

import os
import sys

ERROR, HINT = "1;31", "36"  # bold red, cyan: parameters of SGR (ECMA-48, 8.3.117)


def painted(text: str, colour: str) -> str:
    """Return a text for standard error, in a colour where that is wanted.

    The text must have no control characters in it.
    """
    return f"\x1b[{colour}m{text}\x1b[0m" if is_wanted() else text


def is_wanted() -> bool:
    """Tell whether standard error is a terminal with colours, and nobody said otherwise.

    The variables are those of no-color.org and force-color.org: each counts unless it is empty,
    and NO_COLOR comes first.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM", "") not in ("", "dumb") and sys.stderr.isatty()
