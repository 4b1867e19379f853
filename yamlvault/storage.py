"""Files: read whole, replaced whole, and left whole by whatever goes wrong."""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from yamlvault.errors import FileError
from yamlvault.staged import PRIVATE, Staged, is_mount_point, overwrite

__all__ = ["PRIVATE", "Locked", "check_writable", "create", "read", "write"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_READ, _LOCK = "can't be read", "can't be opened for writing"
_HINTS = {
    errno.ENOSPC: "make room on the disk; the old file is unchanged",
    errno.EDQUOT: "your disk quota is used up; the old file is unchanged",
    errno.EROFS: "the file system is mounted read-only: change the file where it comes from",
    errno.EACCES: "the directory must be writable: the new file is made beside the old one",
    errno.ENOENT: "check the name",
}


def read(path: str) -> bytes:
    """Return the bytes of a file.

    Raises:
        FileError: It can't be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _refusal(_READ, path, error) from None


class Locked:
    """A file, opened to read it and replace it; no other yamlvault writes it meanwhile.

    A second writer waits. A symbolic link is followed and stays one.

    Attributes:
        data: Its bytes when it was locked.

    Raises:
        FileError: On entering: it is not there, not regular, read-only, or can't be opened.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._path = os.path.realpath(name)
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._descriptor = _lock(self._name, self._path)
        except OSError as error:
            raise _refusal(_LOCK, self._name, error) from None
        self._status = os.fstat(self._descriptor)
        with open(self._descriptor, "rb", closefd=False) as file:
            self.data = file.read()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

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
            with Staged(self._path, data, mode, (status.st_uid, status.st_gid)) as staged:
                staged.commit()
        except OSError as error:
            if not is_mount_point(self._path):
                raise _refusal("can't be written", self._name, error) from None
            self._write_in_place(data, mode)

    def _write_in_place(self, data: bytes, mode: int) -> None:
        """Overwrite a file that is a mount point of its own: no other can take its place."""
        old_mode = stat.S_IMODE(self._status.st_mode)
        try:
            if mode != old_mode:  # who may write a file may not always change its mode
                os.fchmod(self._descriptor, mode)  # first: the data can be plaintext
            try:
                overwrite(self._descriptor, data)
            except BaseException:  # an interrupt too: what is half written is nobody's file
                overwrite(self._descriptor, self.data)
                if mode != old_mode:
                    os.fchmod(self._descriptor, old_mode)
                raise
        except OSError as error:
            raise _refusal("can't be written", self._name, error) from None


def _lock(name: str, path: str) -> int:
    while True:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise FileError("not a regular file", source=name, hint="name a YAML file")
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))  # whatever its mode says
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
        with Locked(name) as file:
            file.replace(data, mode=mode)
        return
    try:
        if status is None:
            with Staged(path, data, _default_mode() if mode is None else mode, None) as staged:
                staged.commit()
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
        path = os.path.abspath(name)
        with Staged(path, data, _default_mode() if mode is None else mode, None) as staged:
            staged.commit(new=True)
    except OSError as error:
        raise _refusal("can't be made", name, error) from None


def check_writable(name: str) -> None:
    """Refuse a file that could not be replaced, or made, later on; leave no trace.

    Raises:
        FileError: As `Locked` and `create` would.
    """
    path = os.path.realpath(name)
    if os.path.exists(path):
        with Locked(name):
            pass
    try:
        Staged(path, b"", PRIVATE, None).discard()
    except OSError as error:
        if not is_mount_point(path):  # which is written in place
            raise _refusal("can't be written", name, error) from None


def _default_mode() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _refusal(what: str, name: str, error: OSError) -> FileError:
    if error.errno == errno.ENOENT and what in (_READ, _LOCK):
        from yamlvault.folder import absent

        return absent(name)
    hint = _HINTS.get(error.errno or 0)
    if error.errno == errno.EACCES and what == _READ:
        hint = None
    return FileError(f"{what}: {error.strerror}", source=name, hint=hint)
