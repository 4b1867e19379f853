"""Folders in memory: file systems that never write what is in them to a disk."""

from __future__ import annotations

import os
import stat

from yamlvault.filesystem import is_in_memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def folders() -> Iterator[str]:
    """Yield the folders in which a private one can be made: in memory, and nobody else's."""
    found = set()
    for name in _candidates():
        path = os.path.realpath(name)
        if path not in found and _is_trusted(path) and is_in_memory(path):
            found.add(path)
            yield path


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
