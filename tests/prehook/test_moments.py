"""TERM at each moment of a start, met for certain and not by luck."""

import os
import signal

import pytest
from sessions import PRINTER, eventually, running

# The launcher blocks it together with TERM, which the kernel shows as not blocked while prehook
# waits for it
TTOU_BIT = 1 << (signal.SIGTTOU - 1)
# Not blocked by the launcher, but by sh for the moment in which it forks: with all there are
SEGV_BIT = 1 << (signal.SIGSEGV - 1)
# The last thing that the hook does: prehook finds its end and the signal together
LAST_WORDS = "kill -TERM $PPID; exit 0"


def takes_signals(pid):
    """Tell whether prehook has come so far that it loses no signal."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            fields = dict(line.split(":\t", 1) for line in file if ":\t" in line)
    except OSError:
        return False
    return int(fields["SigBlk"], 16) & (TTOU_BIT | SEGV_BIT) == TTOU_BIT


def check(session, *, allowed):
    assert session.wait() == 143
    assert set(session.lines) <= set(allowed)
    assert "ended by SIGTERM" in session.stderr


def test_before_the_first_hook(start, prefix):
    """As soon as signals are blocked, TERM counts; most often before the first hook has begun."""
    tag = f"x{os.getpid()}"
    session = start(" ".join([*PRINTER, tag]), "--", "echo", "CMD", prefix=prefix)
    eventually(lambda: takes_signals(session.pid), "signals blocked")
    session.signal(signal.SIGTERM)
    check(session, allowed=["ready", "SIGTERM"])
    eventually(lambda: not running(tag), "no process left")


def test_in_a_hook(start, prefix):
    """The hook gets it, and nothing follows."""
    session = start(" ".join(PRINTER), "echo two", "--", "echo", "CMD", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    check(session, allowed=["ready", "SIGTERM"])
    assert session.lines == ["ready", "SIGTERM"]


def test_between_hooks(start, prefix):
    """A hook that succeeds while TERM arrives is not followed by another."""
    session = start("--shell", LAST_WORDS, "echo two", "--", "echo", "CMD", prefix=prefix)
    check(session, allowed=[])


def test_just_before_exec(start, prefix):
    """Nor is the last one followed by CMD."""
    session = start(
        "true", "--", "prehook", "--shell", LAST_WORDS, "--", "echo", "CMD", prefix=prefix
    )
    check(session, allowed=[])


def test_while_what_was_left_is_ended(start, prefix, tmp_path):
    """Nor is one whose leftovers are being ended, and they are killed when the grace is over."""
    tag = f"{os.getpid()}"
    stay = " ".join([*PRINTER, "stay", f"z{tag}"])
    marker = tmp_path / "marker"
    hook = f"{stay} > {marker} & until [ -s {marker} ]; do :; done"
    session = start("--grace", "500ms", "--shell", hook, "--", "echo", "CMD", prefix=prefix)
    eventually(lambda: "left running" in session.stderr, "the warning")
    session.signal(signal.SIGTERM)
    check(session, allowed=[])
    eventually(lambda: not running(f"z{tag}"), "no process left")


@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_others_that_end_a_start(start, prefix, signo):
    """INT, HUP and QUIT end a start as TERM does, each with its own status."""
    session = start(
        "--shell", LAST_WORDS.replace("TERM", signo.name[3:]), "--", "echo", "CMD", prefix=prefix
    )
    assert session.wait() == 128 + signo
    assert session.lines == []
