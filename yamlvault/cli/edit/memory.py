"""Folders in memory: file systems that never write what is in them to a disk."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_MEMORY = (b"tmpfs", b"ramfs")


def folders() -> Iterator[str]:
    """Yield the folders in which a private one can be made: in memory, and nobody else's."""
    found = set()
    for name in _candidates():
        path = os.path.realpath(name)
        if path not in found and _is_trusted(path) and is_in_memory(path):
            found.add(path)
            yield path


def is_in_memory(path: str) -> bool:
    """Tell whether a folder is on a file system in memory, by what the kernel says of it."""
    device = os.stat(path).st_dev
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            lines = file.readlines()
    except OSError:
        return False  # macOS: nothing there says it
    for line in lines:  # proc(5): … 0:22 / /run rw,nosuid shared:5 - tmpfs tmpfs rw
        fields, _, rest = line.partition(b" - ")
        if fields.split(b" ")[2] == number:
            return rest.split(b" ")[0] in _IN_MEMORY
    return False


def _candidates() -> Iterator[str]:
    """Yield where systems mount such file systems; that of the user first."""
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield runtime
    yield f"/run/user/{os.getuid()}"
    yield "/dev/shm"  # noqa: S108  a private folder is made there, with a random name
    if temporary := os.environ.get("TMPDIR"):
        yield temporary
    yield "/tmp"  # noqa: S108


def _is_trusted(path: str) -> bool:
    """Tell whether nobody else can put another folder in place of ours in this one.

    `sudo` can leave us the XDG_RUNTIME_DIR of somebody else.
    """
    try:
        status = os.stat(path)
    except OSError:
        return False
    is_ours = status.st_uid in (0, os.geteuid())
    can_be_changed = status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX
    return is_ours and not can_be_changed and os.access(path, os.W_OK | os.X_OK)
