"""Files: read whole, replaced whole, and left whole by whatever goes wrong."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import contextmanager, suppress

from yamlvault.errors import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVATE = 0o600  # the mode of what holds plaintext

_HINTS = {
    errno.ENOSPC: "make room on the disk; the old file is unchanged",
    errno.EDQUOT: "your disk quota is used up; the old file is unchanged",
    errno.EROFS: "the file system is mounted read-only",
    errno.EACCES: "the directory must be writable: the new file is made beside the old one",
    errno.ENOENT: "check the name",
}
# what a file system without O_TMPFILE, or a kernel that doesn't know it, answers (open(2))
_NO_TMPFILE = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)


def read(path: str) -> bytes:
    """Return the bytes of a file.

    Raises:
        FileError: It can't be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _refusal("can't be read", path, error) from None


class Locked:
    """A file that no other yamlvault writes until it is released.

    Attributes:
        data: Its bytes when it was locked.
    """

    def __init__(self, name: str, path: str, descriptor: int) -> None:
        self._name = name
        self._path = path
        self._descriptor = descriptor
        self._status = os.fstat(descriptor)
        with open(descriptor, "rb", closefd=False) as file:
            self.data = file.read()

    def replace(self, data: bytes, *, mode: int | None = None) -> None:
        """Put `data` in place of the file's content, with the same owner.

        Args:
            data: The new content.
            mode: The new mode; by default that of the old file.

        Raises:
            FileError: It can't be written; the old file is whole.
        """
        status = self._status
        mode = stat.S_IMODE(status.st_mode) if mode is None else mode
        try:
            _put(self._path, data, mode, owner=(status.st_uid, status.st_gid))
        except OSError as error:
            if not _is_mount_point(self._path):
                raise _refusal("can't be written", self._name, error) from None
            self._write_in_place(data, mode)

    def _write_in_place(self, data: bytes, mode: int) -> None:
        """Overwrite a file that is a mount point of its own: no other can take its place."""
        try:
            _overwrite(self._descriptor, data)
            os.fchmod(self._descriptor, mode)
        except OSError as error:
            _overwrite(self._descriptor, self.data)
            raise _refusal("can't be written", self._name, error) from None


@contextmanager
def locked(name: str) -> Iterator[Locked]:
    """Open a file to read it and replace it. A second writer waits; symbolic links are followed.

    Raises:
        FileError: The file is not there, not regular, read-only, or can't be opened.
    """
    path = os.path.realpath(name)
    try:
        descriptor = _lock(name, path)
    except OSError as error:
        raise _refusal("can't be opened for writing", name, error) from None
    try:
        yield Locked(name, path, descriptor)
    finally:
        os.close(descriptor)


def _lock(name: str, path: str) -> int:
    while True:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise FileError("not a regular file", source=name, hint="name a YAML file")
        if not status.st_mode & 0o222:
            # root could write it all the same: who took the bits away did not want that
            raise FileError("read-only", source=name, hint=f"make it writable: chmod u+w {name}")
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # another writer replaced the file while we waited for the old one


def write(name: str, data: bytes, *, mode: int | None = None) -> None:
    """Write a file, new or in place of another; a pipe or a device is written to.

    Args:
        name: Its name.
        data: Its content.
        mode: Its mode; by default that of the file that is there, or what the umask leaves.

    Raises:
        FileError: It can't be written; what was there before is whole.
    """
    path = os.path.realpath(name)
    try:
        status = os.stat(path)
    except FileNotFoundError:
        status = None
    except OSError as error:
        raise _refusal("can't be written", name, error) from None
    if status is not None and stat.S_ISREG(status.st_mode):
        with locked(name) as file:
            file.replace(data, mode=mode)
        return
    try:
        if status is None:
            _put(path, data, _default_mode() if mode is None else mode)
        else:
            with open(path, "wb") as file:
                file.write(data)
    except OSError as error:
        raise _refusal("can't be written", name, error) from None


def create(name: str, data: bytes, *, mode: int | None = None) -> None:
    """Write a new file.

    Raises:
        FileError: It is there already, or can't be written.
    """
    try:
        _put(os.path.abspath(name), data, _default_mode() if mode is None else mode, new=True)
    except OSError as error:
        raise _refusal("can't be made", name, error) from None


def _default_mode() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _put(
    path: str,
    data: bytes,
    mode: int,
    *,
    owner: tuple[int, int] | None = None,
    new: bool = False,
) -> None:
    """Write a file beside `path`, and give it that name when it is complete and on the disk."""
    directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    target = os.path.basename(path)
    name = f".{target[:200]}.{os.urandom(4).hex()}.tmp"
    try:
        descriptor, is_named = _open_temporary(directory, name)
        try:
            _prepare(descriptor, data, mode, owner)
            if not is_named:
                # it has no name until it is complete: killed before, nothing is left of it
                source = f"/proc/self/fd/{descriptor}"
                os.link(source, name, src_dir_fd=directory, dst_dir_fd=directory)
                is_named = True
            if new:  # unlike a rename, a link fails where there is a file of that name
                os.link(name, target, src_dir_fd=directory, dst_dir_fd=directory)
            else:
                os.rename(name, target, src_dir_fd=directory, dst_dir_fd=directory)
                is_named = False
            os.fsync(directory)
        finally:
            os.close(descriptor)
            if is_named:
                with suppress(OSError):
                    os.unlink(name, dir_fd=directory)
    finally:
        os.close(directory)


def _open_temporary(directory: int, name: str) -> tuple[int, bool]:
    """Return a descriptor to write to, and whether the file has its name already."""
    if hasattr(os, "O_TMPFILE"):
        try:
            flags = os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC
            return os.open(".", flags, PRIVATE, dir_fd=directory), False
        except OSError as error:
            if error.errno not in _NO_TMPFILE:
                raise
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
    return os.open(name, flags, PRIVATE, dir_fd=directory), True


def _prepare(descriptor: int, data: bytes, mode: int, owner: tuple[int, int] | None) -> None:
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    if owner is not None:
        status = os.fstat(descriptor)
        if (status.st_uid, status.st_gid) != owner:
            os.fchown(descriptor, *owner)
    os.fchmod(descriptor, mode)  # after the owner: a change of it takes bits away (chown(2))
    os.fsync(descriptor)


def _overwrite(descriptor: int, data: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def _is_mount_point(path: str) -> bool:
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


def _refusal(what: str, name: str, error: OSError) -> FileError:
    hint = _HINTS.get(error.errno or 0)
    if error.errno == errno.EACCES and what == "can't be read":
        hint = None
    return FileError(f"{what}: {error.strerror}", source=name, hint=hint)
