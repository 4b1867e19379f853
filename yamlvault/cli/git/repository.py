"""Repositories, as git knows them: git itself is asked for everything."""

from __future__ import annotations

import os
import subprocess

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LITERAL = ("--literal-pathspecs",)


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
            if said.startswith("not a git repository"):
                raise GitError(
                    "this is not a git repository, nor is a folder above it",
                    hint="git init makes one, git clone gets one",
                )
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
            if not error.status:
                raise
        if revision:
            self._require(revision)
        if not revision and self.run(*_LITERAL, "ls-files", "--unmerged", "-z", "--", name):
            raise GitError(
                "a merge has stopped at this file: git has several versions of it",
                hint="yamlvault merge FILE --ours, --theirs or --edit",
            )
        where = revision or "git's index"
        raise GitError(
            f"not in {where}",
            hint="what git does not have is compared as files: yamlvault diff OLD NEW",
        )

    def knows(self, revision: str) -> bool:
        """Tell whether a word names something in this repository.

        Raises:
            GitError: There is no git, or no repository.
        """
        try:
            self.run("rev-parse", "--quiet", "--verify", f"{revision}^{{object}}")
        except GitError as error:
            if not error.status:
                raise
            return False
        return True

    def _require(self, revision: str) -> None:
        _check(revision)
        if not self.knows(revision):
            raise GitError(
                f"git knows no revision {revision!r}",
                hint="git log --oneline --all shows what there is",
            )

    def changes(self, words: Sequence[str], folder: str) -> Iterator[tuple[str, str]]:
        """Yield what git diff says of the files in a folder: a letter for the change, and a name.

        Args:
            words: Which versions are compared, as git diff takes it.
            folder: The folder.

        Raises:
            GitError: Git knows one of the versions not.
        """
        for word in words:
            for revision in word.split("..."):
                if not revision.startswith("-"):
                    self._require(revision)
        options = ("--name-status", "--no-renames", "--ignore-submodules", "-z")
        fields = list(self.names(*_LITERAL, "diff", *options, *words, "--", folder))
        yield from zip(fields[::2], fields[1::2], strict=True)

    def base(self, first: str, second: str) -> str:
        """Return the commit at which two revisions parted.

        Raises:
            GitError: There is none.
        """
        self._require(first)
        self._require(second)
        try:
            return os.fsdecode(self.run("merge-base", first, second)).strip()
        except GitError as error:
            if error.status == 1:
                error.message = f"{first} and {second} have no commit in common"
            raise


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
