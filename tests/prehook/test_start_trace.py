import json
import os
import signal
import stat

import pytest
from sessions import PRINTER, run

from prehook.handover import Handover
from prehook.journal import Journal
from prehook.lane import Lane
from prehook.scene import Scene
from prehook.signals import Signals
from prehook.step import Step
from prehook.trace import write


def events(path):
    return json.loads(path.read_text())["traceEvents"]


def steps(path):
    """Return name, attempt and result of each attempt, and of each step that was left out."""
    found = [event for event in events(path) if event.get("cat") == "step"]
    return [(each["name"], each["args"].get("attempt"), each["args"]["result"]) for each in found]


def own(path):
    return next(each for each in events(path) if each["ph"] == "X" and each["name"] == "prehook")


def test_steps_and_attempts(tmp_path):
    """There is an event for each attempt of each step, and one for each that was left out."""
    path, mark = tmp_path / "trace", tmp_path / "mark"
    flaky = f"[ -e {mark} ] || {{ touch {mark}; exit 3; }}"
    result = run(
        "--trace", str(path), "--name", "flaky", "--retries", "2", "--backoff", "1ms", "--shell",
        flaky, "--", "prehook", "--if", "NOT_SET", "--name", "left out", "true",
        "--", "prehook", "--optional", "--timeout", "1ms", "--name", "slow", "sleep 99",
        "--", "prehook", "--optional", "--name", "bad", "false", "--", "echo", "CMD",
    )  # fmt: skip
    assert result.stdout == b"CMD\n"
    assert steps(path) == [
        ("flaky", 1, "failed"),
        ("flaky", 2, "ok"),
        ("left out", None, "skipped"),
        ("slow", 1, "timeout"),
        ("bad", 1, "failed"),
    ]
    assert own(path)["args"] == {"result": "ok"}


def test_format(tmp_path):
    """It is what trace viewers read: phases, ids, microseconds; and all lies within the start."""
    path = tmp_path / "trace"
    run("--trace", str(path), "true", "true", "--", "true")
    whole = json.loads(path.read_text())
    assert whole["displayTimeUnit"] == "ms"
    assert whole["otherData"]["writer"] == "prehook"
    names = {each["tid"]: each["args"]["name"] for each in whole["traceEvents"]
             if each["name"] == "thread_name"}  # fmt: skip
    assert names == {1: "prehook", 2: "steps"}
    whole_start = own(path)
    before = 0
    for event in whole["traceEvents"]:
        assert event["pid"] == 1
        assert event["tid"] in names
        if event["ph"] == "X":
            assert type(event["ts"]) is type(event["dur"]) is int
            assert event["ts"] >= 0
            assert event["ts"] + event["dur"] <= whole_start["dur"]
        if event.get("cat") == "step":
            assert event["ts"] >= before
            before = event["ts"] + event["dur"]
            assert event["args"]["kind"] == "run"
            assert event["args"]["place"].startswith("hook ")


def test_failed_start(tmp_path):
    """A start that fails has a trace too."""
    path = tmp_path / "trace"
    assert run("--trace", str(path), "true", "sh -c 'exit 3'", "true", "--", "true").returncode == 3
    assert [result for _, _, result in steps(path)] == ["ok", "failed"]
    assert own(path)["args"] == {"result": "failed"}


def test_failure_of_our_own(tmp_path):
    """So has one that fails between two steps: its deadline has passed."""
    path = tmp_path / "trace"
    arguments = ("--trace", str(path), "--deadline", "1ms", "--name", "slow", "sleep 99")
    assert run(*arguments, "--", "true").returncode == 124
    assert steps(path) == [("slow", 1, "timeout")]
    assert own(path)["args"] == {"result": "failed"}


def test_start_that_was_ended(start, prefix, tmp_path):
    """And one that a signal has ended."""
    path = tmp_path / "trace"
    session = start("--trace", str(path), "--name", "hook", " ".join(PRINTER), "--", "true",
                    prefix=prefix)  # fmt: skip
    session.await_line("ready")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert steps(path) == [("hook", 1, "ended")]
    assert own(path)["args"] == {"result": "ended"}


def test_variable_and_option(tmp_path):
    """PREHOOK_TRACE does the same for an image as it is; the option goes before it."""
    one, two = tmp_path / "one", tmp_path / "two"
    environment = {**os.environ, "PREHOOK_TRACE": str(one)}
    assert run("true", "--", "true", env=environment).returncode == 0
    assert steps(one) == [('hook 1: "true"', 1, "ok")]
    one.unlink()
    assert run("--trace", str(two), "true", "--", "true", env=environment).returncode == 0
    assert two.exists()
    assert not one.exists()
    environment["PREHOOK_TRACE"] = ""
    assert run("true", "--", "true", env=environment).stderr.count(b"\n") == 1


def test_no_secret(tmp_path):
    """Neither arguments of hooks nor values of variables are in it."""
    path = tmp_path / "trace"
    environment = {**os.environ, "TOKEN": "hunter2"}
    hooks = ["sh -c 'exit 0' hunter2", "echo --token=hunter2"]
    run("--trace", str(path), "--unless", "TOKEN=x", *hooks, "--", "echo", "hunter2",
        env=environment)  # fmt: skip
    run("--if", "TOKEN=x", "--trace", f"{path}2", "true", "--", "true", env=environment)
    assert len(steps(path)) == 2
    assert "hunter2" not in path.read_text()
    assert "hunter2" not in (tmp_path / "trace2").read_text()


def test_name_that_is_no_text(tmp_path):
    """Bytes that are not UTF-8, and control characters, leave it JSON in UTF-8."""
    path = tmp_path / "trace"
    run("--trace", str(path), "--name", b"a\xffb\nc", "true", "--", "true")
    assert steps(path) == [("a�b\nc", 1, "ok")]


def check_warning(result):
    assert (result.returncode, result.stdout) == (0, b"CMD\n")
    lines = result.stderr.decode().splitlines()
    assert lines[0].startswith("prehook: the trace can't be written to ")
    assert [line.split(" ")[0] for line in lines] == ["prehook:", "hint:"]


@pytest.mark.parametrize("path", ["/no/such/directory/trace", "/etc", "/dev/full", "/proc/trace"])
def test_that_cannot_be_written(path):
    """Where it can't be written a warning says so, and the start goes on."""
    check_warning(run("-q", "--trace", path, "true", "--", "echo", "CMD"))


def test_pipe_that_nobody_reads(tmp_path):
    """A pipe without a reader doesn't stop the start."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    check_warning(run("-q", "--trace", str(path), "true", "--", "echo", "CMD"))


def test_modes_and_links(tmp_path):
    """A new file can be read by all, whatever the umask; one that is there stays where it is."""
    path, other, link = tmp_path / "trace", tmp_path / "other", tmp_path / "link"
    other.write_text("x" * 100_000)
    other.chmod(0o600)
    link.symlink_to(other)
    for each in (path, link):
        run("--trace", str(each), "true", "--", "true", umask=0o077)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    assert link.is_symlink()
    assert steps(other) == steps(path)


@pytest.fixture
def scene():
    """Return a start under way."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    old = signal.getsignal(signal.SIGINT)
    yield Scene(Handover({}), Signals(mask, None), Journal(), "CMD is not started")
    signal.signal(signal.SIGINT, old)


def lane(scene, name, *attempts):
    step = Step("a place")
    step.name = name
    found = Lane(step, scene, None, scene.journal)
    found.attempts += attempts
    return found


def test_threads_of_what_overlaps(scene, tmp_path):
    """What runs beside each other is on threads of its own, what follows on the first."""
    lanes = [
        lane(scene, "a", (1.0, 2.0, "failed"), (3.0, 4.0, "ok")),
        lane(scene, "b", (1.0, 1.5, "ok")),
        lane(scene, "c", (1.0, 9.0, "ok")),
        lane(scene, "d", (9.0, 9.5, "ok")),
    ]
    path = tmp_path / "trace"
    write(str(path), 0.5, lanes, scene, 0)
    found = {event["name"]: event["tid"] for event in events(path) if event.get("cat") == "step"}
    assert found == {"a": 2, "b": 3, "c": 4, "d": 2}
    names = [each["args"]["name"] for each in events(path) if each["name"] == "thread_name"]
    assert names == ["prehook", "steps", "steps beside them 1", "steps beside them 2"]


def test_secret_values_are_masked(scene, tmp_path):
    """What is a secret value is masked in names and places, and in no word of ours."""
    scene.journal.hidden = ["hunter2", "ok", "X"]
    scene.skipped.append((lane(scene, "hunter2").step, 1.0, "only if it is hunter2"))
    path = tmp_path / "trace"
    write(str(path), 0.5, [lane(scene, "a hunter2", (1.0, 2.0, "ok"))], scene, 0)
    assert "hunter2" not in path.read_text()
    found = [(name, result) for name, _, result in steps(path)]
    assert found == [("a ***", "ok"), ("***", "skipped")]
    assert own(path)["args"] == {"result": "ok"}


def test_attempt_that_the_start_breaks_off(scene, tmp_path):
    """Where there is no process for another step, what runs beside it is in the trace as well."""
    broken = lane(scene, "a")
    broken.leader = 1
    path = tmp_path / "trace"
    write(str(path), 0.5, [broken, lane(scene, "b")], scene, 125)
    assert steps(path) == [("a", 1, "ended")]
