"""What a hook leaves running in its process group: named, and ended."""

import posix
import time

from prehook.journal import quoted
from prehook.reaping import ended, signal_group
from prehook.signals import CONT, KILL, TERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.journal import Journal
    from prehook.scene import Scene
    from prehook.signals import Signals
    from prehook.step import Step

# Seconds. As PID 1 we are the parent of these processes, and CHLD wakes us. As an ordinary
# process we are not (PR_SET_CHILD_SUBREAPER would need ctypes, 5 ms of each start, and would have
# to be undone before exec), and there is nothing that waits for another's child and for signals.
_TICK = 0.05
_LAST_WAIT = 2.0  # after KILL: only what sleeps in the kernel lasts longer


def end_group(
    group: int, step: "Step", scene: "Scene", journal: "Journal", latest: float, *, silently: bool
) -> None:
    """End the processes of a group whose leader has ended: TERM, grace period, KILL.

    Args:
        group: The process group.
        step: Which step it was of.
        scene: The start.
        journal: Where to name them.
        latest: When the grace period ends, on the monotonic clock.
        silently: Whether that is no surprise: the step was ended, or has failed.
    """
    running = members(group)
    if not running:
        signal_group(group, KILL)  # where /proc can't show them; else there is nobody
        return
    signals = scene.signals
    if not silently and signals.ended_by is None:
        shown = ", ".join(f"{pid} {quoted(name)}" for pid, name in running)
        journal.warn(
            f"{step.title()} has ended but left running: {shown}; ending it",
            "what a hook starts ends with it, unless it has --allow-background",
            event="leftover",
            step=step.label,
        )
    # After a forwarded INT as well: sh makes what it runs with & ignore INT and QUIT (POSIX 2.11)
    signal_group(group, TERM)
    signal_group(group, CONT)
    if not _gone(group, latest, signals):
        signal_group(group, KILL)
        _gone(group, time.monotonic() + _LAST_WAIT, signals)


def _gone(group: int, deadline: float, signals: "Signals") -> bool:
    while members(group):
        now = time.monotonic()
        if now >= min(deadline, signals.deadline or deadline):
            return False
        signals.wait(min(deadline, now + _TICK))
        ended()
    return True


def members(group: int) -> list[tuple[int, str]]:
    """Return process id and argv[0] of those in a group that still run (proc(5), stat)."""
    found: list[tuple[int, str]] = []
    try:
        entries = posix.listdir("/proc")
    except OSError:  # it isn't mounted: there is no other way to see them
        return found
    for entry in entries:
        if not entry.isdigit():
            continue
        try:
            # The name of the program can hold anything, ")" too: the fields start behind the last
            state, _, process_group = _read(f"/proc/{entry}/stat").rpartition(b")")[2].split()[:3]
            if int(process_group) == group and state not in (b"Z", b"X"):
                name = _read(f"/proc/{entry}/cmdline").partition(b"\0")[0]
                found.append((int(entry), name.decode("utf-8", "surrogateescape")))
        except (OSError, ValueError):  # it has ended meanwhile
            continue
    return found


def _read(path: str) -> bytes:
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(descriptor, 4096)
    finally:
        posix.close(descriptor)
