"""The command prehook-wait."""

import signal
import subprocess

import pytest
from listeners import WAIT, answer, refusing, server
from sessions import run


def usage(*arguments, **options):
    done = subprocess.run(
        [WAIT, *arguments], capture_output=True, check=False, timeout=30, text=True, **options
    )
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()


def test_all_that_are_missing_are_named(waiting, tmp_path):
    """At the end one line has every target that is not there, each with its reason."""
    (tmp_path / "ready").touch()
    with refusing() as port:
        db = f"tcp://127.0.0.1:{port}"
        status, lines = waiting("--timeout", "500ms", db, "file:ready", "unix:x.sock").end()
    assert status == 1
    assert lines[-1] == (
        f"prehook-wait: 2 of 3 targets are not there after T: {db} (connection refused), "
        "unix:x.sock (no such file)"
    )
    assert len(lines) == 3


def test_quiet(waiting):
    """With --quiet only the end is said, and nothing if it is good."""
    _, lines = waiting("-q", "--timeout", "300ms", "file:ready").end()
    assert lines == ["prehook-wait: file:ready is not there after T: no such file"]
    assert waiting("-q", "file:.").end() == (0, [])


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_signals_end_it(waiting, signo):
    """TERM and its like end it at once, with 128+n and without a traceback."""
    begun = waiting("--timeout", "1h", "file:ready")
    line = "prehook-wait: waiting for file:ready: no such file"
    begun.await_line(line)
    begun.process.send_signal(signo)
    assert begun.end() == (128 + signo, [line])


def test_ignored_signals_stay_ignored(waiting, tmp_path):
    """Under nohup HUP does not end it."""
    command = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh", WAIT)
    begun = waiting("--timeout", "20s", "file:ready", command=command)
    begun.await_line("prehook-wait: waiting for file:ready: no such file")
    begun.process.send_signal(signal.SIGHUP)
    (tmp_path / "ready").touch()
    assert begun.end()[0] == 0


@pytest.mark.parametrize(
    ("target", "line", "hint"),
    [
        ("htp://h", 'unknown scheme "htp"', "did you mean http?"),
        ("postgres://u:hunter2@db/x", 'unknown scheme "postgres"', "a target is tcp://HOST:PORT"),
        ("db:5432", "no scheme with ://", "a target is tcp://HOST:PORT"),
        ("tcp://db", "the port is missing", "tcp://HOST:PORT"),
        ("tcp://db:", "the port is missing", "is a variable in it empty?"),
        ("tcp://:5432", "the host is missing", "is a variable in it empty?"),
        ("tcp://u:hunter2@db:1", "tcp:// has only a host and a port", "tcp://HOST:PORT"),
        ("http://u:hunter2/w@h", "the port is not a number from 1 to 65535", None),
        ("http://u:hunter2\n@h", "a blank or a control character in the URL", "%20 stands"),
        ("unix://run/db.sock", "unix:// has a host", "unix:///run/… is absolute"),
    ],
)
def test_wrong_targets(target, line, hint):
    """A target that can't be is wrong usage; the message never quotes it."""
    lines = usage("--timeout", "1s", target)
    assert lines[0] == f"prehook-wait: target 1: {line}"
    assert len(lines) == (2 if hint else 1)
    assert not hint or lines[1].startswith(f"hint: {hint}")
    assert "hunter2" not in "".join(lines)


def test_wrong_usage():
    """So are no target, too many of them, and a time that is none."""
    assert "required: TARGET" in usage()[0]
    assert usage(*["file:x"] * 65)[0] == "prehook-wait: more than 64 targets"
    assert usage("--timeout", "soon", "file:x")[0].startswith("prehook-wait: argument --timeout")


def test_passwords_and_queries_are_not_shown(waiting):
    """User, password and query of a URL stand in no line."""
    with server(answer(b"HTTP/1.1 500 No\r\n\r\n")) as found:
        url = f"http://user:hunter2@{found.place}/a?key=hunter3#hunter4"
        _, lines = waiting("--timeout", "2s", url).end()
    shown = f"http://{found.place}/a"
    assert lines == [
        f"prehook-wait: waiting for {shown}: status 500",
        f"prehook-wait: {shown} is not there after T: status 500",
    ]


def test_variables_without_a_shell(tmp_path):
    """In an ENTRYPOINT, where no shell puts in variables, a target names them."""
    with server(answer()) as found:
        done = run(
            "-q",
            "prehook-wait http://{{env.HOST}}:{{env.PORT}}/",
            "--",
            "echo",
            "started",
            env={
                "PATH": f"{WAIT.rpartition('/')[0]}:/usr/bin:/bin",
                "PORT": str(found.port),
                "HOST": "127.0.0.1",
            },
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"started\n", b"")
    assert usage("tcp://{{env.NOT}}:1", env={"PATH": "/bin"})[0] == (
        'prehook-wait: target 1: environment variable "NOT" is not set'
    )
