"""The errors of prehook-render."""

from __future__ import annotations


class RenderError(Exception):
    """Say what failed and where; never a value.

    Attributes:
        message: What failed.
        source: The file that it failed in.
        line: The line in it, from 1.
        column: The column in that line, from 1.
        hint: What to do about it: one line.
        exit_status: What prehook-render exits with.
    """

    exit_status = 1

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        place = [str(part) for part in (self.source, self.line, self.column) if part is not None]
        return ": ".join([":".join(place), self.message] if place else [self.message])


class RenderUsageError(RenderError):
    """The command line is wrong."""

    exit_status = 2


def from_os_error(error: OSError, what: str, path: str) -> RenderError:
    """Return the error for a failed system call on a path."""
    hints = {
        "EROFS": "mount a tmpfs or a volume at that directory",
        "EACCES": "check the owner and mode of the file and of its directory",
        "EPERM": "check the owner of the file",
        "ENOENT": "create its directory first",
        "ENOSPC": "the file system is full; what stood there is as it was",
    }
    return RenderError(
        f"can't {what}: {error.strerror}",
        source=path,
        hint=hints.get(errno_name(error)),
    )


def errno_name(error: OSError) -> str:
    """Return the symbolic name of an error's number."""
    import errno

    return errno.errorcode.get(error.errno or 0, "")
