import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sessions import PREHOOK, PRINTER, children, eventually, run, running

PRINT = " ".join(PRINTER)


def test_becomes_command_after_hook():
    """CMD has the process id that prehook had, and what the hook wrote comes first."""
    process = subprocess.Popen(
        [PREHOOK, "echo hook", "--", "sh", "-c", "echo $$"], stdout=subprocess.PIPE
    )
    output, _ = process.communicate(timeout=20)
    assert output.split() == [b"hook", str(process.pid).encode()]
    assert process.returncode == 0


@pytest.mark.parametrize("status", [1, 3, 124, 125, 255])
def test_hook_status_is_exit_status(status):
    """The status of a failed hook comes through and CMD is not started."""
    result = run(f"sh -c 'exit {status}'", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (status, b"")
    assert f"exited with status {status}" in result.stderr.decode()


def test_command_status_is_exit_status(prefix):
    """CMD's own status is the container's."""
    command = [*prefix, PREHOOK, "true", "--", "sh", "-c", "exit 42"]
    assert subprocess.run(command, check=False).returncode == 42


def test_killed_hook_gives_128_plus_signal():
    """A hook that dies of a signal is told from one that exits."""
    result = run("sh -c 'kill -9 $$'", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (137, b"")
    assert "killed by SIGKILL" in result.stderr.decode()
    assert "hint: " in result.stderr.decode()


@pytest.mark.parametrize(("options", "environment"), [(["-q"], {}), ([], {"PREHOOK_QUIET": "1"})])
def test_quiet_says_only_what_is_wrong(options, environment):
    """Asked to be quiet, a start that works says nothing of its own; one that fails does."""
    environment = {**os.environ, **environment}
    assert run(*options, "true", "--", "true", env=environment).stderr == b""
    assert b"exited with status 1" in run(*options, "false", "--", "true", env=environment).stderr


def test_one_line_for_each_step():
    """A line names each step, how it went, and how long it took."""
    lines = run("true", "--", "prehook", "--name", "two", "true", "--", "true").stderr.decode()
    assert re.fullmatch(
        r'prehook: hook 1: "true": ok, \d+\.\d\d s\nprehook: two: ok, \d+\.\d\d s\n', lines
    )


@pytest.mark.parametrize(
    ("arguments", "environment"), [(["-v"], {}), ([], {"PREHOOK_VERBOSE": "1"})]
)
def test_verbose_names_each_step(arguments, environment):
    """Asked for, a line is written when a hook starts, when it ends, and when CMD starts."""
    result = run(
        *arguments,
        "echo a",
        "--",
        "prehook",
        *arguments,
        "echo b",
        "--",
        "true",
        env={**os.environ, **environment},
    )
    lines = result.stderr.decode().splitlines()
    assert [line.split(", ")[0] for line in lines] == [
        'prehook: hook 1: "echo" starts',
        'prehook: hook 1: "echo": ok',
        'prehook: hook 2: "echo" starts',
        'prehook: hook 2: "echo": ok',
        'prehook: "true" starts',
    ]


def test_hooks_run_in_order_and_duplicates_stay():
    """Several hooks run as given: entrykit shuffles them and drops all but one of a name."""
    hooks = [f"echo {letter}" for letter in "edcbaabcde"]
    assert run(*hooks, "--", "echo", "end").stdout.split() == [
        *(b"%c" % c for c in b"edcbaabcde"),
        b"end",
    ]


def test_chain_is_fused_into_one_process():
    """The parent of every hook of a chain is one process, and no second Python is started."""
    show = f"{sys.executable} -I -S -c 'import os; print(os.getppid())'"
    process = subprocess.Popen(
        [PREHOOK, show, "--", "prehook", show, "--", PREHOOK, show, "--", "true"],
        stdout=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin"},  # nor does it need prehook to be found there
    )
    output, _ = process.communicate(timeout=20)
    assert output.split() == [str(process.pid).encode()] * 3


def test_later_prehook_is_not_run_after_failure():
    """A chain ends at its first failure."""
    result = run("false", "--", "prehook", "echo b", "--", "echo", "c")
    assert (result.returncode, result.stdout) == (1, b"")


def test_other_file_named_prehook_is_a_command(script):
    """Only this prehook is fused: a program of its name elsewhere is run."""
    other = script("prehook", "#!/bin/sh\necho other $1\n")
    assert run("true", "--", other, "x", "--", "y").stdout == b"other x\n"


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_signal_ends_hook_and_start(start, prefix, signo):
    """The hook gets the signal, no step follows, the status is 128+n and no process is left."""
    tag = f"tag{os.getpid()}{signo}"
    session = start(
        f"sh -c 'sh -c \"sleep 99; :\" {tag} & {PRINT} {tag}'",
        "echo later",
        "--",
        "echo",
        "never",
        prefix=prefix,
    )
    session.await_line("ready")
    session.signal(signo)
    assert session.wait() == 128 + signo
    assert "later" not in session.lines
    assert "never" not in session.lines
    assert f"ended by {signal.Signals(signo).name} in hook 1" in session.stderr
    assert not running(tag)


def test_forwards_each_signal_to_whole_group(start, prefix):
    """A grandchild gets TERM too: signalling only the child would leave it alive."""
    session = start(f"sh -c '{PRINT}; exit 0'", "--", "echo", "never", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == ["ready", "SIGTERM"]


def test_hook_that_handles_term_still_ends_start(start, prefix):
    """A hook that exits 0 at TERM has not succeeded: the start was told to end."""
    session = start(PRINT, "--", "echo", "never", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == ["ready", "SIGTERM"]


def test_grace_period_then_kill(start, prefix):
    """A hook that ignores TERM is killed after five seconds."""
    tag = f"tag{os.getpid()}grace"
    session = start(f"{PRINT} stay {tag}", "--", "echo", "never", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    session.await_line("SIGTERM")
    assert session.process.poll() is None
    assert session.wait() == 143
    assert not running(tag)


def test_stopped_hook_can_be_ended(start):
    """A hook that was stopped takes nothing but KILL: it is continued with the TERM."""
    session = start(PRINT, "--", "echo", "never")
    session.await_line("ready")
    hook = eventually(lambda: children(session.pid))[0]
    os.kill(hook, signal.SIGSTOP)
    eventually(lambda: Path(f"/proc/{hook}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == ["ready", "SIGTERM"]


def test_forwards_without_ending(start, prefix):
    """USR1, USR2 and WINCH reach the hook and do not end the start."""
    session = start(f"{PRINT} stay", "--", "echo", "never", prefix=prefix)
    session.await_line("ready")
    for name in ("SIGUSR1", "SIGUSR2", "SIGWINCH"):
        session.signal(getattr(signal, name))
        session.await_line(name)
    assert session.process.poll() is None
    session.signal(signal.SIGTERM)
    session.await_line("SIGTERM")


def test_signal_between_start_and_exec_is_never_lost(start):
    """TERM at any moment of an ordinary start: no CMD after it, no process left."""
    import time

    tag = f"tag{os.getpid()}early"
    for step in range(40):
        session = start(f"true {tag}", f"true {tag}", "--", "sleep", "30")
        time.sleep(step * 0.0005)
        session.signal(signal.SIGTERM)
        assert session.wait() in (143, -signal.SIGTERM)
    eventually(lambda: not running(tag), "the end of all processes")


def test_internal_error_has_no_traceback():
    """A bug of ours is one line and 125, and quotes nothing."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import prehook.chain as c\n"
        "def parse(*_, **__): raise KeyError('hunter2')\n"
        "c.parse = parse; c.main(['prehook', '', '', '', 'true', '--', 'true'], set(), {})"
    )
    site = next(path for path in sys.path if path.endswith("site-packages"))
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, site], capture_output=True, check=False
    )
    assert result.returncode == 125
    assert result.stderr.startswith(b"prehook: internal error: KeyError in ")
    assert b"hunter2" not in result.stderr
    assert b"Traceback" not in result.stderr
