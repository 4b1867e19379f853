"""Running one hook in a process group of its own, up to the end of that group."""

import posix
import time

from prehook.errors import OWN_FAILURE, PrehookError
from prehook.execute import become, search
from prehook.log import report, say
from prehook.signals import CHLD, CONT, KILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.arguments import Hook
    from prehook.environment import Environment
    from prehook.signals import Signals
    from prehook.terminal import Terminal


def run(
    hook: "Hook", environment: "Environment", signals: "Signals", terminal: "Terminal | None"
) -> int:
    """Run a hook to its end.

    Returns:
        Its wait status. Nothing of its process group is left.

    Raises:
        PrehookError: It could not be started.
    """
    started = time.monotonic()
    if hook.verbose:
        say(f"{hook.place}: {name_of(hook)} starts")
    try:
        leader = posix.fork()
    except OSError as error:  # EAGAIN, ENOMEM
        raise PrehookError(
            f"{hook.place}: {name_of(hook)}: no new process: {error.strerror}",
            hint="raise the limit on processes (docker run --pids-limit) or the memory",
        ) from None
    if leader == 0:
        _be_hook(hook, environment, signals, terminal)
    _lead(leader)
    try:
        status = _supervise(leader, signals, terminal)
    finally:
        if terminal:
            terminal.take_back()
    if _exists(leader):
        from prehook.leftover import end_group

        end_group(leader, f"{hook.place}: {name_of(hook)}", signals)
    if hook.verbose:
        say(f"{hook.place}: {name_of(hook)} took {time.monotonic() - started:.2f} s")
    return status


def name_of(hook: "Hook") -> str:
    """Return what to call a hook in a message.

    Its first word, and the next ones as long as they name files: what else stands there can be
    a secret that somebody put on a command line.
    """
    from prehook.log import quoted

    words = hook.words[:1]
    for word in hook.words[1:]:
        if ("/" not in word and "." not in word) or not posix.access(word, posix.F_OK):
            break
        words.append(word)
    return quoted(" ".join(words))


def _be_hook(
    hook: "Hook", environment: "Environment", signals: "Signals", terminal: "Terminal | None"
) -> None:
    """Become the hook, in the child: it never returns, whatever happens."""
    status = OWN_FAILURE
    try:
        _lead(0)
        if terminal:
            terminal.give(posix.getpid())  # before exec: the hook must not read as a background job
        paths = search(hook.words[0], environment)
        _set_descriptors()
        become(hook.words, paths, environment, signals)
    except PrehookError as error:
        report(error)
        status = error.exit_status
    except OSError as error:
        report(PrehookError(f"{hook.place}: {error.strerror}: {error.filename}"))
    finally:
        posix._exit(status)


def _lead(process: int) -> None:
    """Put a process into a group of its own.

    Parent and child both do, so that neither runs ahead of it; to who comes second it is done
    (EACCES: the child has called exec; ESRCH: it has ended).
    """
    try:
        posix.setpgid(process, process)
    except OSError:
        return


def _set_descriptors() -> None:
    """Leave /dev/null, stdout and stderr: a hook must not eat CMD's stdin or keep its sockets."""
    null = posix.open("/dev/null", posix.O_RDONLY)
    posix.dup2(null, 0)
    posix.set_inheritable(0, True)  # noqa: FBT003 (C function)
    # Where 0 was closed, `null` is 0 itself and dup2 does nothing
    try:
        found = [int(name) for name in posix.listdir("/proc/self/fd")]
    except OSError:  # no /proc: all there could be
        posix.closerange(3, posix.sysconf("SC_OPEN_MAX"))
        return
    for descriptor in found:
        if descriptor > 2:
            try:
                posix.close(descriptor)
            except OSError:  # the one that listdir had open
                continue


def _supervise(leader: int, signals: "Signals", terminal: "Terminal | None") -> int:
    """Forward signals and reap until the leader has ended; return its wait status."""
    killed = False
    while True:
        status = reap(leader, stops=terminal is not None)
        if status is not None and posix.WIFSTOPPED(status):
            if terminal and not signals.ended_by:
                terminal.suspend(leader)
            continue
        if status is not None:
            return status
        signo = signals.wait(None if killed else signals.deadline)
        if signo is None:
            signal_group(leader, KILL)
            killed = True
        elif signo != CHLD:
            signal_group(leader, signo)
            if signals.ended_by:
                signal_group(leader, CONT)  # a stopped process takes nothing but KILL


def reap(leader: int = 0, *, stops: bool = False) -> int | None:
    """Reap all that has ended, orphans too; return the wait status of `leader` if it is among it.

    Args:
        leader: A process id, or 0 for nobody.
        stops: Whether to report that it was stopped.
    """
    found = None
    while found is None or not posix.WIFSTOPPED(found):
        try:
            pid, status = posix.waitpid(-1, posix.WNOHANG | (posix.WUNTRACED if stops else 0))
        except ChildProcessError:
            break
        if pid == 0:
            break
        if pid == leader:
            found = status
    return found


def signal_group(group: int, signo: int) -> None:
    """Send a signal to a process group, if there still is one."""
    try:
        posix.killpg(group, signo)
    except OSError:  # it has gone, or (EPERM) its processes have changed their user
        return


def _exists(group: int) -> bool:
    try:
        posix.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
