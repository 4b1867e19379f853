"""Files in memory: written by the process of a step, sealed by prehook, read by CMD."""

from __future__ import annotations

import fcntl
import os
from errno import EINVAL

from prehook.errors import PrehookError

_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_NOEXEC_SEAL = 0x0008  # MFD_NOEXEC_SEAL, Linux 6.3; systems can be told to insist on it
# Out of the way of the numbers that scripts give to theirs (3 to 9), that shells take for
# themselves (10 and up), and that Node closes to the programs it starts (up to the first gap
# behind 15)
_LOWEST = 100
_READABLE = 0o444  # CMD can be another user than we are


def create(name: str) -> int:
    """Return the descriptor of a new file that can be sealed; it ends at an exec.

    Raises:
        PrehookError: The system has none.
    """
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        try:
            descriptor = os.memfd_create(name, flags | _NOEXEC_SEAL)
        except OSError as error:
            if error.errno != EINVAL:  # which an older kernel answers
                raise
            descriptor = os.memfd_create(name, flags)
        os.fchmod(descriptor, _READABLE)
    except OSError as error:
        raise PrehookError(
            f"no file in memory can be made (memfd_create): {error.strerror}",
            hint="does a seccomp profile forbid it, or is the limit on open files reached?",
        ) from None
    return _out_of_the_way(descriptor)


def fill(descriptor: int, data: bytes) -> None:
    """Write the content of a file."""
    os.ftruncate(descriptor, 0)
    offset = 0
    while offset < len(data):
        offset += os.pwrite(descriptor, data[offset:], offset)


def seal(descriptor: int) -> None:
    """Let nobody change a file any more, whoever has it."""
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)


def _out_of_the_way(descriptor: int) -> int:
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _LOWEST)
    except OSError:  # the limit on open files is lower
        return descriptor
    os.close(descriptor)
    return moved
