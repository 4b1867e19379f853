"""What is asked of prehook instead of a start: help, its version, an explanation."""

from __future__ import annotations

from prehook.arguments import EXPLAIN, SCHEMA
from prehook.stdout import show

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
    show(text)
    return 0
