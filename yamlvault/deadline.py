"""Deadlines: one moment for all that waits for a network."""

from __future__ import annotations

import time

DEFAULT = 20.0  # seconds: a container that can't start in that time is better told so


class Deadline:
    """A moment on the monotonic clock up to which work may take.

    Args:
        seconds: How far away it is; not negative.
    """

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left; 0 when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def share(self, parts: int) -> Deadline:
        """Return the deadline of the first of several parts that get the same time each."""
        return Deadline(self.left / parts)
