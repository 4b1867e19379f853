"""Becoming another program: the same for CMD and, in a forked child, for a hook."""

import posix
from errno import EACCES, ENOENT, ENOTDIR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from prehook.environment import Environment
    from prehook.signals import Signals

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
    failure: OSError | None = None
    failed = b""
    for path in paths:
        try:
            posix.execve(path, argv, environment)
        except OSError as error:
            # As execvp(3): the search goes on behind what is not there or must not be run
            if failure is None:
                failure, failed = error, path
            if error.errno not in (ENOENT, ENOTDIR, EACCES):
                failure, failed = error, path
                break
    from prehook.exec_failure import explain

    raise explain(argv, failed, failure, environment)
