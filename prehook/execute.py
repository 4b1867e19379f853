"""Running another program: becoming it, or starting it."""

import posix
from errno import EACCES, EAGAIN, ENOENT, ENOMEM, ENOTDIR

from prehook.errors import PrehookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from prehook.environment import Environment
    from prehook.signals import Signals

# As execvp(3): the search goes on behind what is not there or must not be run
_SEARCH_GOES_ON = (ENOENT, ENOTDIR, EACCES)
_NO_PROCESS = (EAGAIN, ENOMEM)
_DEFAULT_PATH = b"/bin:/usr/bin"  # confstr(_CS_PATH), which execvp(3) takes


def search(name: str, environment: "Environment") -> list[bytes]:
    """Return the paths that `name` may mean, best first; those that do not exist are left out."""
    word = name.encode("utf-8", "surrogateescape")
    if b"/" in word or not word:
        return [word] if word else []
    directories = environment.get(b"PATH", _DEFAULT_PATH).split(b":")
    paths = [(directory or b".") + b"/" + word for directory in directories]
    return [path for path in paths if posix.access(path, posix.F_OK)]


def program(name: str, environment: "Environment") -> str:
    """Return the path of the file that `name` would run; empty if there is none."""
    for path in search(name, environment):
        if posix.access(path, posix.X_OK) and not _is_directory(path):
            return path.decode("utf-8", "surrogateescape")
    return ""


def _is_directory(path: bytes) -> bool:
    return posix.stat(path).st_mode & 0o170000 == 0o040000  # inode(7): S_IFMT, S_IFDIR


def become(
    argv: list[str], paths: list[bytes], environment: "Environment", signals: "Signals"
) -> "NoReturn":
    """Replace this process by the program.

    The paths were searched before, so that only this stands between the last look at the signals
    and exec: for these microseconds the dispositions are those that were found, and PID 1 loses
    a signal just as it does until CMD has its own handlers.

    Raises:
        PrehookError: It can't be run; exit status 127 if it isn't there, 126 for all else.
    """
    signals.restore()
    failures = []
    for path in paths:
        try:
            posix.execve(path, argv, environment)
        except OSError as error:
            failures.append((path, error))
            if error.errno not in _SEARCH_GOES_ON:
                break
    raise _explained(argv, failures, environment)


def spawn(
    argv: list[str],
    paths: list[bytes],
    environment: "Environment",
    signals: "Signals",
    actions: "list[tuple[int, ...]]",
) -> int:
    """Start the program in a process group of its own, with the signals as they were found.

    posix_spawn(3) does it without copying this process, in half of the time that fork takes.

    Args:
        argv: Its arguments.
        paths: What `search` has found.
        environment: Its environment.
        signals: The signals.
        actions: What is to be done to descriptors, as `posix_spawn` has it.

    Returns:
        Its process id.

    Raises:
        PrehookError: As `become` does, or there is no process to be had.
    """
    failures = []
    for path in paths:
        try:
            return posix.posix_spawn(
                path,
                argv,
                environment,
                file_actions=actions,
                setpgroup=0,
                setsigmask=signals.mask,
                setsigdef=signals.restored,
            )
        except OSError as error:
            if error.errno in _NO_PROCESS:
                raise no_process(error) from None
            failures.append((path, error))
            if error.errno not in _SEARCH_GOES_ON:
                break
    raise _explained(argv, failures, environment)


def open_null() -> int:
    """Open /dev/null, for a stdin with nothing in it.

    Raises:
        PrehookError: It isn't there, or no descriptor is to be had.
    """
    try:
        return posix.open("/dev/null", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError as error:
        raise PrehookError(
            f"can't open /dev/null: {error.strerror}",
            hint="mount a /dev that has it, as container runtimes do",
        ) from None


def inherited() -> list[int] | None:
    """Return the descriptors behind stderr that exec passes on: all of ours it closes (PEP 446).

    Returns:
        None without /proc.
    """
    try:
        found = [int(name) for name in posix.listdir("/proc/self/fd")]
    except OSError:
        return None
    return [one for one in found if one > 2 and _passes(one)]


def _passes(descriptor: int) -> bool:
    try:
        return posix.get_inheritable(descriptor)
    except OSError:  # the one that listdir had open
        return False


def no_process(error: OSError) -> PrehookError:
    """Return the error for a fork that has failed."""
    return PrehookError(
        f"no new process: {error.strerror}",
        hint="raise the limit on processes (docker run --pids-limit) or the memory",
    )


def _explained(
    argv: list[str], failures: list[tuple[bytes, OSError]], environment: "Environment"
) -> PrehookError:
    """Return the error for what could not be run: the first failure, or the one that ended it."""
    from prehook.exec_failure import explain

    path, error = b"", None
    if failures:
        path, error = failures[0]
        if failures[-1][1].errno not in _SEARCH_GOES_ON:
            path, error = failures[-1]
    return explain(argv, path, error, environment)
