"""Folders: the files in them that can be anybody's own."""

from __future__ import annotations

import os

from yamlvault.errors import FileError

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


def absent(name: str) -> FileError:
    """Return the error for a file that is not there, with a hint at the one that may be meant."""
    folder = os.path.dirname(name)
    if os.path.islink(name):
        hint = "it is a link, and what it leads to is not there"
    elif folder and not os.path.isdir(folder):
        hint = f"there is no folder {folder}"
    else:
        hint = near_file(name) or "check the name"
    return FileError("there is no such file", source=name, hint=hint)


def near_file(name: str) -> str:
    """Return a hint at a file beside a missing one that may be meant; empty where none is near."""
    from difflib import get_close_matches

    folder, last = os.path.split(name)
    endings = (*ENDINGS, os.path.splitext(last)[1] or last)  # of thousands of others none is meant
    try:
        names = [one for one in os.listdir(folder or ".") if one.endswith(endings)]
    except OSError:
        return ""
    near = get_close_matches(last, names, 1)
    return f"is `{os.path.join(folder, near[0])}` meant?" if near else ""
