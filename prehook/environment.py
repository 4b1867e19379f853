"""The environment as prehook found it.

The launcher is a sh script. dash and ash drop the variables whose names are not theirs (`a.b`,
which containers do have), every sh adds PWD, bash counts up SHLVL, and CPython sets LC_CTYPE
(PEP 538). So the launcher leaves a copy of itself behind, in whose `/proc/PID/environ` the kernel
still shows what the launcher was given. The copy reads from a pipe that ends when we do.
"""

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Environment = Mapping[bytes, bytes]

_SIGKILL = 9


def as_found(copy: str, stat: str) -> "Environment":
    """Return the environment, and end the copy of the launcher, which `forget` is left to reap.

    Args:
        copy: The copy's process id and both ends of its pipe, or "".
        stat: What the launcher has read of /proc/self/stat.
    """
    if not copy:
        return _of_sh()
    pid, read_end, write_end = map(int, copy.split())
    # A /proc of another PID namespace calls us by another number: by the copy's it shows a stranger
    is_ours = stat.partition(" ")[0] == str(posix.getpid())
    block = _read(f"/proc/{pid}/environ") if is_ours else None
    try:
        # An exited process shows an empty environment: the block counts if the copy still lives.
        if posix.waitpid(pid, posix.WNOHANG) != (0, 0):
            return _of_sh()
        posix.kill(pid, _SIGKILL)
    except OSError:  # not our child: the launcher could not fork
        return _of_sh()
    finally:
        posix.close(read_end)
        posix.close(write_end)
    return _of_sh() if block is None else _parsed(block)


def forget(copy: str) -> None:
    """Reap the copy, if that has not been done: it takes the kernel a moment to end it."""
    if copy:
        try:
            posix.waitpid(int(copy.split(maxsplit=1)[0]), 0)
        except OSError:
            return


def _read(path: str) -> bytes | None:
    try:
        descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:  # no /proc, or one that hides: what sh has left of the environment must do
        return None
    parts = []
    try:
        while part := posix.read(descriptor, 1 << 17):
            parts.append(part)
    except OSError:
        return None
    finally:
        posix.close(descriptor)
    return b"".join(parts)


def _of_sh() -> "Environment":
    """Return what sh has left; a variable without a name can't be handed on (execve of CPython)."""
    return {name: value for name, value in posix.environ.items() if name}


def _parsed(block: bytes) -> dict[bytes, bytes]:
    variables: dict[bytes, bytes] = {}
    for entry in block.split(b"\0"):
        name, equals, value = entry.partition(b"=")
        if name and equals:
            variables.setdefault(name, value)  # as getenv(3): the first of a name counts
    return variables
