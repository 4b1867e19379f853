"""Symbolic links on the way to what is written: whose they are.

With root's rights a link that another user has put into a directory of theirs would lead a write
to any file of the system. The kernel's own protection (fs.protected_symlinks) covers only
directories that are sticky and writable for all.
"""

import posix
from errno import ELOOP, EPERM

_MOST = 40  # as the kernel has it (path_resolution(7))
_LINK, _KINDS = 0o120000, 0o170000


def check(path: str) -> None:
    """Refuse a path on which a link stands that is neither root's nor ours.

    Raises:
        OSError: EPERM: there is one. ELOOP: links lead in a circle.
    """
    pending = path.split("/")[::-1]
    at = "/" if path.startswith("/") else ""
    followed = 0
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        one = at + name
        try:
            status = posix.lstat(one)
        except OSError:  # it is yet to be made, or the write itself will say what is wrong
            return
        if status.st_mode & _KINDS != _LINK:
            at = one + "/"
            continue
        if status.st_uid not in (0, posix.geteuid()):
            raise OSError(EPERM, f"a symbolic link of uid {status.st_uid} is not followed", one)
        target = posix.readlink(one)
        if at.startswith("/proc/") and ":" in target:  # a pipe or a socket: no path
            return
        followed += 1
        if followed > _MOST:
            raise OSError(ELOOP, posix.strerror(ELOOP), one)
        if target.startswith("/"):
            at = "/"
        pending += target.split("/")[::-1]
