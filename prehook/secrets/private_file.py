"""A file with secrets: for one user, in a directory that is in memory, whole or not there."""

from __future__ import annotations

import os
import stat
from errno import EACCES, EBUSY, EISDIR, ENOENT, ENOTDIR, EPERM, EROFS

from prehook import link
from prehook.errors import PrehookError
from prehook.journal import quoted
from yamlvault.filesystem import is_in_memory
from yamlvault.staged import Staged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prehook.identity import Identity

MODE = 0o400
ALLOWED = 0o440  # nobody writes what the next start writes anew, and it is no program
_MOUNT = (
    "mount a tmpfs at its directory: docker run --tmpfs DIR; compose, ECS: tmpfs; "
    "Kubernetes: an emptyDir with medium Memory"
)
_HINTS = {
    ENOENT: _MOUNT,
    ENOTDIR: _MOUNT,
    EROFS: _MOUNT,
    EACCES: "its directory must be writable for who prehook runs as",
    EPERM: "to give a file to another user prehook must be root; without --user it is its own",
    EBUSY: "it is a mount point of its own: mount its directory instead",
    EISDIR: "it is a directory: name a file in it",
}


def write(
    path: str, data: bytes, mode: int, owner: Identity | None, announce: Callable[[str], None]
) -> None:
    """Write a file.

    A symbolic link is followed to where the file is to be: the directory there counts.

    Args:
        path: Its path.
        data: Its content.
        mode: Its mode.
        owner: Who it belongs to; None for who prehook runs as.
        announce: Gets its real path just before it is put in place.

    Raises:
        PrehookError: Its directory is not in memory, or it can't be written; what stood there is
            as it was.
    """

    def check(directory: int) -> None:
        # asked of the descriptor by which all the rest is done: the path can come to mean another
        if not is_in_memory(directory):
            raise PrehookError(
                f"{quoted(path)} is not written: {quoted(os.path.dirname(real))} is on no tmpfs, "
                "and plaintext would reach a disk",
                hint=_MOUNT,
            )

    real = os.path.realpath(path)
    ids = (owner.uid, owner.gid) if owner else None
    try:
        link.check(path)
        if os.path.lexists(real) and not stat.S_ISREG(os.lstat(real).st_mode):
            raise PrehookError(
                f"{quoted(path)} is not written: something else than a file is there",
                hint="name a file",
            )
        with Staged(real, data, mode, ids, check=check) as staged:
            announce(real)
            try:
                staged.commit()
            except OSError:
                announce("")  # what stands there isn't ours to remove
                raise
    except OSError as error:
        raise PrehookError(
            f"{quoted(path)} can't be written: {error.strerror}",
            hint=_HINTS.get(error.errno or 0),
        ) from None
