"""Files that appear."""

from __future__ import annotations

import os

from prehook.wait.probe import NotThereError, Probe, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.wait.address import Address


class FileProbe(Probe):
    """Looks at a path.

    Whatever has that name is there: a file, empty or not, a directory, a device. A symbolic link
    counts as what it leads to. A relative path begins at the directory that prehook runs in.
    """

    def __init__(self, address: Address) -> None:
        super().__init__(address.shown)
        self._path = address.path

    def look(self, deadline: float) -> None:  # noqa: ARG002 (only a dead network disk takes time)
        """Look."""
        try:
            os.stat(self._path)
        except FileNotFoundError:
            dangles = os.path.islink(self._path)
            reason = "a symbolic link to what is not there" if dangles else "no such file"
            raise NotThereError(reason) from None
        except OSError as error:
            raise NotThereError(reason_of(error)) from None
