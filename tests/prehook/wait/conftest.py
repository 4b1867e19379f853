"""Fixtures of the tests of waiting."""

import os
import re
import subprocess

import pytest
from listeners import WAIT
from sessions import DEADLINE, end_all, eventually

TIME = re.compile(r"(?<= after )[0-9.]+ s|(?<=: ok, )[0-9.]+ s")


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
        """The lines so far; `after 0.5 s` is `after T` in them: no test is about times."""
        return TIME.sub("T", self._errors.read_text()).splitlines()

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
    """Wait in vain for a target; return the reason that is given first."""

    def of(target, **environment):
        begun = waiting("--timeout", "1h", target, **environment)
        eventually(lambda: begun.lines and begun.lines[0], f"a reason for {target}")
        assert begun.lines[0].startswith("prehook-wait: waiting for "), begun.lines
        end_all(begun.process)
        return begun.lines[0].partition(" for ")[2].partition(": ")[2]

    return of


@pytest.fixture
def last_reason(waiting):
    """Wait in vain for a target that lets one wait; return the reason that is given at the end."""

    def of(target):
        status, lines = waiting("--timeout", "400ms", target).end()
        assert status == 1, lines
        return lines[-1].partition(" after T: ")[2]

    return of
