"""The plaintext copy: in memory, for this user alone, and gone when the edit ends."""

from __future__ import annotations

import os
import shutil
import stat

from yamlvault.cli import say
from yamlvault.cli.edit.memory import folders
from yamlvault.cli.edit.watcher import Watcher
from yamlvault.errors import FileError, YamlVaultError
from yamlvault.filesystem import is_in_memory
from yamlvault.staged import PRIVATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from yamlvault.cli.edit.endings import Endings

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class FolderCopy:
    """A copy in a folder of its own, on a file system in memory.

    An editor's own files beside it (swap, backup) are in memory with it, and go with it.

    Attributes:
        path: The name of the copy; editors choose the syntax by it.
    """

    def __init__(self, parent: str, name: str, endings: Endings) -> None:
        """Make the folder.

        Raises:
            OSError: It can't be made; nothing is left.
        """
        self._endings = endings
        self._folder = os.path.join(parent, f"yamlvault-{os.urandom(8).hex()}")
        self.path = os.path.join(self._folder, name)
        self._watcher = Watcher(self._folder)  # first: at no moment is there one without
        try:
            self._make()
        except BaseException:
            self._remove()
            raise

    def _make(self) -> None:
        os.mkdir(self._folder, 0o700)
        os.chmod(self._folder, 0o700)  # the umask may have taken bits away
        if not is_in_memory(self._folder):
            raise OSError("something was mounted there meanwhile")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the copy and all beside it."""
        self._endings.hold()  # a second signal must not end the removal
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._watcher.dismiss(is_removed=not os.path.lexists(self._folder))
        if os.path.lexists(self._folder):
            say(f"yamlvault: the plaintext in {self._folder} can't be removed: remove it")

    def write(self, data: bytes) -> None:
        """Write the copy.

        Raises:
            OSError: It can't be written.
        """
        _write(self.path, data, PRIVATE)

    def restore(self, data: bytes) -> None:
        """Write the copy again where an editor has removed it, with all that is in its folder.

        Raises:
            FileError: It can't be written.
        """
        if os.path.lexists(self.path):
            return
        try:
            os.makedirs(self._folder, 0o700, exist_ok=True)
            self.write(data)
        except OSError as error:
            raise FileError(f"the copy can't be written: {error.strerror}") from None

    def read(self) -> bytes:
        """Return what the copy holds now: an editor may have put another file in its place.

        Raises:
            FileError: It is gone, or no file.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(self.path, flags)
            with open(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise FileError("the copy is no regular file any more")
                return file.read()
        except OSError as error:
            raise FileError(f"the copy can't be read: {error.strerror}") from None

    def beside(self, data: bytes) -> str:
        """Write another version beside the copy, read-only; return its name.

        Raises:
            OSError: It can't be written.
        """
        stem, extension = os.path.splitext(self.path)
        path = f"{stem}.on-disk{extension}"
        _write(path, data, 0o400)
        return path


class DescriptorCopy:
    """A copy without a name, for systems without a file system in memory (memfd_create(2)).

    It is gone with the last process that has it. An editor can open it by the name of our
    descriptor, and write into it; what replaces files by others can't save it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._descriptors = [os.memfd_create(name.encode(errors="replace")[:200].decode())]
        self.path = self._path_of(self._descriptors[0])
        if not os.path.exists(self.path):  # no /proc
            os.close(self._descriptors[0])
            raise FileNotFoundError(self.path)

    def __enter__(self) -> Self:
        say("no file system in memory is at hand: an editor must write into the copy, in place")
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)

    @staticmethod
    def _path_of(descriptor: int) -> str:
        return f"/proc/{os.getpid()}/fd/{descriptor}"

    def write(self, data: bytes) -> None:
        """Write the copy."""
        _fill(self._descriptors[0], data)

    def restore(self, data: bytes) -> None:
        """Do nothing: as long as we have the descriptor, the copy is there."""

    def read(self) -> bytes:
        """Return what the copy holds now."""
        with open(self.path, "rb") as file:  # anew: our own place in it is at its end
            return file.read()

    def beside(self, data: bytes) -> str:
        """Write another version to a descriptor of its own; return its name."""
        self._descriptors.append(os.memfd_create("on-disk"))
        _fill(self._descriptors[-1], data)
        return self._path_of(self._descriptors[-1])


def private_copy(name: str, data: bytes, endings: Endings) -> FolderCopy | DescriptorCopy:
    """Return a copy of the data, under the name where that is possible.

    Raises:
        YamlVaultError: There is no place in memory: on a disk no plaintext is written.
    """
    for parent in folders():
        try:
            copy = FolderCopy(parent, name, endings)
        except OSError:
            continue  # read-only, or full: another one may do
        try:
            copy.write(data)
        except BaseException as error:
            copy.close()
            if not isinstance(error, OSError):
                raise
        else:
            return copy
    if hasattr(os, "memfd_create"):
        try:
            unnamed = DescriptorCopy(name)
            unnamed.write(data)
        except OSError:
            pass
        else:
            return unnamed
    raise YamlVaultError(
        "no place in memory is found for the plaintext (a tmpfs), and to a disk it is not written",
        hint="change one value: yamlvault set FILE PATH",
    )


def _write(path: str, data: bytes, mode: int) -> None:
    if os.path.lexists(path):
        os.unlink(path)
    descriptor = os.open(path, _NEW, mode)
    try:
        os.fchmod(descriptor, mode)  # the umask may have taken bits away
        _fill(descriptor, data)
    finally:
        os.close(descriptor)


def _fill(descriptor: int, data: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
