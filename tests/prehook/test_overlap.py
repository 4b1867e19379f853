"""Steps that only wait for the network run beside each other."""

import os
import socket

import pytest
from sessions import DEADLINE, eventually, run, running

import yamlvault

PLAN = """\
steps:
  - {name: one, secrets: {file: one.yml, as: one, fd: ONE}}
  - {name: two, secrets: {file: two.yml, as: two, fd: TWO}}
"""


@pytest.fixture
def service():
    """A key service that has not said anything yet."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        yield server


@pytest.fixture
def place(tmp_path, moto, service, monkeypatch):
    """A plan with two files that a key service has to open."""
    for name in ("one", "two"):
        data = yamlvault.encrypt(f"a: {name}-hunter2\n", keks=[f"aws-kms:{moto.key()}"])
        (tmp_path / f"{name}.yml").write_bytes(data)
    (tmp_path / "plan.yml").write_text(PLAN)
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{service.getsockname()[1]}")
    return tmp_path


def begin(start, place, **options):
    return start("-f", "plan.yml", "--", "echo", "CMD", cwd=place, **options)


def test_both_ask_at_once(start, place, service):
    """The second asks before the first has had an answer; a failure of one ends the other."""
    session = begin(start, place)
    first, _ = service.accept()
    second, _ = service.accept()  # sequential steps would let this one time out
    with first, second:
        first.recv(1)
        first.sendall(b"HTTP/1.1 400 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        first.shutdown(socket.SHUT_WR)
        assert session.wait() == 125
    assert session.lines == []
    assert "is not started" in session.stderr
    assert session.stderr.count("is not started") == 1
    eventually(lambda: not running(str(place)), "no process left")


def test_term_ends_both(start, place, service, prefix):
    """TERM reaches each of them, and nothing is left."""
    session = begin(start, place, prefix=prefix)
    with service.accept()[0], service.accept()[0]:
        session.signal(15)
        assert session.wait() == 143
    assert "ended by SIGTERM in one, two" in session.stderr
    assert session.lines == []


def test_lines_come_in_the_order_of_the_plan(tmp_path, identity, recipient):
    """What the second says is kept back until the first is over, however fast it was."""
    (tmp_path / "identity.txt").write_text(identity)
    (tmp_path / "one.yml").write_bytes(yamlvault.encrypt("a: hunter2\n", keks=[recipient]))
    with socket.socket() as refused:  # bound, and nobody listens
        refused.bind(("127.0.0.1", 0))
        target = f"tcp://127.0.0.1:{refused.getsockname()[1]}"
        (tmp_path / "plan.yml").write_text(
            "steps:\n"
            "  - {name: missing, optional: true, retries: 1, backoff: 300ms, secrets: nosuch.yml}\n"
            "  - {name: quick, secrets: {file: one.yml, as: b, fd: B}}\n"
            f"  - {{name: service, optional: true, timeout: 500ms, wait: '{target}'}}\n"
        )
        environment = {**os.environ, "YAMLVAULT_AGE_KEY_FILE": "identity.txt"}
        result = run("-f", "plan.yml", "--", "true", cwd=tmp_path, env=environment)
    assert result.returncode == 0, result.stderr
    names = [
        line.split(":")[1].strip()
        for line in result.stderr.decode().splitlines()
        if not line.startswith("hint")
    ]
    assert names == ["missing", "missing", "quick", "service", "service"]
