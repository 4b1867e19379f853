"""Real git repositories, with a home and a configuration of their own."""

from __future__ import annotations

import os
import subprocess
import zlib
from pathlib import Path

import pytest

GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",
}


class Repository:
    """A repository in the folder of a session."""

    def __init__(self, session) -> None:
        self.session, self.folder = session, session.folder
        session.environment |= GIT
        self.git("init", "-q", "-b", "main")

    def run(self, *words: str, cwd: Path | None = None, **settings) -> subprocess.CompletedProcess:
        """Run git; standard output and error are text."""
        return subprocess.run(
            ["git", *words],
            cwd=cwd or self.folder,
            env=self.session.environment | settings.pop("env", {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=60,
            check=False,
            **settings,
        )

    def git(self, *words: str, **settings) -> str:
        """Run git, which succeeds, and return its standard output."""
        done = self.run(*words, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, message: str = "x") -> None:
        """Commit all that is there."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def stored(self) -> bytes:
        """Return all that is kept under .git: each object unpacked, and each file as it is."""
        folder = Path(self.git("rev-parse", "--absolute-git-dir").rstrip("\n"))
        parts = []
        for path in folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                parts += [os.fsencode(path.name), data]
                if "objects" in path.parts and len(path.name) == 38:
                    parts.append(zlib.decompress(data))
        return b"\n".join(parts)


@pytest.fixture
def fresh(session):
    """An empty repository."""
    return Repository(session)


@pytest.fixture
def bare(ready):
    """A repository with an encrypted file that is committed; yamlvault is not installed in it."""
    made = Repository(ready)
    ready.ok("encrypt", "secrets.yml")
    made.commit()
    return made


@pytest.fixture
def repository(ready):
    """A repository with an encrypted file that is committed, and yamlvault installed in it."""
    made = Repository(ready)
    ready.ok("encrypt", "secrets.yml")
    ready.ok("git", "install")
    made.commit()
    return made


@pytest.fixture
def shared(team):
    """A repository with a file of several scopes, committed; yamlvault is installed in it."""
    made = Repository(team.session)
    team.encrypted()
    team.ok(None, "git", "install")
    made.commit()
    return made


def changed(diff: str) -> list[str]:
    """Return the lines of a diff that were added or removed."""
    return [
        line
        for line in diff.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]


@pytest.fixture(name="changed")
def _changed():
    return changed
