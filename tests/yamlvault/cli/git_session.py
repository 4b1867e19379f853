"""A repository of a session, that no configuration of the machine reaches."""

from __future__ import annotations

import os
import subprocess


class Repository:
    """A git repository in the folder of a session."""

    def __init__(self, session) -> None:
        self.session = session
        self.environment = session.environment | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Test",
            "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "Test",
            "GIT_COMMITTER_EMAIL": "test@example.org",
            "GIT_EDITOR": "true",
            "LC_ALL": "C",
        }
        session.environment = self.environment
        self.git("init", "-q", "-b", "main")

    def git(self, *words, status=0, **settings) -> str:
        """Run git; return what it printed."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.session.folder,
            env=self.environment | settings.pop("env", {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **settings,
        )
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    def commit(self, message: str) -> None:
        """Commit all that there is."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def branch(self, name: str, start: str = "main") -> None:
        """Make a branch, and check it out."""
        self.git("checkout", "-q", "-b", name, start)

    def branches(self, **edits) -> None:
        """Make a branch from main for each name, with one value set in it."""
        for name, (path, value) in edits.items():
            self.branch(name)
            self.session.ok("set", "secrets.yml", path, input=value)
            self.commit(f"{name}: {path}")
