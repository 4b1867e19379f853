"""Children that have ended, and groups that still are there."""

import posix


def ended(*, stops: bool = False) -> list[tuple[int, int]]:
    """Reap all that has ended, orphans too.

    Args:
        stops: Whether children that were stopped are reported as well.

    Returns:
        Process ids and wait statuses.
    """
    found: list[tuple[int, int]] = []
    options = posix.WNOHANG | (posix.WUNTRACED if stops else 0)
    while True:
        try:
            process, status = posix.waitpid(-1, options)
        except ChildProcessError:
            return found
        if process == 0:
            return found
        found.append((process, status))


def signal_group(group: int, signo: int) -> None:
    """Send a signal to a process group, if there still is one."""
    if group <= 0:  # to the kernel, 0 is our own group
        raise ValueError(group)
    try:
        posix.killpg(group, signo)
    except OSError:  # it has gone, or (EPERM) its processes have changed their user
        return


def exists(group: int) -> bool:
    """Tell whether there is a process in a group."""
    try:
        posix.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
