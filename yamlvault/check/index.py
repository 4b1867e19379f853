"""git's index: the files that are checked as the next commit would have them."""

from __future__ import annotations

import os
import subprocess
from shlex import quote
from typing import NamedTuple

from yamlvault import storage
from yamlvault.check.tree import UnmergedError
from yamlvault.config import NAME
from yamlvault.errors import ConfigError, FileError
from yamlvault.folder import absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

_REGULAR = (b"100644", b"100755")


class _Entry(NamedTuple):
    """A regular file in the index: its stage is 0, or that of one side of a conflict."""

    name: str
    blob: bytes
    stage: int


class Index:
    """The files of the index that names stand for, and what is in them.

    Args:
        names: Files and folders; none for the folder that this runs in.

    Attributes:
        refused: The folders that can't be read: none.
    """

    is_index = True

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._blobs: dict[str, bytes] = {}
        self._configs: dict[str, bytes] = {}
        self._top = ""
        self._reader: subprocess.Popen[bytes] | None = None
        self.refused: list[FileError] = []

    def __enter__(self) -> Self:
        self._top = os.fsdecode(_git("rev-parse", "--show-toplevel").removesuffix(b"\n"))
        for entry in _entries("--full-name", "--", f":(top,glob)**/{NAME}"):
            self._configs[os.path.join(self._top, entry.name)] = entry.blob
        self._reader = subprocess.Popen(
            ["git", "cat-file", "--batch"],  # noqa: S607  the user's own git
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.communicate()

    def files(self) -> Iterator[tuple[str, bool]]:
        """Yield the files, each with whether it was named itself and not only its folder."""
        given = {os.path.normpath(name) for name in self._names}
        words = ("--error-unmatch", "--", *self._names) if self._names else ()
        try:
            entries = list(_entries(*words, literal=True))
        except FileError:
            self._check_names()
            raise
        for entry in entries:
            if entry.name not in self._blobs:  # both sides of a conflict have one name
                self._blobs[entry.name] = b"" if entry.stage else entry.blob
                yield entry.name, entry.name in given

    def _check_names(self) -> None:
        """Refuse names that the index does not have: they are no clean files.

        Raises:
            FileError: It has one of them not.
        """
        for name in self._names:
            if not _git("--literal-pathspecs", "ls-files", "-z", "--", name):
                if not os.path.lexists(name):
                    raise absent(name)
                hint = f"git add {quote(name)}, or check it in the work tree: without --staged"
                raise FileError("nothing of it is in git's index", source=name, hint=hint)

    def read(self, file: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            UnmergedError: A merge left several versions of it.
            FileError: git does not have it.
        """
        blob = self._blobs[file]
        if not blob:
            raise UnmergedError("not merged yet: git has several versions of it")
        return self._blob(blob)

    def load(self, path: str) -> bytes | None:
        """Return the bytes of a file of configuration; None where there is none.

        One above the repository is not in its index, and is read where it lies.
        """
        if blob := self._configs.get(path):
            return self._blob(blob)
        if path.startswith(self._top.rstrip("/") + "/"):
            if os.path.lexists(path):
                # passed over, its rules would hold for no commit until somebody notices
                raise ConfigError(
                    "in the work tree, but not in the index: its rules don't hold yet",
                    source=path,
                    hint=f"git add {quote(os.path.relpath(path))}",
                )
            return None
        return storage.read(path) if os.path.isfile(path) else None

    def _blob(self, blob: bytes) -> bytes:
        """Return what `git cat-file --batch` has for a name (git-cat-file(1), BATCH OUTPUT)."""
        reader = self._reader
        if reader is None or reader.stdin is None or reader.stdout is None:
            raise AssertionError("the index is read inside of `with`")
        reader.stdin.write(blob + b"\n")
        reader.stdin.flush()
        head = reader.stdout.readline().split()
        if len(head) != 3:
            raise FileError("git has no object for it", hint="git fsck says what is missing")
        data = reader.stdout.read(int(head[2]))
        reader.stdout.read(1)  # a line feed behind it
        return data


def _entries(*words: str, literal: bool = False) -> Iterator[_Entry]:
    options = ("--literal-pathspecs",) if literal else ()
    for line in _git(*options, "ls-files", "-z", "--stage", *words).split(b"\0"):
        if not line:
            continue
        head, _, name = line.partition(b"\t")
        mode, blob, stage = head.split(b" ")
        if mode in _REGULAR:
            yield _Entry(os.fsdecode(name), blob, int(stage))


def _git(*words: str) -> bytes:
    """Return what git prints.

    Raises:
        FileError: It fails, or there is none.
    """
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *words],  # noqa: S607
            env={**os.environ, "LC_ALL": "C"},  # what it says is looked at
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise FileError("--staged needs git, and there is none here") from None
    if done.returncode:
        if b"not a git repository" in done.stderr:
            raise FileError(
                "--staged checks git's index, and this is not a git repository",
                hint="without --staged the files are checked as they lie here",
            )
        said = done.stderr.decode(errors="replace").strip().split("\n")[0]
        raise FileError(f"git's index can't be read: {said.removeprefix('fatal: ')}")
    return done.stdout
