import os
import select
import signal
import subprocess
import sys

import pytest
from sessions import DEADLINE, PREHOOK, PRINTER, children, eventually, run, running
from test_moments import takes_signals
from test_signals import SETUPS, SHOW, sets
from test_terminal import IN_FRONT, terminal  # noqa: F401 (a fixture)

# Prints each signal that it gets, of all that can be caught, and ends with the last of them
PRINT_ALL = """
import signal
left = {signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE,
        signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGSYS, signal.SIGCHLD}
taken = signal.valid_signals() - left
signal.pthread_sigmask(signal.SIG_BLOCK, taken)
for signo in (signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(signo, signal.SIG_DFL)
print("ready", flush=True)
signo = 0
while signo != signal.SIGRTMAX:
    signo = signal.sigwait(taken)
    print(int(signo), flush=True)
"""
WITH_WORKER = """
import os, signal
taken = {signal.SIGUSR1, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, taken)
name = "cmd" if os.fork() else "worker"
print(name, "ready", flush=True)
signo = 0
while signo != signal.SIGTERM:
    signo = signal.sigwait(taken)
    print(name, signal.Signals(signo).name, flush=True)
"""
ISOLATED = [sys.executable, "-I", "-S", "-c"]
UNTIL_IT_IS_UP = "until [ -s /proc/$$/fd/1 ]; do :; done"  # it has printed something
NOT_FORWARDED = {
    signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL,
    signal.SIGTRAP, signal.SIGABRT, signal.SIGSYS, signal.SIGCHLD,
}  # fmt: skip


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -9 $$", 137),
        ("trap - TERM; kill -TERM $$", 143),
        ("trap - HUP; kill -HUP $$", 129),
    ],
)
def test_exit_status(start, prefix, script, status):
    """The init's exit status is CMD's, or 128+n."""
    session = start("--init", "--", "sh", "-c", script, prefix=prefix)
    assert session.wait() == status
    assert session.stderr == ""


@pytest.mark.parametrize(("command", "status"), [("/etc", 126), ("nosuchprogram", 127)])
def test_cmd_that_cannot_be_run(start, prefix, command, status):
    """126 and 127 are as without --init, with one message."""
    session = start("--init", "-q", "true", "--", command, prefix=prefix)
    assert session.wait() == status
    lines = session.stderr.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["prehook:", "hint:"]
    assert run("-q", "true", "--", command).stderr.decode().splitlines() == lines


def test_each_signal_arrives_once(start, prefix):
    """Every signal that can be caught gets to CMD, once, the real-time ones too."""
    session = start(
        "--init", "--", *ISOLATED, PRINT_ALL, prefix=prefix, start_new_session=True
    )  # fmt: skip
    session.await_line("ready")
    sent = sorted(signal.valid_signals() - NOT_FORWARDED)
    assert sent[-1] == signal.SIGRTMAX
    for signo in sent:
        session.signal(signo)
        session.await_line(str(int(signo)))
    assert session.wait() == 0
    assert session.lines == ["ready", *(str(int(signo)) for signo in sent)]


def test_signals_go_to_the_process_and_not_to_its_group(start, prefix):
    """What CMD has started gets nothing from us: CMD tells it, as it would as PID 1."""
    session = start("--init", "--", *ISOLATED, WITH_WORKER, prefix=prefix)
    session.await_line("cmd ready")
    session.await_line("worker ready")
    session.signal(signal.SIGUSR1)
    session.await_line("cmd SIGUSR1")
    session.signal(signal.SIGTERM)
    assert session.wait() == 0
    # The only one that it has had is ours to what CMD has left running
    found = [line for line in session.lines if line.startswith("worker")]
    assert found == ["worker ready", "worker SIGTERM"]


def test_term_without_handler_ends_cmd(start, prefix):
    """What CMD would drop as PID 1 ends it as a child: this is what --init is for."""
    session = start("--init", "--", "sh", "-c", "echo ready; exec sleep 100", prefix=prefix)
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143


def test_init_gives_cmd_all_the_time_it_takes(start, prefix):
    """CMD may stay after TERM: only the runtime decides when it was long enough."""
    session = start("--init", "--", *PRINTER, "stay", prefix=prefix)
    session.await_line("ready")
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        session.signal(signal.Signals[name])
        session.await_line(name)
    assert session.process.poll() is None


def test_term_right_after_the_hooks(start, prefix):
    """A TERM that comes before CMD is forked ends the start, and CMD doesn't run."""
    session = start("--init", "--shell", "kill -TERM $PPID", "--", "echo", "CMD", prefix=prefix)
    assert session.wait() == 143
    assert session.lines == []


def test_term_at_once(start, prefix):
    """From the moment that signals are blocked, TERM ends the start or CMD, however far it is."""
    for _ in range(10):
        session = start("--init", "--", "sleep", "100", prefix=prefix)
        eventually(lambda s=session: takes_signals(s.pid) or sleeps(s.pid), "signals blocked")
        session.signal(signal.SIGTERM)
        assert session.wait() == 143


def sleeps(pid):
    """Tell whether CMD runs: while the init waits for signals, they don't show as blocked."""
    for child in children(pid):
        try:
            with open(f"/proc/{child}/cmdline", "rb") as file:
                line = file.read()
        except OSError:
            continue
        if line.split(b"\0")[:2] == [b"sleep", b"100"]:
            return True
    return False


@pytest.mark.parametrize("setup", SETUPS)
def test_dispositions_and_mask_of_cmd(setup):
    """CMD under an init has the ignored and blocked signals that prehook has found."""
    direct = sets(setup, "/bin/sh", "-c", f"exec {SHOW}")
    assert sets(setup, PREHOOK, "--init", "--", "sh", "-c", f"exec {SHOW}") == direct


def test_ignored_signal_is_not_forwarded(start):
    """Under nohup a hangup doesn't get to CMD, even if that has a handler for it."""
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        session = start("--init", "--", *PRINTER)
        session.await_line("ready")
        session.signal(signal.SIGHUP)
        session.signal(signal.SIGUSR1)
        session.await_line("SIGUSR1")
        session.signal(signal.SIGTERM)
        assert session.wait() == 0
        assert session.lines == ["ready", "SIGUSR1", "SIGTERM"]
    finally:
        signal.signal(signal.SIGHUP, old)


def test_orphans_are_reaped(start, prefix):
    """What CMD's children leave behind comes to the init, and no zombie stays."""
    orphans = "for i in 1 2 3 4 5; do (sh -c 'echo orphan' &); done; "
    session = start("--init", "--", "sh", "-c", orphans + f"exec {' '.join(PRINTER)}",
                    prefix=prefix)  # fmt: skip
    session.await_line("ready")
    eventually(lambda: session.lines.count("orphan") == 5, "five orphans")
    eventually(lambda: len(children(session.pid)) == 1, "only CMD left")


def test_orphans_come_to_the_init(start, prefix):
    """As an ordinary process prehook is a subreaper: it is the parent of every orphan."""
    code = """
import os, time
if os.fork() == 0:
    dead = os.getpid()
    if os.fork() == 0:
        while os.getppid() == dead:
            time.sleep(0.001)
        print("parent", os.getppid(), flush=True)
        os._exit(0)
    os._exit(0)
while True:
    time.sleep(9)
"""
    session = start("--init", "--", *ISOLATED, code, prefix=prefix)
    session.await_line(f"parent {1 if prefix else session.pid}")


def test_what_is_left_is_ended(start, prefix):
    """When CMD has ended, what it has left running gets TERM, and the init waits for it."""
    tag = f"left{os.getpid()}"
    script = f"{' '.join(PRINTER)} {tag} & {UNTIL_IT_IS_UP}; exit 5"
    session = start("--init", "--", "sh", "-c", script, prefix=prefix)
    assert session.wait() == 5
    assert session.lines == ["ready", "SIGTERM"]
    assert not running(tag)


def test_what_does_not_end_is_killed(start, prefix):
    """What stays in spite of TERM is killed when the grace period is over."""
    tag = f"stay{os.getpid()}"
    script = f"{' '.join(PRINTER)} stay {tag} & {UNTIL_IT_IS_UP}; exit 5"
    session = start("--init", "--", "sh", "-c", script, prefix=prefix)
    assert session.wait() == 5
    assert session.lines == ["ready", "SIGTERM"]
    eventually(lambda: not running(tag), "no process left")


def test_pid_1_ends_daemons_too(start, prefix):
    """As PID 1 everything in the namespace gets TERM, in whatever session it is."""
    if not prefix:
        pytest.skip("of an ordinary process only CMD's group is ended")
    tag = f"daemon{os.getpid()}"
    script = f"setsid {' '.join(PRINTER)} {tag} & {UNTIL_IT_IS_UP}"
    session = start("--init", "--", "sh", "-c", script, prefix=prefix)
    assert session.wait() == 0
    assert session.lines == ["ready", "SIGTERM"]


def opened(pid):
    return {os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")}


def test_init_keeps_no_descriptor_of_cmd(start, prefix):
    """When CMD closes a pipe it is closed: the init has no copy of it, nor of stdin and stdout."""
    ends = [os.pipe() for _ in range(2)]
    (read_one, write_one), (read_three, write_three) = ends
    script = f"echo up >&2; exec >&- {write_three}>&-; exec sleep 100"
    process = subprocess.Popen(
        [*prefix, PREHOOK, "--init", "--", "bash", "-c", script],
        stdin=subprocess.DEVNULL, stdout=write_one, stderr=subprocess.PIPE,
        pass_fds=[write_three],
    )  # fmt: skip
    try:
        os.close(write_one)
        os.close(write_three)
        assert process.stderr.readline() == b"up\n"
        if not prefix:  # `unshare` itself has copies of them
            assert select.select([read_one], [], [], DEADLINE)[0]
            assert select.select([read_three], [], [], DEADLINE)[0]
            assert os.read(read_one, 1) == os.read(read_three, 1) == b""
            assert process.poll() is None
        pid = children(process.pid)[0] if prefix else process.pid
        kept = {f"pipe:[{os.fstat(end).st_ino}]" for end in (read_one, read_three)}
        eventually(lambda: not kept & opened(pid), "no copies of CMD's pipes")
    finally:
        for pid in children(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()
        process.stderr.close()
        os.close(read_one)
        os.close(read_three)


@pytest.mark.root
def test_user_is_of_cmd_only(start, prefix):
    """CMD runs as the user, and the init stays who it is, so that it can signal whatever runs."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    script = "id -u; grep Uid /proc/$PPID/status; echo ready; exec sleep 100"
    session = start("--init", "--user", "54321:1", "--", "sh", "-c", script, prefix=prefix)
    session.await_line("ready")
    assert session.lines == ["54321", "Uid:\t0\t0\t0\t0", "ready"]
    session.signal(signal.SIGTERM)
    assert session.wait() == 143


def test_ctrl_c_arrives_once(terminal, prefix):  # noqa: F811
    """The kernel signals CMD's group, and the init forwards nothing besides."""
    session = terminal(PREHOOK, "--init", "--", *PRINTER, "stay", prefix=prefix)
    session.await_text(b"ready")
    session.type(b"\x03")
    session.await_text(b"SIGINT")
    session.type(b"\x03")
    session.await_text(b"SIGINT\r\n^CSIGINT")
    assert session.seen.count(b"SIGINT") == 2


def test_cmd_is_in_front(terminal, prefix):  # noqa: F811
    """CMD has the terminal from its first instruction on."""
    session = terminal(PREHOOK, "--init", "--", *ISOLATED, IN_FRONT, prefix=prefix)
    session.await_text(b"front True")
    assert session.process.wait(20) == 0


def test_ctrl_z_under_a_shell(terminal):  # noqa: F811
    """The shell that started the init has its prompt back, and `fg` goes on."""
    session = terminal("bash", "--norc", "--noprofile", "-i")
    session.type(f"{PREHOOK} --init -- {' '.join(PRINTER)} stay\n".encode())
    session.await_text(b"ready")
    front = os.tcgetpgrp(session.master)
    session.type(b"\x1a")
    session.await_text(b"Stopped")
    session.type(b"echo $((40+2)); fg\n")
    session.await_text(b"42")
    eventually(lambda: os.tcgetpgrp(session.master) == front, "CMD in front again")
    session.type(b"\x03")
    session.await_text(b"SIGINT")


def test_terminal_comes_back(terminal):  # noqa: F811
    """A script that goes on behind the init has the terminal again."""
    script = f"{PREHOOK} --init -- true; exec {sys.executable} -I -S -c '{IN_FRONT}'"
    session = terminal("sh", "-c", script)
    session.await_text(b"front True")
