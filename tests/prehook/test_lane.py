import os
import signal
import subprocess
import sys
import time

import pytest
from sessions import (
    DEADLINE,
    NAMESPACE,
    PREHOOK,
    PRINTER,
    eventually,
    needs_namespace,
    run,
    running,
)


def test_timeout_ends_the_hook(start, prefix):
    """A hook that takes too long gets TERM, and the start ends with 124, as timeout(1) has it."""
    session = start("--timeout", "500ms", " ".join(PRINTER), "--", "echo", "never", prefix=prefix)
    assert session.wait() == 124
    assert session.lines == ["ready", "SIGTERM"]
    assert 'timed out after 0.5 s; "echo" is not started' in session.stderr


def test_timeout_then_grace_then_kill(start, prefix):
    """What does not heed TERM is killed after its own grace period."""
    words = " ".join([*PRINTER, "stay"])
    session = start(
        "--timeout", "300ms", "--grace", "200ms", words, "--", "echo", "never", prefix=prefix
    )
    assert session.wait() == 124
    assert session.lines == ["ready", "SIGTERM"]


def test_timeout_ends_the_whole_group(start, tmp_path):
    """A grandchild does not outlive the time of its hook."""
    tag = f"sleep 98{os.getpid()}"
    session = start("--timeout", "200ms", "--shell", f"{tag} & wait", "--", "true")
    assert session.wait() == 124
    eventually(lambda: not running(tag.replace(" ", "\0")), "no process left")


def test_own_grace_period_holds_for_term(start, prefix):
    """TERM from outside and --grace: the hook has that long, and no longer."""
    words = " ".join([*PRINTER, "stay"])
    session = start("--grace", "300ms", words, "--", "echo", "never", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == ["ready", "SIGTERM"]


def test_retries_until_it_works(tmp_path):
    """A hook that fails is tried again, each time with a line, and the start goes on."""
    count = f"echo x >> {tmp_path}/n; [ $(wc -l < {tmp_path}/n) -ge 3 ]"
    result = run("--retries", "5", "--backoff", "1ms", "--shell", count, "--", "echo", "CMD")
    assert (result.returncode, result.stdout) == (0, b"CMD\n")
    lines = result.stderr.decode().splitlines()
    assert [line.partition('"/bin/sh": ')[2].split(";")[0] for line in lines[:2]] == [
        "exited with status 1"
    ] * 2
    assert "attempt 2 of 6 in 0.001 s" in lines[0]
    assert "attempt 3 of 6 in 0.002 s" in lines[1]
    assert "ok at attempt 3" in lines[2]


def test_retries_run_out():
    """After the last attempt the hook's own status is the exit status."""
    result = run(
        "--retries", "2", "--backoff", "1ms", "sh -c 'echo try; exit 7'", "--", "echo", "x"
    )
    assert (result.returncode, result.stdout) == (7, b"try\n" * 3)


def test_timeout_is_for_each_attempt(tmp_path):
    """A second attempt has the whole time again."""
    once = f"[ -e {tmp_path}/flag ] || {{ touch {tmp_path}/flag; exec sleep 60; }}"
    result = run(
        "--timeout", "500ms", "--retries", "1", "--backoff", "1ms", "--shell", once, "--", "true"
    )
    assert result.returncode == 0
    assert b"timed out after 0.5 s; attempt 2 of 2" in result.stderr


@pytest.mark.parametrize("program", ["/nosuch", "/etc/passwd"])
def test_what_cannot_be_run_is_not_tried_again(program):
    """126 and 127 do not heal: the start ends at once."""
    result = run("--retries", "5", "--backoff", "1h", program, "--", "true")
    assert result.returncode in (126, 127)
    assert b"attempt" not in result.stderr


def test_term_during_the_pause_between_attempts(start, prefix):
    """No attempt follows a TERM, and the pause is not waited for."""
    session = start("--retries", "5", "--backoff", "1h", "false", "--", "echo", "x", prefix=prefix)
    eventually(lambda: "attempt 2 of 6" in session.stderr, "the pause")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == []


def test_optional_hook_may_fail():
    """The start goes on, with a line that says why that is so."""
    result = run("--optional", "sh -c 'exit 3'", "--", "echo", "CMD")
    assert (result.returncode, result.stdout) == (0, b"CMD\n")
    assert b"exited with status 3; it is optional: the start goes on" in result.stderr


def test_optional_hook_that_times_out():
    """That it took too long is no more than a failure."""
    result = run("--optional", "--timeout", "100ms", "sleep 60", "--", "echo", "CMD")
    assert (result.returncode, result.stdout) == (0, b"CMD\n")


def test_term_in_an_optional_hook_ends_the_start(start, prefix):
    """Whoever ends the start does not mean the hook alone."""
    session = start("--optional", " ".join(PRINTER), "--", "echo", "never", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == ["ready", "SIGTERM"]


def test_background_is_allowed_to_those_that_ask(start, tmp_path):
    """With --allow-background what a hook has started goes on, and no warning is written."""
    tag = f"sleep 97{os.getpid()}"
    session = start("--allow-background", "--shell", f"{tag} >&- 2>&- &", "--", "echo", "CMD")
    try:
        assert session.wait() == 0
        assert "left running" not in session.stderr
        assert len(running(tag.replace(" ", "\0"))) == 1
    finally:
        for process in running(tag.replace(" ", "\0")):
            os.kill(process, signal.SIGKILL)


def test_background_of_a_failed_hook_is_ended():
    """Only a hook that succeeds may leave something."""
    tag = f"sleep 96{os.getpid()}"
    result = run("--allow-background", "--shell", f"{tag} >&- 2>&- & exit 1", "--", "true")
    assert result.returncode == 1
    assert not running(tag.replace(" ", "\0"))


def test_deadline_of_the_whole_start(start, prefix):
    """Steps have so long together; the one that is running then is ended, with 124."""
    session = start(
        "--deadline", "600ms", "true", " ".join(PRINTER), "--", "echo", "x", prefix=prefix
    )
    assert session.wait() == 124
    assert session.lines == ["ready", "SIGTERM"]
    assert "the deadline of the whole start (0.6 s) has passed" in session.stderr


def test_deadline_is_not_retried():
    """When the time of the start is over, attempts are not what is missing."""
    result = run("--deadline", "200ms", "--retries", "9", "sleep 60", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (124, b"")
    assert b"attempt" not in result.stderr


def test_deadline_during_a_pause():
    """A pause that would end behind the deadline is not begun."""
    result = run("--deadline", "5s", "--retries", "9", "--backoff", "1h", "false", "--", "true")
    assert result.returncode == 1
    assert b"leaves no time to try again" in result.stderr


def test_stubborn_optional_hook_and_the_deadline():
    """The deadline of the start ends it even in a hook that may fail."""
    result = run("--deadline", "200ms", "--optional", "sleep 60", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (124, b"")


@pytest.mark.root
@needs_namespace
def test_no_process_is_left_after_a_timeout(start):
    """As PID 1 as well: the namespace ends with prehook."""
    tag = f"sleep 95{os.getpid()}"
    session = start(
        "--timeout", "200ms", "--shell", f"{tag} & wait", "--", "true", prefix=NAMESPACE
    )
    assert session.wait() == 124
    eventually(lambda: not running(tag.replace(" ", "\0")), "no process left")


def test_attempt_that_cannot_be_started_ends_nobody_else():
    """A pause longer than the time limit, after no process was had: nobody is signalled."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import prehook.execute as e, prehook.hook as h\n"
        "import posix, prehook.chain as c\n"
        "real, calls = h.spawn, []\n"
        "def spawn(*arguments):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 1: raise e.no_process(OSError(11, 'EAGAIN'))\n"
        "    return real(*arguments)\n"
        "h.spawn = spawn\n"
        "options = ['--timeout', '100ms', '--retries', '2', '--backoff', '500ms', 'true']\n"
        "c.main(['prehook', '', '', '', *options, '--', 'echo', 'CMD'], set(), posix.environ)"
    )
    site = next(path for path in sys.path if path.endswith("site-packages"))
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, site], capture_output=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, b"CMD\n"), result.stderr
    assert b"no new process: EAGAIN; attempt 2 of 3" in result.stderr


def test_success_that_was_seen_late_is_one():
    """A start that was stopped meanwhile does not take a hook that had ended for a slow one."""
    with subprocess.Popen(
        [PREHOOK, "--timeout", "1s", "--name", "quick", "sh -c 'kill -STOP $PPID'", "--", "true"],
        stderr=subprocess.PIPE,
    ) as process:
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        until = time.monotonic() + 1.2
        eventually(lambda: time.monotonic() > until, "more than its time")
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait(DEADLINE) == 0


def test_deadline_holds_for_leftovers():
    """What a hook has left has no more time than the whole start, and CMD does not follow."""
    left = "(trap '' TERM; echo ready > $f; sleep 60; sleep 60) >&- 2>&- &"
    hook = f"f=$(mktemp); {left} until [ -s $f ]; do :; done; rm $f"
    result = run("--deadline", "1s", "--grace", "30s", "--shell", hook, "--", "echo", "CMD")
    assert (result.returncode, result.stdout) == (124, b"")
    assert b"has passed" in result.stderr
