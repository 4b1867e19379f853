"""The work tree: the files that are checked, as they lie in folders."""

from __future__ import annotations

import os
import stat

from yamlvault import storage
from yamlvault.errors import FileError
from yamlvault.folder import Distinct, absent, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class UnmergedError(FileError):
    """A file has several versions, of which somebody has to make one."""


class WorkTree:
    """The files that names stand for, and what is in them.

    Attributes:
        refused: The folders that can't be read.
    """

    is_index = False

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self.refused: list[FileError] = []

    def files(self) -> Iterator[tuple[str, bool]]:
        """Yield the files, each with whether it was named itself and not only its folder."""
        distinct = Distinct()
        for name in self._names:
            if not os.path.isdir(name):
                if distinct.is_new(name):
                    yield name, True
                continue
            for file in walk(name, self._refuse):
                # no pipe, and no link that leads nowhere: Emacs locks files so
                if os.path.isfile(file) and distinct.is_new(file):
                    yield file, False

    def read(self, file: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            FileError: It can't be read, or is a pipe, a device or a folder.
        """
        try:
            is_regular = stat.S_ISREG(os.stat(file).st_mode)
        except FileNotFoundError:
            raise absent(file) from None
        except OSError as error:
            raise FileError(f"can't be read: {error.strerror}", source=file) from None
        if not is_regular:
            raise FileError("not a regular file", source=file)
        return storage.read(file)

    def load(self, path: str) -> bytes | None:
        """Return the bytes of a file of configuration; None where there is none."""
        return storage.read(path) if os.path.isfile(path) else None

    def _refuse(self, error: OSError) -> None:
        message = f"can't be read: {error.strerror}"
        self.refused.append(FileError(message, source=os.path.normpath(error.filename)))
