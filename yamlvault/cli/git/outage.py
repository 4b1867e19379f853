"""Outages: that key services could not be reached, so that the next run need not wait for them.

`git log -p` starts a textconv for each version of each file. Without this each of them would
wait for its whole deadline.
"""

from __future__ import annotations

import os
import time

from yamlvault.cli.state import state_folder
from yamlvault.format.encoding import sha256
from yamlvault.kek import is_remote
from yamlvault.storage import PRIVATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.format.metadata import Metadata

_LASTS = 60.0  # seconds; then they are asked again


class Outage:
    """An outage of the key services of a file: an empty file in the state folder, and its age."""

    def __init__(self, metadata: Metadata) -> None:
        stanzas = {
            stanza.kek for scope in metadata.scopes for key in scope.keys for stanza in key.stanzas
        }
        remote = sorted(filter(is_remote, stanzas))
        folder = state_folder()
        self._path: str | None = None
        if remote and folder is not None:
            name = sha256("\0".join(remote).encode()).hex()[:16]
            self._path = os.path.join(folder, f"{name}.outage")

    def is_on(self) -> bool:
        """Tell whether it began a short while ago."""
        if self._path is None:
            return False
        try:
            age = time.time() - os.stat(self._path).st_mtime
        except OSError:
            return False
        return 0 <= age < _LASTS

    def begin(self) -> None:
        """Keep in mind that it begins now; where that can't be, the next run waits again."""
        if self._path is None:
            return
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, PRIVATE))
            os.utime(self._path)
        except OSError:
            return
