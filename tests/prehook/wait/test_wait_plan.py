"""The step `wait` of a plan, in a start."""

import json
import signal
import socket

import pytest
from listeners import WAIT, answer, refusing, server, silent
from servers.tls import self_signed
from sessions import PREHOOK, Session, end_all, eventually, running

PATH = f"{WAIT.rpartition('/')[0]}:/usr/bin:/bin"


@pytest.fixture
def start(waiting, tmp_path):
    """Start prehook with a plan in front of `echo started`."""

    def begin(plan, *options, **environment):
        (tmp_path / "prehook.yml").write_text(plan)
        command = (PREHOOK, *options, "-f", "prehook.yml", "--", "echo", "started")
        return waiting(command=command, **environment)

    return begin


def test_it_goes_on_when_all_are_there(start):
    """The step says how long it took; what was there at once is not mentioned."""
    with silent() as port:
        status, lines = start(f"steps:\n- wait: tcp://127.0.0.1:{port}\n").end()
    assert (status, lines) == (0, ["prehook: wait: ok, T", "started"])


def test_the_lines_name_the_step(start, tmp_path):
    """What is waited for stands behind the name of the step."""
    begun = start("steps:\n- name: migrated\n  wait: file:ready\n")
    begun.await_line("prehook: migrated: waiting for file:ready: no such file")
    (tmp_path / "ready").touch()
    status, lines = begun.end()
    assert status == 0
    assert lines[1:] == [
        "prehook: migrated: file:ready is there after T",
        "prehook: migrated: ok, T",
        "started",
    ]


def test_time_over(start):
    """When its time is over the start ends with 124, and one line says what is not there."""
    with refusing() as port:
        target = f"tcp://127.0.0.1:{port}"
        status, lines = start(f"steps:\n- wait: {target}\n  timeout: 500ms\n").end()
    assert status == 124
    assert lines == [
        f"prehook: wait: waiting for {target}: connection refused",
        (
            f"prehook: wait: {target} is not there after T: connection refused; "
            '"echo" is not started'
        ),
    ]


def test_retries(start):
    """Each attempt has the time of its own, and the warning says what was not there."""
    plan = "steps:\n- wait: file:x\n  timeout: 200ms\n  retries: 1\n  backoff: 100ms\n"
    status, lines = start(plan).end()
    assert status == 124
    assert lines[1] == (
        "prehook: wait: file:x is not there after T: no such file; attempt 2 of 2 in 0.1 s"
    )


def test_optional(start):
    """An optional wait gives up, and the start goes on."""
    status, lines = start("steps:\n- wait: file:x\n  timeout: 200ms\n  optional: true\n").end()
    assert (status, lines[-1]) == (0, "started")


def test_as_json(start):
    """Structured lines have an event and the step."""
    _, lines = start("steps:\n- wait: file:x\n  timeout: 200ms\n", "--log", "json").end()
    line = json.loads(lines[0])
    assert (line["event"], line["step"]) == ("waiting", "wait")
    assert line["message"] == "wait: waiting for file:x: no such file"


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(tmp_path, prefix, signo):
    """TERM during a wait ends the start with 143 and no process is left, as PID 1 too."""
    plan = tmp_path / "prehook.yml"
    with silent() as port:
        targets = f"[file:{tmp_path}/ready, 'http://127.0.0.1:{port}/']"
        plan.write_text(f"steps:\n- wait: {targets}\n  timeout: 1h\n")
        session = Session(tmp_path, ["-f", str(plan), "--", "echo"], prefix=prefix)
        try:
            eventually(lambda: "ready: no such file\n" in session.stderr, "the wait")
            session.signal(signo)
            assert session.wait() == 128 + signo
        finally:
            end_all(session.process)
    lines = session.stderr.splitlines()
    assert lines[-1] == f"prehook: ended by {signo.name} in wait"
    eventually(lambda: not running(str(plan)), "the end of all")


def test_web_services(start, tmp_path):
    """Status, headers with variables, and the authority of a plan are those that hold."""
    context, file = self_signed(tmp_path, "localhost")
    plan = """
steps:
- wait:
  - url: https://{{ env.HOST }}/health
    status: [401, 300-399]
    headers: {Authorization: "Bearer {{ env.TOKEN }}", host: api.example, X-Odd: "{{ env.TOKEN }}é"}
    ca: "{{ env.AUTHORITY }}"
"""
    acts = [answer(f"HTTP/1.1 {n} X\r\n\r\n".encode()) for n in (200, 299, 302)]
    with server(*acts, context=context) as found:
        status, lines = start(
            plan, HOST=f"localhost:{found.port}", TOKEN="hunter2", AUTHORITY=str(file)
        ).end()
    assert status == 0
    asked = found.asked[-1].decode().split("\r\n")
    assert asked[0] == "GET /health HTTP/1.1"
    assert {"Host: api.example", "Authorization: Bearer hunter2", "X-Odd: hunter2é"} < set(asked)
    assert sum(line.lower().startswith("host:") for line in asked) == 1
    assert found.names[0] == "localhost"
    assert f"waiting for https://localhost:{found.port}/health: status 200" in lines[0]
    assert "hunter2" not in "".join(lines)


@pytest.mark.parametrize(
    ("plan", "environment", "message"),
    [
        ("tcp://{{ env.DB }}:1", {}, 'environment variable "DB" is not set'),
        ("tcp://{{ env.DB }}:1", {"DB": "a b"}, "a blank or a control character in the URL"),
        ("tcp://{{ env.DB }}:1", {"DB": ""}, "the host is missing"),
        ('"{{ env.DB }}"', {"DB": "redis://u:hunter2@h"}, 'unknown scheme "redis"'),
        ('{url: "{{ env.DB }}", status: 204}', {"DB": "tcp://h:1"}, "are for http and https"),
        ('{url: "{{ env.DB }}", ca: x}', {"DB": "http://h"}, "`ca` is for https, not for http"),
        (
            '{url: "http://{{ env.DB }}", headers: {authorization: x}}',
            {"DB": "u:hunter2@h"},
            "a user in the URL, and a header Authorization",
        ),
        (
            '{url: "http://h", headers: {X: "{{ env.DB }}"}}',
            {"DB": "hunter2\r\nY: z"},
            "the value of the header X has a line break",
        ),
        ('{url: "https://h", ca: "missing.pem"}', {}, '`ca` "missing.pem": no such file'),
        ('{url: "https://h", ca: "prehook.yml"}', {}, "it has no certificate in PEM form"),
    ],
)
def test_what_shows_only_in_the_start(start, plan, environment, message):
    """Where a variable makes a target wrong, the start fails at once and names its place."""
    status, lines = start(f"steps:\n- wait: {plan}\n", **environment).end()
    assert status == 125
    assert lines[0].startswith("prehook: wait: prehook.yml:2: ")
    assert message in lines[0]
    assert "hunter2" not in "".join(lines)


def test_the_time_of_the_whole_start(start):
    """A wait ends with the deadline of the start, and still says what for."""
    status, lines = start("deadline: 300ms\nsteps:\n- wait: file:x\n").end()
    assert status == 124
    assert lines[-1].startswith("prehook: wait: file:x is not there after T: no such file")


def test_waits_are_beside_each_other_in_one_step_and_hold_the_next_back(start, tmp_path):
    """What comes behind a wait begins only when all is there."""
    plan = "steps:\n- wait: [file:a, file:b]\n- run: touch begun\n"
    begun = start(plan, PATH=PATH)
    begun.await_line("prehook: wait: waiting for file:a: no such file")
    begun.await_line("prehook: wait: waiting for file:b: no such file")
    (tmp_path / "a").touch()
    eventually(lambda: any("file:a is there" in line for line in begun.lines))
    assert not (tmp_path / "begun").exists()
    with socket.socket(socket.AF_UNIX) as some:
        some.bind(str(tmp_path / "b"))
    assert begun.end()[0] == 0
    assert (tmp_path / "begun").exists()


def test_a_second_wait_begins_after_the_first(start):
    """One `wait` behind another may need what the first has waited for."""
    acts = [answer(b"HTTP/1.1 503 Busy\r\n\r\n")] * 3
    seen = []

    def note(connection):
        seen.append(len(first.asked))
        return answer()(connection)

    with server(*acts, answer()) as first, server(note) as second:
        plan = f"steps:\n- wait: http://{first.place}/\n- wait: http://{second.place}/\n"
        assert start(plan).end()[0] == 0
    assert seen == [4]
