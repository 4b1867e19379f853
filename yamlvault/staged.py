"""New content for a file: complete and on the disk before it takes the place of the old one."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

PRIVATE = 0o600  # the mode of what holds plaintext

# what a file system without O_TMPFILE, or a kernel that doesn't know it, answers (open(2))
_NO_TMPFILE = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)


class Staged:
    """Content that waits beside its target for `commit`; what is not committed leaves no trace.

    On Linux it has no name until it is complete: killed before, nothing is left of it.
    """

    def __init__(
        self,
        path: str,
        data: bytes,
        mode: int,
        owner: tuple[int, int] | None,
        *,
        check: Callable[[int], None] | None = None,
    ) -> None:
        """Write the content.

        Args:
            path: The target. It is not followed where it is a symbolic link.
            data: The content.
            mode: The mode it gets.
            owner: The user and group it gets; None for those of the process.
            check: Gets a descriptor of the directory before anything is written there, and raises
                what speaks against it.

        Raises:
            OSError: It can't be written; nothing is left.
        """
        self._target = os.path.basename(path)
        # the name is known before the file has it, so that no moment is left in which an
        # interrupt would leave it behind
        start = os.fsdecode(os.fsencode(self._target)[:200])  # NAME_MAX counts bytes
        self._name = f".{start}.{os.urandom(4).hex()}.tmp"
        self._has_name = False
        self._directory = self._descriptor = -1
        try:
            self._directory = os.open(
                os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
            )
            if check is not None:
                check(self._directory)
            self._open()
            self._fill(data, mode, owner)
        except BaseException:
            self.discard()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _open(self) -> None:
        if hasattr(os, "O_TMPFILE"):
            flags = os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC
            try:
                self._descriptor = os.open(".", flags, PRIVATE, dir_fd=self._directory)
            except OSError as error:
                if error.errno not in _NO_TMPFILE:
                    raise
            else:
                return
        self._has_name = True
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        self._descriptor = os.open(self._name, flags, PRIVATE, dir_fd=self._directory)

    def _fill(self, data: bytes, mode: int, owner: tuple[int, int] | None) -> None:
        descriptor = self._descriptor
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        if owner is not None:
            status = os.fstat(descriptor)
            if (status.st_uid, status.st_gid) != owner:
                os.fchown(descriptor, *owner)
        os.fchmod(descriptor, mode)  # after the owner: a change of it takes bits away (chown(2))
        os.fsync(descriptor)

    def commit(self, *, new: bool = False) -> None:
        """Give the content its place.

        Args:
            new: Refuse to replace a file.

        Raises:
            OSError: It can't be; the old file is whole.
        """
        directory = self._directory
        if not self._has_name:
            source = f"/proc/self/fd/{self._descriptor}"
            self._has_name = True
            os.link(source, self._name, src_dir_fd=directory, dst_dir_fd=directory)
        if new:  # unlike a rename, a link fails where there is a file of that name
            os.link(self._name, self._target, src_dir_fd=directory, dst_dir_fd=directory)
        else:
            os.rename(self._name, self._target, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)

    def discard(self) -> None:
        """Take away what is not in its place, and close what is open."""
        if self._directory >= 0 and self._has_name:
            try:
                os.unlink(self._name, dir_fd=self._directory)
            except OSError:  # it was renamed, or is not there yet
                self._has_name = False
        for descriptor in (self._descriptor, self._directory):
            if descriptor >= 0:
                os.close(descriptor)
        self._directory = self._descriptor = -1


def overwrite(descriptor: int, data: bytes) -> None:
    """Write a file in place: for what is a mount point of its own, which no other can replace."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def is_mount_point(path: str) -> bool:
    """Tell whether the file itself is mounted, as containers do with single files."""
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            points = [line.split(b" ")[4] for line in file]
    except OSError:
        return False
    escaped = os.fsencode(path)
    for character in b"\\ \t\n":  # as proc(5) writes them
        escaped = escaped.replace(bytes([character]), b"\\%03o" % character)
    return escaped in points
