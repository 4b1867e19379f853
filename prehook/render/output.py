"""Writing the rendered files: all or none, and each of them whole."""

from __future__ import annotations

import fcntl
import os
import stat
from errno import EBUSY, EXDEV
from typing import TYPE_CHECKING

from prehook.render.errors import RenderError, from_os_error

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPEN = os.O_WRONLY | os.O_CLOEXEC
_READABLE_BY_ALL = 0o644


class Output:
    """A file to be written.

    Attributes:
        path: Its real path: where a symbolic link points to, the link stays.
        content: Its bytes.
        mode: The mode to give it; None to keep that of a file that is there.
    """

    def __init__(self, path: str, content: bytes, mode: int | None) -> None:
        self.path = os.path.realpath(path)
        self.content = content
        self.mode = mode
        self.staged: str | None = None

    def stage(self) -> None:
        """Write the content to a new file beside the target."""
        found = _stat(self.path)
        if found and not stat.S_ISREG(found.st_mode):
            raise RenderError("can't write: it is not a regular file", source=self.path)
        mode = self.mode
        if mode is None:
            mode = stat.S_IMODE(found.st_mode) if found else _READABLE_BY_ALL
        head, tail = os.path.split(self.path)
        staged = os.path.join(head, f".{tail}.{os.urandom(6).hex()}.tmp")
        # 0600 until the owner is right: content is only written to what has its final mode
        descriptor = os.open(staged, _OPEN | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self.staged = staged
        try:
            if found:
                _keep_owner(descriptor, found)
            os.fchmod(descriptor, mode)
            _write(descriptor, self.content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def commit(self) -> None:
        """Put the new file in place."""
        if self.staged is None:
            raise AssertionError("commit before stage")
        try:
            os.replace(self.staged, self.path)
            self.staged = None
        except OSError as error:
            # A bind-mounted file can't be renamed over; nor moved, where the mount is the directory
            if error.errno not in (EBUSY, EXDEV):
                raise
            self._write_in_place()

    def discard(self) -> None:
        """Remove what was staged and not put in place."""
        if self.staged is not None:
            try:
                os.unlink(self.staged)
            except OSError:
                return
            self.staged = None

    def _write_in_place(self) -> None:
        descriptor = os.open(self.path, _OPEN)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if self.mode is not None:
                os.fchmod(descriptor, self.mode)
            _write(descriptor, self.content)
            os.ftruncate(descriptor, len(self.content))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(outputs: Sequence[Output]) -> None:
    """Write all files, or none if one of them can't be staged.

    Raises:
        RenderError: A file can't be written.
    """
    current = ""
    try:
        for output in outputs:
            current = output.path
            output.stage()
        for output in outputs:
            current = output.path
            output.commit()
        for directory in {os.path.dirname(output.path) for output in outputs}:
            current = directory
            _sync_directory(directory)
    except OSError as error:
        raise from_os_error(error, "write", current) from None
    finally:
        for output in outputs:
            output.discard()


def write_stdout(content: bytes) -> None:
    """Write to stdout.

    Raises:
        RenderError: It is closed or full.
    """
    try:
        _write(1, content)
    except OSError as error:
        raise from_os_error(error, "write", "stdout") from None


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _keep_owner(descriptor: int, found: os.stat_result) -> None:
    try:
        os.fchown(descriptor, found.st_uid, found.st_gid)
    except PermissionError:  # who is not root can't, and nobody asked for an owner
        return


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
