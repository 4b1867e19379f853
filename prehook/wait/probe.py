"""A look at a target: is it there?"""

from __future__ import annotations

import errno

PATIENCE = 5.0  # seconds that one look may take, from when the name has been looked up

_REASONS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.ECONNABORTED: "connection reset",
    errno.ENOTCONN: "connection reset",
    errno.EPIPE: "connection reset",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "network unreachable",
    errno.ENOENT: "no such file",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOTDIR: "a part of its path is not a directory",
    errno.ELOOP: "symbolic links lead in a circle",
    errno.EAGAIN: "its queue of connections is full",  # unix(7): the backlog
}


class NotThereError(Exception):
    """A target is not there yet.

    Attributes:
        reason: Why, in a few words: `connection refused`.
        hint: What to do about it where it won't come by itself.
    """

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Probe:
    """Looks whether a target is there.

    Attributes:
        shown: What to call the target: without user, password and query.
        doing: What it is at, for when that takes so long that no reason is known yet.
    """

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.doing = "no answer yet"

    def look(self, deadline: float) -> None:
        """Return if the target is there.

        Args:
            deadline: On the monotonic clock. Only the look-up of a name can't be ended by then.

        Raises:
            NotThereError: It is not.
        """
        raise NotImplementedError


def reason_of(error: OSError) -> str:
    """Return in a few words what a failed system call says."""
    if isinstance(error, TimeoutError):
        return "timed out"
    return _REASONS.get(error.errno or 0) or (error.strerror or type(error).__name__).lower()
