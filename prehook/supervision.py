"""The loop of a start: wait for a signal, hand it on, reap, do what is due."""

import posix
import time

from prehook.reaping import ended
from prehook.signals import CHLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from prehook.lane import Lane
    from prehook.scene import Scene

_FOREVER = float("inf")
_TICK = 0.1  # seconds until lines that were kept back are written, once it is their turn


def supervise(lanes: "Sequence[Lane]", scene: "Scene", *, stops: bool) -> int:
    """See steps through, beside each other, to their ends.

    When one fails that is not optional, the others are ended.

    Args:
        lanes: The steps; none has begun yet.
        scene: The start.
        stops: Whether the only lane has the terminal, so that Ctrl-Z can stop it.

    Returns:
        The exit status of the first that failed, or 0.
    """
    scene.signals.grace = max(lane.step.grace for lane in lanes)
    failed = None
    for lane in lanes:
        lane.begin()
    while True:
        _reap(lanes, stops=stops)
        if failed is None and (failed := _failed(lanes)):
            for lane in lanes:
                lane.cancel()
        _flush(lanes)
        pending = [lane for lane in lanes if lane.is_open]
        if not pending:
            return failed.status if failed else 0
        if not _wake(pending):
            _wait(pending, scene)


def _wake(pending: "Sequence[Lane]") -> bool:
    """Do what is due; what has ended is reaped, so that no success is taken for a time-out."""
    now = time.monotonic()
    due = [lane for lane in pending if lane.due <= now]
    for lane in due:
        lane.wake(now)
    return bool(due)


def _wait(pending: "Sequence[Lane]", scene: "Scene") -> None:
    """Wait for a signal, or for what is due next, and hand the signal on."""
    due = min(lane.due for lane in pending)
    if pending[0].keeps_back:
        due = min(due, time.monotonic() + _TICK)
    signo = scene.signals.wait(None if due == _FOREVER else due)
    if signo is not None and signo != CHLD:
        for lane in pending:
            lane.forward(signo)


def _flush(lanes: "Sequence[Lane]") -> None:
    """Write what lanes have kept back, up to the first that is not over: in their order."""
    for lane in lanes:
        lane.flush()
        if lane.is_open:
            return


def _reap(lanes: "Sequence[Lane]", *, stops: bool) -> None:
    for process, status in ended(stops=stops):
        for lane in lanes:
            if lane.leader != process:
                continue
            if posix.WIFSTOPPED(status):
                lane.stopped()
            else:
                lane.ended(status)


def _failed(lanes: "Sequence[Lane]") -> "Lane | None":
    for lane in lanes:
        if lane.status:
            return lane
    return None
