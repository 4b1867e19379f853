"""Fixtures of the tests of waiting."""

import os
import subprocess

import pytest
from listeners import WAIT
from sessions import DEADLINE, end_all, eventually


class Waiting:
    """A program that waits, with its lines in a file that can be read while it does."""

    def __init__(self, folder, command, environment):
        self._errors = folder / "errors"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env={"PATH": os.environ["PATH"], **environment},
            )

    @property
    def lines(self):
        return self._errors.read_text().splitlines()

    def await_line(self, line):
        eventually(lambda: line in self.lines, f"line {line!r}, in {self._errors.read_text()!r}")

    def end(self):
        """Return the exit status and the lines."""
        return self.process.wait(DEADLINE), self.lines


@pytest.fixture
def waiting(tmp_path):
    """Start prehook-wait, or another command, in tmp_path."""
    started = []

    def begin(*arguments, command=(WAIT,), **environment):
        folder = tmp_path
        started.append(Waiting(folder, [*command, *map(str, arguments)], environment))
        return started[-1]

    yield begin
    for one in started:
        end_all(one.process)


@pytest.fixture
def reason(waiting):
    """Wait in vain for a target; return the reason that is given at the end."""

    def of(target, timeout="400ms", **environment):
        status, lines = waiting("--timeout", timeout, target, **environment).end()
        assert status == 1, lines
        last = next(line for line in reversed(lines) if not line.startswith("hint: "))
        return last.partition(" s: ")[2]

    return of
