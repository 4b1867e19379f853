"""`--init`: prehook stays, and CMD is its child.

For a CMD that can't be PID 1: it has no handlers, or it reaps nobody. What CMD gets is what it
would get in our place: the same signals, to its own process, the same descriptors and terminal.
Whether it has had long enough to end is for the runtime to say: no grace period runs while it
lives.
"""

from __future__ import annotations

import posix

from prehook.errors import PrehookError
from prehook.execute import become, search
from prehook.journal import quoted
from prehook.reaping import ended
from prehook.signals import CHLD, GRACE, TSTP
from prehook.step import lead

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import NoReturn

    from prehook.scene import Scene
    from prehook.start import Start
    from prehook.terminal import Terminal
else:
    import _signal

_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


def stay(start: Start, environment: dict[bytes, bytes], scene: Scene) -> int:
    """Run CMD as a child to its end, and return its exit status, or 128+n.

    Args:
        start: What is to be started.
        environment: That of CMD.
        scene: The start; its signals are blocked, so that none is lost on the way to the child.

    Raises:
        PrehookError: There is no process to be had.
    """
    if posix.getpid() != 1:
        _become_reaper(scene)
    terminal, tty = _terminal()
    # With a terminal these three are from it, for our whole group: the shell sees us stop
    left_alone = (TSTP, _signal.SIGTTIN, _signal.SIGTTOU) if terminal else ()
    taken = scene.signals.take_all(left_alone)
    try:
        child = posix.fork()
    except OSError as error:  # EAGAIN, ENOMEM
        raise PrehookError(
            f"no new process for {quoted(start.command[0])}: {error.strerror}",
            hint="raise the limit on processes (docker run --pids-limit) or the memory",
        ) from None
    if child == 0:
        _enter(start, environment, scene, terminal)
    lead(child)
    if terminal:
        terminal.give(child)
    environment.clear()
    scene.handover.forget()
    _let_go(tty)
    status = _attend(child, taken, terminal)
    if terminal:
        terminal.recover(child)
    scene.journal.detail(f"{quoted(start.command[0])} ended with {status}", event="exit")
    from prehook.remainder import end_all, end_group

    if posix.getpid() == 1:
        end_all(GRACE)
    else:
        end_group(child, GRACE)
    return status


def _enter(
    start: Start, environment: dict[bytes, bytes], scene: Scene, terminal: Terminal | None
) -> NoReturn:
    """Become CMD, in the child: it never returns, whatever happens."""
    try:
        lead(0)
        if terminal:  # before exec: CMD must not read as a background job
            terminal.give(posix.getpid())
        if start.user:
            start.user.take_on(environment)
        paths = search(start.command[0], environment)
        become(start.command, paths, environment, scene.signals)
    except PrehookError as error:
        scene.journal.report(error)
        posix._exit(error.exit_status)


def _attend(child: int, taken: set[int], terminal: Terminal | None) -> int:
    """Reap and forward until CMD ends."""
    own = posix.getpid()
    while True:
        for process, status in ended(stops=terminal is not None):
            if process != child:
                continue
            if posix.WIFSTOPPED(status):
                if terminal:
                    terminal.suspend(child)
            elif posix.WIFSIGNALED(status):
                return 128 + posix.WTERMSIG(status)
            else:
                return posix.WEXITSTATUS(status)
        received = _signal.sigwaitinfo(taken)
        # One from ourselves is none for CMD: PIPE, as the log's reader has gone
        if received.si_signo != CHLD and received.si_pid != own:
            _send(child, received.si_signo)


def _send(child: int, signo: int) -> None:
    """Forward to CMD's own process, and not to its group.

    As PID 1 it would be the only one to get what the runtime sends, and many tell their workers
    themselves: these would get everything twice.
    """
    try:
        posix.kill(child, signo)
    except PermissionError:  # it has changed its user, and we are not root
        return


def _let_go(tty: int) -> None:
    """Close what is CMD's alone.

    An init that keeps a copy of a pipe keeps its reader from ever seeing the end, a copy of a
    socket keeps the port, and a copy of the secrets is one more place that has them.
    """
    try:
        found = [int(name) for name in posix.listdir("/proc/self/fd")]
    except OSError:  # no /proc: all there could be
        found = list(range(3, min(posix.sysconf("SC_OPEN_MAX"), 1 << 16)))
    for descriptor in found:
        if descriptor > 2 and descriptor != tty:
            try:
                posix.close(descriptor)
            except OSError:  # the one that listdir had open
                continue
    try:
        null = posix.open("/dev/null", posix.O_RDWR | posix.O_CLOEXEC)
    except OSError:
        return
    for descriptor in (0, 1):
        posix.dup2(null, descriptor)
    posix.close(null)


def _terminal() -> tuple[Terminal | None, int]:
    """Return the terminal if our group has its foreground, and its descriptor."""
    try:
        descriptor = posix.open("/dev/tty", posix.O_RDWR | posix.O_NOCTTY | posix.O_CLOEXEC)
    except OSError:  # no controlling terminal
        return None, -1
    from prehook.terminal import in_front

    terminal = in_front(descriptor)
    return terminal, descriptor if terminal else -1


def _become_reaper(scene: Scene) -> None:
    """See to it that orphans of CMD come to us, as they do to PID 1.

    Before CMD is forked: what loses its parent earlier would be gone to somebody else.
    """
    try:
        import ctypes

        done = ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (ImportError, OSError, AttributeError):
        done = False
    if not done:
        scene.journal.detail("orphans of CMD go to the init outside: prctl can't be reached")
