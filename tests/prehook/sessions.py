"""Black-box helpers: the installed `prehook`, as an ordinary child and as PID 1."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PREHOOK = str(Path(sys.executable).parent / "prehook")
PRINTER = [sys.executable, "-I", "-S", str(Path(__file__).parent / "print_signals.py")]
NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
DEADLINE = 20.0


def can_unshare():
    return (
        os.geteuid() == 0
        and shutil.which("unshare") is not None
        and (subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode == 0)
    )


needs_namespace = pytest.mark.skipif(
    not can_unshare(), reason="needs root and PID namespaces (unshare --pid)"
)


def eventually(condition, what="the condition"):
    """Return the first true value of `condition`, asked again and again until the deadline."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.005)
    raise AssertionError(f"{what} did not come true in {DEADLINE} s")


def run(*arguments, **options):
    """Run prehook to its end."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("timeout", DEADLINE)
    return subprocess.run([PREHOOK, *arguments], capture_output=True, check=False, **options)


class Session:
    """A prehook that runs, with its output in a file that can be read while it does."""

    def __init__(self, directory, arguments, *, prefix=(), **options):
        self.directory = directory
        self.output = directory / "output"
        self.errors = directory / "errors"
        with self.output.open("wb") as out, self.errors.open("wb") as err:
            self.process = subprocess.Popen(
                [*prefix, PREHOOK, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                **options,
            )
        self.in_namespace = bool(prefix)

    @property
    def pid(self):
        """The process id of prehook, seen from here."""
        if not self.in_namespace:
            return self.process.pid
        return eventually(lambda: children(self.process.pid), "PID 1")[0]

    def signal(self, signo):
        os.kill(self.pid, signo)

    def has_line(self, line):
        return line in self.output.read_text().splitlines()

    def await_line(self, line):
        eventually(lambda: self.has_line(line), f"line {line!r}; stderr {self.stderr!r}")

    @property
    def lines(self):
        return self.output.read_text().splitlines()

    @property
    def stderr(self):
        return self.errors.read_text()

    def wait(self):
        return self.process.wait(DEADLINE)


def children(pid):
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []


def running(tag):
    """Return the process ids whose command line holds `tag`; those of zombies are empty."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if tag.encode() in line:
                found.append(int(entry.name))
    return found


def end_all(process):
    """Kill a process and all that descends from it: hooks that stay would outlive the tests."""
    if process.poll() is None:
        pending, found = [process.pid], []
        while pending:
            found.append(pending.pop())
            pending += children(found[-1])
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    process.wait()
