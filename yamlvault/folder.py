"""Folders: the files in them that can be anybody's own."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# what files of YAML are called, and of JSON, which is YAML too
ENDINGS = (".yml", ".yaml", ".json")
_OTHERS = ("node_modules", "__pycache__")  # what is in them came from elsewhere


def walk(folder: str, refuse: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the names of the files in a folder and below it, in order.

    Hidden folders and those of other people's code are left out, links to folders not followed.

    Args:
        folder: The folder; it is walked whatever it is called.
        refuse: Called for a folder that can't be read.
    """
    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _OTHERS
        )
        for name in sorted(files):
            yield os.path.normpath(os.path.join(place, name))


class Distinct:
    """Tells names of files apart that lead to the same one."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def is_new(self, file: str) -> bool:
        """Tell whether a file is met for the first time."""
        count = len(self._seen)
        self._seen.add(os.path.realpath(file))
        return len(self._seen) > count
