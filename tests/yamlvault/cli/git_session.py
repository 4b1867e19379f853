"""A git repository in the folder of a session, with a configuration of its own."""

from __future__ import annotations

import os
import subprocess
import zlib
from pathlib import Path

GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
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

    def stops(self, *words: str, **settings) -> str:
        """Run git, which stops with status 1, and return all that it said."""
        done = self.run(*words, **settings)
        assert done.returncode == 1, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    def branch(self, name: str, start: str = "main") -> None:
        """Make a branch, and check it out."""
        self.git("checkout", "-q", "-b", name, start)

    def branches(self, **edits) -> None:
        """Make a branch from main for each name, with one value set in it."""
        for name, (path, value) in edits.items():
            self.branch(name)
            self.session.ok("set", "secrets.yml", path, input=value)
            self.commit(f"{name}: {path}")

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
