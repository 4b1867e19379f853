import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sessions import PREHOOK, PRINTER, eventually

SHOW = "grep -E 'Sig(Blk|Ign|Pnd)' /proc/self/status"
LAUNCH = """
import os, signal, sys
exec(sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])
"""


def sets(setup, *command):
    """Start `command` from a process that has run `setup`; return what it printed of its sets."""
    # CPython's own changes are undone, so that the process is as a container's first one
    setup = (
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL);"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL);" + setup
    )
    result = subprocess.run(
        [sys.executable, "-c", LAUNCH, setup, *command], capture_output=True, check=True
    )
    lines = result.stdout.decode().splitlines()
    return [
        dict(line.split(":\t") for line in lines[at : at + 3]) for at in range(0, len(lines), 3)
    ]


# glibc's posix_spawn leaves its own two signals, 32 and 33, ignored: whatever sets up threads or
# changes its user takes them back, and no program can use them
OF_GLIBC = 0b11 << 31

SETUPS = [
    "",
    "signal.signal(signal.SIGHUP, signal.SIG_IGN)",
    "signal.signal(signal.SIGPIPE, signal.SIG_IGN)",
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
    "signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "signal.signal(signal.SIGTTOU, signal.SIG_IGN)",
    "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1, signal.SIGRTMIN})",
    "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGPIPE})",
]


@pytest.mark.parametrize("setup", SETUPS)
def test_dispositions_and_mask_are_as_found(setup):
    """Hooks and CMD have the ignored and blocked signals of who started prehook."""
    direct = sets(setup, "/bin/sh", "-c", f"exec {SHOW}")
    hook, command = sets(setup, PREHOOK, f'sh -c "exec {SHOW}"', "--", "sh", "-c", f"exec {SHOW}")
    hook["SigIgn"] = f"{int(hook['SigIgn'], 16) & ~OF_GLIBC:016x}"
    assert [hook, command] == direct * 2


def test_default_sigpipe_kills_the_writer():
    """What the table of dispositions is for: `yes` piped into `head` ends quietly."""
    script = f"{PREHOOK} -q true -- sh -c 'yes; echo status $? >&2' | head -1"
    result = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert result.stderr in (b"", b"status 141\n")


def test_ignored_hup_is_not_forwarded(start):
    """Under nohup a hangup ends neither the start nor the hook."""
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        session = start(f"{' '.join(PRINTER)}", "--", "echo", "never")
        session.await_line("ready")
        session.signal(signal.SIGHUP)
        session.signal(signal.SIGUSR1)
        session.await_line("SIGUSR1")
        assert "SIGHUP" not in session.lines
        session.signal(signal.SIGTERM)
        assert session.wait() == 143
    finally:
        signal.signal(signal.SIGHUP, old)


def test_blocked_signal_stays_pending_for_command(start):
    """What was blocked is not ours: it is still there when CMD asks for it."""
    wait = "import signal; print(signal.sigwait({signal.SIGUSR2}).name)"
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    try:
        session = start(" ".join(PRINTER), "--", sys.executable, "-c", wait)
        session.await_line("ready")
        session.signal(signal.SIGUSR2)
        session.signal(signal.SIGUSR1)
        session.await_line("SIGUSR1")
        assert "SIGUSR2" not in session.lines
        hook = Path(f"/proc/{session.pid}/task/{session.pid}/children").read_text().split()[0]
        os.kill(int(hook), signal.SIGTERM)
        eventually(lambda: session.process.poll() is not None)
        assert session.lines[-1] == "SIGUSR2"
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
