"""The file of a plan."""

from __future__ import annotations

import posix
from stat import S_ISDIR, S_ISREG

from prehook.errors import PrehookError

LARGEST = 1 << 20  # bytes
_HINTS = {
    "ENOENT": "is it in the image, and is WORKDIR the directory that its name begins at?",
    "EACCES": "prehook has to be allowed to read it: check its mode and those of its directories",
}


def content(path: str) -> bytes:
    """Return the bytes of a plan.

    Raises:
        PrehookError: It can't be read, or is no file that could be a plan.
    """
    try:
        # Not to wait for who would write into a FIFO
        descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NONBLOCK)
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        found = posix.fstat(descriptor)
        if not S_ISREG(found.st_mode):
            what = "is a directory" if S_ISDIR(found.st_mode) else "is not a regular file"
            raise PrehookError(f"{path}: {what}", hint="-f names the file of a plan")
        data = _read(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        posix.close(descriptor)
    if len(data) > LARGEST:
        raise PrehookError(
            f"{path}: larger than {LARGEST >> 20} MiB",
            hint="that is no plan: its steps and their settings",
        )
    return data


def _read(descriptor: int) -> bytes:
    data = b""
    while len(data) <= LARGEST and (part := posix.read(descriptor, LARGEST)):
        data += part
    return data


def _unreadable(path: str, error: OSError) -> PrehookError:
    from errno import errorcode

    text = f"{path}: can't be read: {posix.strerror(error.errno or 0)}"
    return PrehookError(text, hint=_HINTS.get(errorcode.get(error.errno or 0, "")))
