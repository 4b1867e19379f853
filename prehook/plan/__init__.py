"""Plans: the steps of a start in a file, strictly read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.start import Start


def add_steps(path: str, start: Start) -> None:
    """Add the steps of a plan to a start.

    Raises:
        PrehookError: It can't be read, or is wrong anywhere.
    """
    raise NotImplementedError
