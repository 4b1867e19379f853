"""The errors of prehook-render."""

from __future__ import annotations

from yamlvault.errors import PlacedError


class RenderError(PlacedError):
    """A template can't be rendered. Exit status 1."""


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
