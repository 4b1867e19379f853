import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sessions import (
    DEADLINE,
    NAMESPACE,
    PREHOOK,
    PRINTER,
    children,
    eventually,
    needs_namespace,
    run,
    running,
)

LIST = "ls /proc/self/fd"
OPEN = """
import os, socket, sys
listening = socket.socket()
for number in eval(sys.argv[1]):
    os.dup2(listening.fileno(), number)
    os.set_inheritable(number, True)
if listening.fileno() in eval(sys.argv[1]):
    listening.detach()
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_stdin_of_hook_is_empty():
    """A hook gets /dev/null and leaves stdin to CMD, byte for byte."""
    result = run("wc -c", "--", "cat", stdin=None, input=b"for CMD\0\xff")
    assert result.stdout == b"0\nfor CMD\0\xff"


@pytest.mark.parametrize("numbers", [[3], [7], [8], [9], [8, 9], [3, 4, 5, 6, 7, 8, 9], [20]])
def test_descriptors(numbers):
    """CMD has every descriptor that prehook was given, at its number; hooks have 0 to 2."""
    hook = f'sh -c \'{LIST} | tr "\\n" " "; echo\''
    command = [sys.executable, "-c", OPEN, str(numbers), PREHOOK, hook, "--", "sh", "-c", LIST]
    result = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    hook, command = result.stdout.decode().split("\n", 1)
    assert hook.split() == ["0", "1", "2", "3"]  # 3 is the directory that `ls` reads
    free = next(number for number in range(3, 99) if number not in numbers)
    assert {int(number) for number in command.split()} == {0, 1, 2, free, *numbers}


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_descriptors(closed, tmp_path):
    """What was closed stays closed for CMD, and nothing of ours takes its place."""
    shown = tmp_path / "shown"
    script = f"exec {PREHOOK} true -- sh -c 'for n in 0 1 2 3 4 5 6 7 8 9; do "
    script += f"[ -e /proc/self/fd/$n ] && echo $n; done >{shown}' {closed}"
    direct = script.replace(f"{PREHOOK} true -- ", "")
    found = []
    for each in (direct, script):
        assert subprocess.run(["sh", "-c", each], check=False).returncode in (0, 1)
        found.append(shown.read_text())
    assert found[0] == found[1]


@pytest.mark.root
@needs_namespace
def test_orphans_are_reaped_before_command(tmp_path):
    """CMD as PID 1 inherits no zombie and no child that it does not know."""
    # the hook ends when its orphan in a session of its own is gone: while it is a zombie, it is not
    orphan = f"(setsid true & echo $! >{tmp_path}/pid); read -r pid <{tmp_path}/pid"
    hook = f"sh -c '(sh -c \"sleep 0.05\" &); {orphan}; while kill -0 $pid 2>/dev/null; do :; done'"
    command = "import os; print(open('/proc/1/task/1/children').read().split())"
    result = subprocess.run(
        [*NAMESPACE, PREHOOK, hook, "--", sys.executable, "-c", command],
        capture_output=True,
        check=True,
    )
    assert result.stdout == b"[]\n"


@pytest.mark.root
@needs_namespace
def test_orphans_are_reaped_during_hook(start):
    """As PID 1 prehook reaps what ends while a hook still runs."""
    session = start(
        f"sh -c '(setsid sh -c \"exit 3\" &); {' '.join(PRINTER)}'", "--", "true", prefix=NAMESPACE
    )
    session.await_line("ready")
    hook_only = lambda: len(children(session.pid)) == 1  # noqa: E731
    eventually(hook_only, "reaping of the orphan")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143


def test_leftover_is_named_and_ended(prefix):
    """What a hook leaves in its group is ended; the warning has its id and argv[0], no more."""
    tag = f"hunter2-{os.getpid()}"
    hook = f"sh -c '{' '.join(PRINTER)} {tag} & sleep 0.2'"
    result = subprocess.run(
        [*prefix, PREHOOK, hook, "--", "echo", "CMD"],
        capture_output=True,
        check=False,
        timeout=DEADLINE,
    )
    assert result.returncode == 0
    assert result.stdout.split() == [b"ready", b"SIGTERM", b"CMD"]
    assert f'"{sys.executable}"' in result.stderr.decode()
    assert b"hunter2" not in result.stderr
    assert not running(tag)


def test_leftover_that_stays_is_killed(prefix):
    """TERM, five seconds, KILL: CMD starts all the same."""
    tag = f"tag{os.getpid()}stay"
    hook = f"sh -c '{' '.join(PRINTER)} stay {tag} & sleep 0.2'"
    begin = time.monotonic()
    result = subprocess.run(
        [*prefix, PREHOOK, hook, "--", "echo", "CMD"],
        capture_output=True,
        check=False,
        timeout=DEADLINE,
    )
    assert result.stdout.split() == [b"ready", b"SIGTERM", b"CMD"]
    assert 5 <= time.monotonic() - begin < 9
    assert not running(tag)


def test_term_while_leftover_is_ended(start, prefix):
    """TERM during that grace period counts: CMD does not start."""
    hook = f"sh -c '{' '.join(PRINTER)} stay & sleep 0.2'"
    session = start(hook, "--", "echo", "CMD", prefix=prefix)
    session.await_line("SIGTERM")  # the one that is meant to end it
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert "CMD" not in session.lines


def test_daemon_in_its_own_session_is_left_alone(tmp_path):
    """A hook that daemonises leaves the group, and prehook does not wait for its pipes."""
    note = tmp_path / "pid"
    daemon = f'setsid sh -c "echo \\$\\$ > {note}; exec sleep 50" >/dev/null 2>&1 &'
    hook = f"sh -c '{daemon} until [ -s {note} ]; do :; done'"
    assert run(hook, "--", "echo", "CMD").stdout == b"CMD\n"
    pid = int(eventually(lambda: note.exists() and note.read_text().strip()))
    assert Path(f"/proc/{pid}").exists()
    os.kill(pid, signal.SIGKILL)


def test_no_process_to_be_had():
    """EAGAIN on fork is an error of ours with a hint."""
    code = (
        "import os, resource, sys; os.setgid(64444); os.setuid(64444)\n"
        "resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    if os.geteuid() != 0:
        pytest.skip("needs root to become a user without processes")
    site = next(path for path in sys.path if path.endswith("site-packages"))
    # The developer's own interpreter is often in a home directory
    python = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin") or sys.executable
    launcher = [python, "-I", "-S", "-X", "utf8", PREHOOK, site, "", ""]
    result = subprocess.run(
        [sys.executable, "-c", code, *launcher, "true", "--", "true"],
        capture_output=True,
        check=False,
    )
    if result.returncode == 126 or b"Permission denied" in result.stderr:
        pytest.skip("the interpreter is out of reach for another user")
    assert result.returncode == 125
    assert b"no new process" in result.stderr
    assert b"hint: " in result.stderr


def test_name_of_hook_has_no_secret(tmp_path):
    """A message names the words that are files, and nothing behind them."""
    path = tmp_path / "setup.sh"
    path.write_text("exit 3\n")
    errors = run(f"sh {path} --token hunter2", "--", "true").stderr.decode()
    assert f'"sh {path}"' in errors
    assert "hunter2" not in errors
    errors = run("sh -c 'exit 3' hunter2", "--", "true").stderr.decode()
    assert "hunter2" not in errors


def test_descriptor_above_the_limit(tmp_path):
    """A descriptor that the limit of now would not allow is closed for hooks, and CMD has it."""
    start = f"{PREHOOK} -q 'ls -l /proc/self/fd' -- ls /proc/self/fd/251"
    script = f"exec 251</dev/null; ulimit -n 20; exec {start}"
    result = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"251") == 1
