"""Repositories, as git knows them: git itself is asked for everything."""

from __future__ import annotations

import os
import subprocess

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class GitError(YamlVaultError):
    """Git refused, or is not there.

    Attributes:
        status: Git's exit status.
    """

    def __init__(self, message: str, *, status: int = 0, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Repository:
    """The repository that a folder is in.

    A hook's environment (GIT_DIR, GIT_INDEX_FILE, GIT_WORK_TREE) holds for git here as in the
    hook.

    Args:
        folder: A folder in its work tree.
    """

    def __init__(self, folder: str = ".") -> None:
        # a hook's GIT_DIR is relative to the folder that the hook runs in: no other one will do
        self._folder = None if "GIT_DIR" in os.environ else folder or "."
        # English, whatever the locale: what git says is passed on in the language of the rest
        self._environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}

    def run(self, *words: str, data: bytes = b"") -> bytes:
        """Run git and return its standard output.

        Args:
            words: The subcommand and what follows it.
            data: Its standard input.

        Raises:
            GitError: It is not there, or fails.
        """
        try:
            done = subprocess.run(  # noqa: S603
                ["git", *words],  # noqa: S607  the git that is on the PATH
                cwd=self._folder,
                env=self._environment,
                input=data,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            if self._folder is not None and not os.path.isdir(self._folder):
                raise GitError(f"there is no folder {self._folder}") from None
            raise GitError("git is not installed, or not on the PATH") from None
        except OSError as error:
            raise GitError(f"git can't be started: {error.strerror}") from None
        except ValueError:
            raise GitError("a name has a null byte in it, which git can't take") from None
        if done.returncode:
            said = os.fsdecode(done.stderr).strip().partition("\n")[0]
            said = said.removeprefix("fatal: ").removeprefix("error: ")
            command = next(word for word in words if not word.startswith("-"))
            raise GitError(
                f"git {command}: {said or f'exit status {done.returncode}'}",
                status=done.returncode,
            )
        return done.stdout

    @property
    def root(self) -> str:
        """The top folder of the work tree.

        Raises:
            GitError: There is no repository here, or it is a bare one.
        """
        return os.fsdecode(self.run("rev-parse", "--show-toplevel").removesuffix(b"\n"))

    def at_root(self) -> Repository:
        """Return the same repository, with git run in the top folder of its work tree.

        Raises:
            GitError: There is no repository here, or it is a bare one.
        """
        again = Repository()
        again._folder = self.root
        if "GIT_DIR" in os.environ:
            folder = os.fsdecode(self.run("rev-parse", "--absolute-git-dir").removesuffix(b"\n"))
            again._environment |= {"GIT_DIR": folder, "GIT_WORK_TREE": again._folder}
        return again

    def names(self, *words: str, data: bytes = b"") -> Iterator[str]:
        """Run git with `-z` among the words, and yield the names that it prints."""
        for name in self.run(*words, data=data).split(b"\0"):
            if name:
                yield os.fsdecode(name)

    def blob(self, revision: str, name: str) -> bytes:
        """Return the content of a file in a revision.

        Args:
            revision: A revision, or "" for the index.
            name: The name of the file, from the folder of this repository.

        Raises:
            GitError: There is none.
        """
        _check(revision)
        try:
            return self.run("cat-file", "blob", f"{revision}:./{name}")
        except GitError as error:
            if error.status:
                error.hint = "what git does not have is compared as files: diff OLD NEW"
            raise

    def base(self, first: str, second: str) -> str:
        """Return the commit at which two revisions parted.

        Raises:
            GitError: There is none.
        """
        _check(first)
        _check(second)
        return os.fsdecode(self.run("merge-base", first, second)).strip()


def _check(revision: str) -> None:
    """Refuse what git would take for an option."""
    if revision.startswith("-"):
        raise GitError(f"{revision!r} is no revision")


def locate(file: str) -> tuple[Repository, str]:
    """Return the repository of a file, and the name of the file from its folder.

    Symbolic links are followed, as wherever files are read.
    """
    path = os.path.realpath(file)
    if "GIT_DIR" in os.environ:
        return Repository(), os.path.relpath(path, os.path.realpath("."))
    folder, name = os.path.split(path)
    return Repository(folder), name
