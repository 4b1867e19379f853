import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sessions import DEADLINE, NAMESPACE, PREHOOK, PRINTER, end_all, eventually, needs_namespace

LEAD = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
IN_FRONT = 'import os; print("front", os.tcgetpgrp(1) == os.getpgrp(), flush=True)'


class Terminal:
    """A pseudo-terminal with a session on it."""

    def __init__(self, *command, prefix=()):
        self.master, slave = pty.openpty()
        self.seen = b""
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", LEAD, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)

    def await_text(self, text):
        end = time.monotonic() + DEADLINE
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.master, 4096)
                except OSError:
                    break
        assert text in self.seen, self.seen

    def type(self, keys):
        os.write(self.master, keys)

    def close(self):
        end_all(self.process)
        os.close(self.master)


@pytest.fixture
def terminal():
    opened = []

    def begin(*command, **options):
        opened.append(Terminal(*command, **options))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def test_ctrl_c_arrives_once(terminal, prefix):
    """The kernel signals the hook's group; prehook doesn't do so again, and the start ends."""
    session = terminal(PREHOOK, " ".join(PRINTER) + " stay", "--", "echo", "never", prefix=prefix)
    session.await_text(b"ready")
    session.type(b"\x03")
    session.await_text(b"SIGINT")
    session.type(b"\x03")
    session.await_text(b"SIGINT\r\n^CSIGINT")
    assert session.seen.count(b"SIGINT") == 2


def test_ctrl_c_ends_a_plain_hook(terminal, prefix):
    """A hook that dies of Ctrl-C ends the start with 130."""
    session = terminal(
        PREHOOK, "sh -c 'echo ready; exec sleep 99'", "--", "echo", "never", prefix=prefix
    )
    session.await_text(b"ready")
    session.type(b"\x03")
    assert session.process.wait(DEADLINE) == 130
    session.await_text(b"ended by SIGINT in hook 1")


@pytest.mark.parametrize("options", [["--retries", "2", "--backoff", "1ms"], ["--optional"]])
def test_ctrl_c_means_the_start(terminal, prefix, options):
    """Who presses Ctrl-C wants no other attempt, and not to go on without the hook."""
    hook = "sh -c 'echo ready; exec sleep 99'"
    session = terminal(PREHOOK, *options, hook, "--", "echo", "never", prefix=prefix)
    session.await_text(b"ready")
    session.type(b"\x03")
    assert session.process.wait(DEADLINE) == 130
    session.await_text(b"ended by SIGINT in hook 1")
    assert b"never" not in session.seen


def test_foreground_goes_to_hook_and_to_command(terminal, prefix):
    """Each hook has the foreground from its first instruction on, and CMD has it back."""
    show = [sys.executable, "-I", "-S", "-c", IN_FRONT]
    hook = f"{sys.executable} -I -S -c '{IN_FRONT}'"
    session = terminal(PREHOOK, "-q", hook, hook, "--", *show, prefix=prefix)
    session.await_text(b"front True\r\nfront True\r\nfront True")
    assert session.process.wait(DEADLINE) == 0


def test_ctrl_z_without_a_shell_does_not_hang(terminal, prefix):
    """Nobody could continue a stopped hook (`docker run -it`): it goes on at once."""
    session = terminal(PREHOOK, " ".join(PRINTER) + " stay", "--", "echo", "never", prefix=prefix)
    session.await_text(b"ready")
    session.type(b"\x1a")
    session.type(b"\x03")
    session.await_text(b"SIGINT")


def test_ctrl_z_under_a_shell(terminal):
    """The shell that started prehook has its prompt back, and `fg` goes on."""
    session = terminal("bash", "--norc", "--noprofile", "-i")
    session.type(f"{PREHOOK} '{' '.join(PRINTER)} stay' -- echo never\n".encode())
    session.await_text(b"ready")
    front = os.tcgetpgrp(session.master)
    session.type(b"\x1a")
    session.await_text(b"Stopped")
    session.type(b"echo $((40+2)); fg\n")
    session.await_text(b"42")
    eventually(lambda: os.tcgetpgrp(session.master) == front, "the hook in front again")
    session.type(b"\x03")
    session.await_text(b"SIGINT")


@pytest.mark.root
@needs_namespace
def test_term_with_a_terminal(terminal):
    """PID 1 with a terminal ends as without."""
    session = terminal(PREHOOK, " ".join(PRINTER), "--", "echo", "never", prefix=NAMESPACE)
    session.await_text(b"ready")
    path = f"/proc/{session.process.pid}/task/{session.process.pid}/children"
    os.kill(int(Path(path).read_text().split()[0]), signal.SIGTERM)
    assert session.process.wait(DEADLINE) == 143


@pytest.mark.root
@needs_namespace
def test_group_outside_of_the_namespace(terminal):
    """`unshare --fork` leaves PID 1 in a group that it can't name: Ctrl-C is forwarded then."""
    command = [*NAMESPACE, PREHOOK, " ".join(PRINTER), "--", "echo", "never"]
    session = terminal(*command)
    session.await_text(b"ready")
    session.type(b"\x03")
    assert session.process.wait(DEADLINE) == 130
    session.await_text(b"SIGINT")
