"""What is asked of prehook instead of a start: help, its version, an explanation."""

from __future__ import annotations

import posix

from prehook.arguments import EXPLAIN, SCHEMA
from prehook.errors import PrehookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment
    from prehook.start import Start


def inform(start: Start, environment: Environment) -> int:
    """Print it; return the exit status."""
    if start.information == EXPLAIN:
        from prehook.explanation import explanation

        text = explanation(start, environment)
    elif start.information == SCHEMA:
        from prehook.plan import schema

        text = schema()
    elif start.information == "--version":
        from importlib.metadata import version

        text = f"prehook {version('prehook-toolkit')}\n"
    else:
        from prehook.options import HELP

        text = HELP
    data = text.encode("utf-8", "surrogateescape")
    try:
        while data:
            data = data[posix.write(1, data) :]
    except OSError as error:
        raise PrehookError(f"can't write to stdout: {error.strerror}") from None
    return 0
