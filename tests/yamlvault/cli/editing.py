"""Editors that are scripts, and where the plaintext is while they run."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from terminal import SECONDS, Terminal

from yamlvault.filesystem import is_in_memory

SHARED = Path("/dev/shm")

needs_tmpfs = pytest.mark.skipif(
    not SHARED.is_dir() or not is_in_memory(str(SHARED)), reason="needs a tmpfs at /dev/shm"
)

HEAD = """\
import os, pathlib, signal, sys, time
copy = pathlib.Path(sys.argv[1])
def replace(old, new):
    text = copy.read_text()
    assert old in text, "not in the copy"
    copy.write_text(text.replace(old, new))
def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
"""


class Desk:
    """A session with a folder in memory that is its own, and an editor."""

    def __init__(self, session, folder, opened):
        self._opened = opened
        self.session = session
        self.runtime = folder
        self.file = session.file
        self.scripts = session.folder.parent / "editors"
        self.scripts.mkdir()
        self.temporary = session.folder.parent / "tmp"
        self.temporary.mkdir()
        session.environment |= {"XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(self.temporary)}

    def editor(self, *scripts):
        """Return the environment with an editor that runs the next script each time."""
        for number, script in enumerate(scripts):
            (self.scripts / f"{number}.py").write_text(HEAD + script)
        turn = self.scripts / "turn"
        turn.write_text("0")
        main = self.scripts / "main.py"
        main.write_text(
            "import pathlib, runpy\n"
            f"turn = pathlib.Path({str(turn)!r})\n"
            "number = int(turn.read_text())\n"
            "turn.write_text(str(number + 1))\n"
            f"runpy.run_path(f'{self.scripts}/{{number}}.py', run_name='__main__')\n"
        )
        command = shlex.join([sys.executable, "-I", "-S", str(main)])
        return {"EDITOR": command}

    @property
    def turns(self):
        """How often the editor was run."""
        return int((self.scripts / "turn").read_text())

    def ok(self, *scripts, file="secrets.yml", **settings):
        """Edit the file; it succeeds. Return standard error."""
        done = self.run(*scripts, file=file, **settings)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return done.stderr

    def refused(self, *scripts, file="secrets.yml", env=None, **settings):
        """Edit the file; it is refused with one clear error. Return that."""
        env = self.editor(*scripts) | (env or {})
        done = self.session.run("edit", file, env=env, **settings)
        self.nothing_is_left()
        assert done.returncode == 1
        assert done.stdout == ""
        assert "marker" not in done.stderr
        assert "Traceback" not in done.stderr
        notes, mark, said = done.stderr.rpartition("yamlvault: ")
        assert notes.count("\n") <= 1
        assert said.count("\n") <= 2
        return mark + said

    def run(self, *scripts, file="secrets.yml", env=None, **settings):
        """Edit the file with the scripts."""
        done = self.session.run("edit", file, env=self.editor(*scripts) | (env or {}), **settings)
        self.nothing_is_left()
        return done

    def terminal(self, *scripts, env=None, file="secrets.yml"):
        """Edit the file on a terminal."""
        words = [self.session.program, "edit", file]
        return self.terminal_of(words, self.editor(*scripts) | (env or {}))

    def terminal_of(self, words, env):
        """Run a program on a terminal, which is closed when the test ends."""
        environment = {"TERM": "xterm", "NO_COLOR": "1"} | self.session.environment | env
        return self._opened.enter_context(Terminal(words, self.session.folder, environment))

    def plaintext(self):
        """Return what the file opens to."""
        return self.session.ok("decrypt", "secrets.yml")

    def nothing_is_left(self):
        """Check that no copy is left; a watcher may take a moment."""
        deadline = time.monotonic() + SECONDS
        while os.listdir(self.runtime):
            assert time.monotonic() < deadline, os.listdir(self.runtime)


def files_with(marker, *folders):
    """Return the names of the files in folders, and below, that hold a text."""
    paths = [path for folder in folders for path in Path(folder).rglob("*")]
    files = [path for path in paths if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if marker.encode() in path.read_bytes()]


@contextmanager
def desk_of(session):
    """Give a session a folder in memory and an editor."""
    folder = SHARED / f"test-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    try:
        with ExitStack() as opened:
            yield Desk(session, folder, opened)
    finally:
        shutil.rmtree(folder)
