"""A directory with an encrypted file, and plans that open it."""

import os
import sys
from pathlib import Path

import pytest
from sessions import run

import yamlvault
from yamlvault.filesystem import is_in_memory

PASSWORD = "correct-horse/battery&staple"
PLAIN = f"""\
production:
  database:
    url: "postgres://app:{PASSWORD}@db.internal/app"
    pool: 0o20
    replicas: [10.0.0.1, 10.0.0.2]
    since: 2024-05-06
    proxy: ~
  motto: "d\\u00e9j\\u00e0 vu"
staging:
  database: {{url: "postgres://staging"}}
"""
SHARED = Path("/dev/shm")


class Place:
    """A directory with `secrets.yml`, the identity that opens it, and plans."""

    def __init__(self, directory, identity, recipient):
        self.directory = directory
        self.recipient = recipient
        self.file = directory / "secrets.yml"
        self.identity = directory / "identity.txt"
        self.identity.write_text(identity)
        self.environment = {**os.environ, "YAMLVAULT_AGE_KEY_FILE": str(self.identity)}
        self.encrypt(PLAIN)

    def encrypt(self, text, **settings):
        self.file.write_bytes(yamlvault.encrypt(text, keks=[self.recipient], **settings))

    def plan(self, text):
        """Write the plan, and return the arguments that name it."""
        (self.directory / "prehook.yml").write_text(text)
        return "-f", "prehook.yml"

    def run(self, plan, *command, options=(), **settings):
        """Run prehook with a plan to its end."""
        settings.setdefault("cwd", self.directory)
        settings.setdefault("env", self.environment)
        settings.setdefault("text", True)
        return run(*options, *self.plan(plan), "--", *(command or ("true",)), **settings)

    def ok(self, plan, *command, **settings):
        """Run it, and return what CMD has printed."""
        done = self.run(plan, *command, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, plan, *command, status=125, **settings):
        """Run a plan that fails, and return the line that says so."""
        command = command or ("echo", "CMD runs")
        done = self.run(plan, *command, options=("-q",), **settings)
        assert done.returncode == status, done.stderr
        assert done.stdout == ""
        line, *hint = done.stderr.splitlines()
        assert line.startswith("prehook: ")
        assert len(hint) <= 1
        assert all(one.startswith("hint: ") for one in hint)
        assert PASSWORD not in done.stderr
        return done.stderr


@pytest.fixture
def place(tmp_path, identity, recipient):
    return Place(tmp_path, identity, recipient)


@pytest.fixture
def tmpfs():
    """A new directory on a tmpfs."""
    if not (SHARED.is_dir() and is_in_memory(str(SHARED))):
        pytest.skip("needs a tmpfs at /dev/shm")
    import tempfile

    with tempfile.TemporaryDirectory(dir=SHARED) as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


def python(code, *arguments):
    """Return the argv of a Python program."""
    return [sys.executable, "-c", code, *arguments]
