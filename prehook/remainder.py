"""What still runs when CMD has ended, and prehook is its init: TERM, grace period, end."""

from __future__ import annotations

import posix
import time

from prehook.leftover import members
from prehook.reaping import ended, signal_group
from prehook.signals import CHLD, CONT, KILL, TERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
else:
    import _signal

_TICK = 0.05  # seconds: not all that we wait for are our children (see `leftover`)
_LAST_WAIT = 2.0  # after KILL: only what sleeps in the kernel lasts longer


def end_all(grace: float) -> None:
    """End everything in our PID namespace, as its PID 1.

    What is left after the grace period the kernel kills, when we exit (pid_namespaces(7)).

    Args:
        grace: Seconds.
    """
    for signo in (TERM, CONT):  # a stopped process takes nothing but KILL
        try:
            posix.kill(-1, signo)
        except OSError:  # ESRCH: there is nobody else; EPERM: nobody that we may signal
            continue
    _gone(_has_children, time.monotonic() + grace)


def end_group(group: int, grace: float) -> None:
    """End what is left in CMD's process group.

    Args:
        group: The group.
        grace: Seconds from TERM to KILL.
    """
    if not members(group):
        return
    for signo in (TERM, CONT):
        signal_group(group, signo)
    if not _gone(lambda: bool(members(group)), time.monotonic() + grace):
        signal_group(group, KILL)
        _gone(lambda: bool(members(group)), time.monotonic() + _LAST_WAIT)


def _has_children() -> bool:
    """Tell whether there are any, once what has ended is reaped. Of PID 1, each orphan is one."""
    ended()
    try:
        posix.waitid(posix.P_ALL, 0, posix.WEXITED | posix.WNOHANG | posix.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _gone(remains: Callable[[], bool], deadline: float) -> bool:
    """Reap until nothing remains, or the deadline has passed."""
    while remains():
        now = time.monotonic()
        if now >= deadline:
            return False
        _signal.sigtimedwait((CHLD,), min(deadline - now, _TICK))
        ended()
    return True
