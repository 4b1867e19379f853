"""Journals: which files of an interrupted batch are done, so that the same command goes on."""

from __future__ import annotations

import os

from yamlvault.cli import say
from yamlvault.cli.state import state_folder
from yamlvault.errors import FileError
from yamlvault.format.encoding import sha256
from yamlvault.storage import PRIVATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class JournalError(FileError):
    """The journal can't be kept: no file is changed without it."""


class Journal:
    """A file with an entry for each file that is done: the hash of its text, and its path.

    A file that is another one by now, rewrapped for example, is not done.
    """

    def __init__(self, path: str, *, restart: bool) -> None:
        """Make its folder, and read what an interrupted run has left.

        Raises:
            FileError: It can't be read or written.
        """
        self._path = path
        self._done: dict[str, str] = {}
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            if restart:
                self.remove()
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                for line in file.read().split("\0"):  # a path can have line breaks in it
                    text, _, name = line.partition(" ")
                    self._done[name] = text
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._refusal(error) from None

    def has(self, file: str) -> bool:
        """Tell whether a file is done, and is as it was then."""
        text = self._done.get(os.path.realpath(file))
        if text is None:
            return False
        try:
            with open(file, encoding="utf-8", newline="") as opened:
                return text == _hash(opened.read().removeprefix("\ufeff"))
        except (OSError, UnicodeDecodeError):
            return False  # it is tried, and fails with its reason

    def add(self, file: str, text: str) -> None:
        """Write down that a file is done when it has this text.

        Raises:
            FileError: It can't be written.
        """
        entry = f"{_hash(text)} {os.path.realpath(file)}\0"
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            with open(os.open(self._path, flags, PRIVATE), "wb") as journal:
                journal.write(os.fsencode(entry))
        except OSError as error:
            raise self._refusal(error) from None

    @property
    def done(self) -> int:
        """How many files an earlier run has done."""
        return len(self._done) - ("" in self._done)

    def remove(self) -> None:
        """Take the journal away: all is done.

        Raises:
            FileError: It can't be.
        """
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: OSError) -> JournalError:
        return JournalError(
            f"the journal can't be kept: {error.strerror}",
            source=self._path,
            hint="XDG_STATE_HOME names another folder for it",
        )


def _hash(text: str) -> str:
    return sha256(text.encode()).hex()


def journal_for(command: Sequence[str], *, restart: bool) -> Journal | None:
    """Return the journal of a command line that is run in this folder.

    Returns:
        None where there is no home to keep it in.

    Raises:
        FileError: It can't be read.
    """
    folder = state_folder()
    if folder is None:
        return None
    words = "\0".join([os.getcwd(), *command])
    name = sha256(os.fsencode(words)).hex()[:16]
    journal = Journal(os.path.join(folder, f"{name}.journal"), restart=restart)
    if journal.done:
        files = (
            "1 file that it has done is"
            if journal.done == 1
            else (f"the {journal.done} files that it has done are")
        )
        say(
            f"an earlier run of this command ended before all was done: {files} left out "
            "(--restart rotates all)"
        )
    return journal
