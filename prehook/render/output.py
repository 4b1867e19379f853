"""Writing the rendered files: all or none, and each of them whole."""

from __future__ import annotations

import fcntl
import os
import stat
from errno import EBUSY, EXDEV
from typing import TYPE_CHECKING

from prehook import link
from prehook.render.errors import RenderError, from_os_error
from yamlvault.staged import Staged, overwrite

if TYPE_CHECKING:
    from collections.abc import Sequence

_READABLE_BY_ALL = 0o644


class Output:
    """A file to be written.

    Attributes:
        path: Its real path: where a symbolic link points to, the link stays.
        content: Its bytes.
        mode: The mode to give it; None to keep that of a file that is there.
        owner: Who a new file belongs to that not everybody can read; None for who we are.
    """

    def __init__(
        self,
        path: str,
        content: bytes,
        mode: int | None,
        owner: tuple[int, int] | None = None,
    ) -> None:
        self.path = os.path.realpath(path)
        self.content = content
        self.mode = mode
        self.owner = owner
        self._written = path
        self._staged: Staged | None = None

    def stage(self) -> None:
        """Write the content to a new file beside the target."""
        link.check(self._written)
        found = _stat(self.path)
        if found and not stat.S_ISREG(found.st_mode):
            raise RenderError("can't write: it is not a regular file", source=self.path)
        mode = self.mode
        if mode is None:
            mode = stat.S_IMODE(found.st_mode) if found else _READABLE_BY_ALL
        owner = (found.st_uid, found.st_gid) if found else None
        if not found and not mode & stat.S_IROTH:
            owner = self.owner
        try:
            self._staged = Staged(self.path, self.content, mode, owner)
        except PermissionError:
            if not found:
                raise
            # who is not root can't keep the owner, and nobody asked for one
            self._staged = Staged(self.path, self.content, mode, None)

    def commit(self) -> None:
        """Put the new file in place."""
        if self._staged is None:
            raise AssertionError("commit before stage")
        try:
            self._staged.commit()
        except OSError as error:
            # A bind-mounted file can't be renamed over; nor moved, where the mount is the directory
            if error.errno not in (EBUSY, EXDEV):
                raise
            self._write_in_place()

    def discard(self) -> None:
        """Remove what was staged and not put in place."""
        if self._staged is not None:
            self._staged.discard()

    def _write_in_place(self) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if self.mode is not None:
                os.fchmod(descriptor, self.mode)
            overwrite(descriptor, self.content)
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
        view = memoryview(content)
        while view:
            view = view[os.write(1, view) :]
    except OSError as error:
        raise from_os_error(error, "write", "stdout") from None


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
