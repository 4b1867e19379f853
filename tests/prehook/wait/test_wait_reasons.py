"""Why a target is not there: each reason, from what really happens."""

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import listeners
import pytest
from listeners import WAIT, answer, dropping, refusing, server, silent
from servers.tls import self_signed


def test_refused(reason):
    """A port that nobody listens at refuses."""
    with refusing() as port:
        assert reason(f"tcp://127.0.0.1:{port}") == "connection refused"
        assert reason(f"http://127.0.0.1:{port}/") == "connection refused"


def test_timed_out(last_reason):
    """A connection that is never taken times out."""
    with dropping() as port:
        assert last_reason(f"tcp://127.0.0.1:{port}") == "timed out"


def test_name_that_is_not_known(reason):
    """A name that can never be there (RFC 6761) is no host; without a network nobody can tell."""
    found = reason("tcp://prehook.invalid:1")
    assert found in ("no such host", "the name server does not answer")


@pytest.mark.parametrize("status", ["503 Busy", "404 ", "301 Moved"])
def test_other_status(reason, status):
    """A status that does not count is named."""
    with server(answer(f"HTTP/1.1 {status}\r\n\r\n".encode())) as found:
        assert reason(f"http://{found.place}/") == "status " + status[:3]


def test_redirect_has_a_hint(waiting):
    """It is said that redirects are not followed."""
    with server(answer(b"HTTP/1.0 302 Found\r\nLocation: /there\r\n\r\n")) as found:
        _, lines = waiting("--timeout", "2s", f"http://{found.place}/").end()
    assert lines[-1].startswith("hint: redirects are not followed")
    assert {one.split()[1] for one in found.asked} == {b"/"}


def test_reset(reason):
    """A connection that is reset is told apart from one that is refused."""
    with server(listeners.reset) as found:
        assert reason(f"http://{found.place}/") == "connection reset"


def test_closed(reason):
    """So is one that is closed without an answer."""
    with server(listeners.close) as found:
        assert reason(f"http://{found.place}/") == "connection closed without an answer"


def test_no_answer(last_reason):
    """And one on which no answer comes."""
    with silent() as port:
        assert last_reason(f"http://127.0.0.1:{port}/") == "connected, but no answer in time"


def test_an_answer_without_end_has_a_limit(waiting):
    """An answer that goes on for ever without a status does not hold the wait: it asks again."""

    def drip(connection):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n")
        while True:
            connection.sendall(b"Link: </a.css>\r\n")
            time.sleep(0.05)

    with server(drip, answer()) as found:
        status, lines = waiting("--timeout", "20s", f"http://{found.place}/").end()
    assert status == 0
    assert lines[0].endswith(": connected, but no answer in time")


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n", b"HTTP/"])
def test_no_http(reason, data):
    """What answers otherwise than HTTP does not count."""
    with server(answer(data)) as found:
        assert reason(f"http://{found.place}/") == "what answers does not speak HTTP"


def test_certificate_of_nobody(reason, tmp_path):
    """A certificate that no authority has signed is not trusted."""
    context, _ = self_signed(tmp_path)
    with server(answer(), context=context) as found:
        expected = "certificate not trusted: it is self-signed"
        assert reason(f"https://{found.place}/") == expected


@pytest.mark.parametrize(
    ("host", "asked", "days", "fault"),
    [
        ("127.0.0.1", "127.0.0.1", -0.5, "it has expired"),
        ("db.example", "localhost", 1, "it is for another host"),
        ("127.0.0.2", "127.0.0.1", 1, "it is for another address"),
    ],
)
def test_certificate_that_is_wrong(reason, tmp_path, host, asked, days, fault):
    """A certificate of a trusted authority has to be valid, and for this host."""
    context, file = self_signed(tmp_path, host, days)
    with server(answer(), context=context) as found:
        url = f"https://{asked}:{found.port}/"
        assert reason(url, SSL_CERT_FILE=str(file)) == f"certificate not trusted: {fault}"


def test_no_tls(reason):
    """A port without TLS says so."""
    with server(lambda connection: connection.sendall(b"220 mail\r\n")) as found:
        assert reason(f"https://{found.place}/") == "what answers does not speak TLS"


def test_tls_that_never_ends(last_reason):
    """A handshake that nobody answers ends with the time."""
    with silent() as port:
        expected = "connected, but timed out in the TLS handshake"
        assert last_reason(f"https://127.0.0.1:{port}/") == expected


def test_tls_that_is_closed(reason):
    """So does one that is closed."""
    with server(listeners.close) as found:
        assert reason(f"https://{found.place}/") in (
            "TLS connection closed without an answer",
            "connection reset",
        )


def test_sockets_that_are_not(reason, tmp_path):
    """No file, a file, and a socket that nobody listens at are three things."""
    assert reason("unix:db.sock") == "no such file"
    (tmp_path / "db.sock").touch()
    assert reason("unix:db.sock") == "not a socket"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "left.sock"))
    assert reason(f"unix://{tmp_path}/left.sock") == "connection refused"


def test_socket_with_a_full_queue(reason, tmp_path):
    """A socket that takes no more connections says so."""
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as queued:
        listener.bind(str(tmp_path / "full.sock"))
        listener.listen(0)
        queued.connect(str(tmp_path / "full.sock"))
        assert reason("unix:full.sock") == "its queue of connections is full"


def test_files_that_are_not(reason, tmp_path):
    """A file that is missing, a link to nothing, a circle, and a path through a file."""
    (tmp_path / "plain").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    assert reason("file:ready") == "no such file"
    assert reason(f"file://{tmp_path}/dangling") == "a symbolic link to what is not there"
    assert reason("file:circle") == "symbolic links lead in a circle"
    assert reason("file:plain/ready") == "a part of its path is not a directory"


def test_path_that_may_not_be_looked_at():
    """Permission denied is not the same as missing."""
    prefix = ["setpriv", "--reuid", "64321", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "closed").mkdir(mode=0)
        done = subprocess.run(
            [*prefix, WAIT, "--timeout", "300ms", f"file:{folder}/closed/ready"],
            capture_output=True,
            check=False,
            timeout=30,
        )
    assert done.stderr.splitlines()[-1].endswith(b": permission denied")
