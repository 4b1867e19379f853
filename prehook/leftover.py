"""What a hook leaves running in its process group: named, and ended."""

import posix
import time

from prehook.hook import reap, signal_group
from prehook.log import quoted, say
from prehook.signals import CONT, GRACE, KILL, TERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.signals import Signals

# Seconds. As PID 1 we are the parent of these processes, and CHLD wakes us. As an ordinary
# process we are not (PR_SET_CHILD_SUBREAPER would need ctypes, 5 ms of each start, and would have
# to be undone before exec), and there is nothing that waits for another's child and for signals.
_TICK = 0.05
_LAST_WAIT = 2.0  # after KILL: only what sleeps in the kernel lasts longer


def end_group(group: int, hook_name: str, signals: "Signals") -> None:
    """End the processes of a group whose leader has ended: TERM, grace period, KILL."""
    running = members(group)
    if not running:
        return
    deadline = time.monotonic() + GRACE
    if signals.ended_by is None:
        shown = ", ".join(f"{pid} {quoted(name)}" for pid, name in running)
        say(
            f"{hook_name} has ended but left running: {shown}; ending it",
            "a hook must not start what is to last: run it in a container or a CMD of its own",
        )
    # After a forwarded INT as well: sh makes what it runs with & ignore INT and QUIT (POSIX 2.11)
    signal_group(group, TERM)
    signal_group(group, CONT)
    if not _gone(group, min(deadline, signals.deadline or deadline), signals):
        signal_group(group, KILL)
        _gone(group, time.monotonic() + _LAST_WAIT, signals)


def _gone(group: int, deadline: float, signals: "Signals") -> bool:
    while members(group):
        now = time.monotonic()
        if now >= min(deadline, signals.deadline or deadline):
            return False
        signals.wait(min(deadline, now + _TICK))
        reap()
    return True


def members(group: int) -> list[tuple[int, str]]:
    """Return process id and argv[0] of those in a group that still run (proc(5), stat)."""
    found = []
    for entry in posix.listdir("/proc"):
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
