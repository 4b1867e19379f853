import json
import os
import re
import subprocess

import pytest
from sessions import PREHOOK, run


def objects(result):
    return [json.loads(line) for line in result.stderr.decode().splitlines()]


@pytest.mark.parametrize(
    ("options", "environment"), [(["--log", "json"], {}), ([], {"PREHOOK_LOG": "json"})]
)
def test_lines_as_json(options, environment):
    """Each line is an object with time, level, event, step, seconds and message."""
    chain = [*options, "-v", "--name", "one", "true", "--", "prehook", "false", "--", "true"]
    found = objects(run(*chain, env={**os.environ, **environment}))
    assert [one["event"] for one in found] == ["started", "ok", "started", "failed"]
    assert [one["step"] for one in found] == ["one", "one", "hook 2", "hook 2"]
    assert [one["level"] for one in found] == ["debug", "info", "debug", "error"]
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"]) for one in found
    )
    assert all(one["logger"] == "prehook" for one in found)
    assert isinstance(found[1]["seconds"], float)
    assert found[3]["message"] == 'hook 2: "false": exited with status 1; "true" is not started'


def test_json_of_errors_of_our_own():
    """Wrong usage and what can't be run are objects as well, with the hint apart."""
    (found,) = objects(run("--log", "json", "--timeout=1s", "nosuch", "--", "true"))
    assert (found["level"], found["event"]) == ("error", "failed")
    assert found["hint"].startswith("check the spelling")
    (found,) = objects(run("--nosuch", env={"PREHOOK_LOG": "json", "PATH": os.environ["PATH"]}))
    assert found["message"] == "unknown option --nosuch"


def test_json_of_bytes_that_are_not_utf_8():
    """A name that is not UTF-8 does not make a line that is not JSON."""
    (found,) = objects(run("--log", "json", b"/nosuch/\xff", "--", "true"))
    assert "\ufffd" in found["message"]


def test_skipped_and_retried_are_events():
    """What was left out, and what is tried again, can be counted by a collector."""
    chain = ["--log=json", "--if", "NOSUCH", "true", "--", "prehook", "--retries=1"]
    found = objects(run(*chain, "--backoff=1ms", "false", "--", "true"))
    assert [one["event"] for one in found] == ["skipped", "retry", "failed"]


def test_long_running_hook_is_named():
    """After ten seconds a line says what is being waited for: no start hangs in silence."""
    result = run("--timeout", "10500ms", "sleep 60", "--", "true")
    lines = result.stderr.decode().splitlines()
    assert lines[0] == 'prehook: hook 1: "sleep": still running after 10 s'
    assert len(lines) == 2


def test_closed_stderr_stops_nothing():
    """A start whose stderr is closed, or full, goes on."""
    for redirection in ("2>&-", "2>/dev/full"):
        script = f"{PREHOOK} true -- echo CMD {redirection}"
        result = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
        assert result.stdout == b"CMD\n"
