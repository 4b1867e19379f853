"""A manifest in its place, and what would stand in its way taken out of it."""

from __future__ import annotations

import os
import stat

from prehook.assets.manifest import SPROCKETS
from prehook.render.errors import from_os_error
from prehook.render.output import Output, write_all


def put(path: str, data: bytes, mode: int | None) -> bool:
    """Write a file, whole or not at all; tell whether it wasn't there already, and the same.

    Args:
        path: The file. Directories that it needs are made.
        data: Its content.
        mode: Its mode; None to keep that of a file that is there.

    Raises:
        RenderError: It can't be written.
    """
    if _is_there(path, data, mode):
        return False
    directory = os.path.dirname(os.path.realpath(path))
    try:
        _make(directory)
    except OSError as error:
        raise from_os_error(error, "create the directory", directory) from None
    write_all([Output(path, data, mode)])
    return True


def remove_stale(path: str) -> list[str]:
    """Remove Sprockets' other manifests beside its new one; return their names.

    Of several it takes the first by name, and only warns.

    Raises:
        RenderError: One can't be removed.
    """
    directory, own = os.path.split(path)
    if not SPROCKETS.fullmatch(own):
        return []
    names = sorted(os.listdir(directory or "."))
    stale = [name for name in names if name != own and SPROCKETS.fullmatch(name)]
    for name in stale:
        try:
            os.unlink(os.path.join(directory, name))
        except OSError as error:
            raise from_os_error(error, "remove", os.path.join(directory, name)) from None
    return stale


def _make(directory: str) -> None:
    """Make a directory and those above it, writable for nobody else whatever the umask."""
    if not os.path.isdir(directory):
        _make(os.path.dirname(directory))
        try:
            os.mkdir(directory, 0o755)
        except FileExistsError:
            if not os.path.isdir(directory):
                raise


def _is_there(path: str, data: bytes, mode: int | None) -> bool:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size != len(data):
                return False
            is_same = file.read() == data
    except OSError:  # there is none, or none that can be read: it is going to be written
        return False
    return is_same and mode in (None, stat.S_IMODE(status.st_mode))
