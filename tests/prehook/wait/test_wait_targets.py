"""Targets that are there, and those that come."""

import base64
import http.server
import re
import select
import socket
import threading

import pytest
from listeners import GOOD, answer, refusing, server, silent
from servers.tls import self_signed
from sessions import eventually


@pytest.fixture
def there(waiting):
    """Wait for targets that are there: nothing is said."""

    def of(*targets, **environment):
        assert waiting("--timeout", "15s", *targets, **environment).end() == (0, [])

    return of


def test_those_that_are_there_are_not_mentioned(there, tmp_path):
    """A port, a web service, a socket, a file and a directory."""
    (tmp_path / "ready").touch()
    unix = {"family": socket.AF_UNIX, "address": str(tmp_path / "db.sock")}
    with silent() as port, server(answer()) as web, server(answer(), **unix):
        there(
            f"tcp://127.0.0.1:{port}",
            f"tcp://localhost:{port}/",
            f"TCP://127.0.0.1:{port}",
            f"http://{web.place}",
            "unix:db.sock",
            f"unix://{tmp_path}/db.sock",
            "file:ready",
            f"file://{tmp_path}/ready",
            f"file:{tmp_path}",
        )


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_sockets_of_other_types(there, tmp_path, kind):
    """A socket for datagrams, such as a log's, is there too."""
    with socket.socket(socket.AF_UNIX, kind) as listener:
        listener.bind(str(tmp_path / "log"))
        if kind == socket.SOCK_SEQPACKET:
            listener.listen()
        there("unix:log")


def test_a_real_web_server(there):
    """Python's own web server is content with what it is asked, and sees no broken connection."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, dict(self.headers)))
            self.send_response(200)
            self.send_header("Content-Length", "40000")
            self.end_headers()
            # Who closes without having read the rest is seen here, and the next writes fail
            select.select([self.connection], [], [], 0.3)
            for _ in range(4):
                self.wfile.write(b"x" * 10_000)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = False  # its end awaits theirs

        def handle_error(self, *_):
            seen.append("error")

    with Server(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        place = f"127.0.0.1:{web.server_port}"
        try:
            there(f"http://{place}/health?deep=1&key=k%20y#top")
        finally:
            web.shutdown()
            thread.join()
    headers = {"Host": place, "User-Agent": "prehook", "Accept": "*/*", "Connection": "close"}
    assert seen == [("/health?deep=1&key=k%20y", headers)]


def test_user_and_password_are_sent(there):
    """Those in the URL become basic authentication, decoded."""
    with server(answer()) as found:
        there(f"http://us%65r:p%40ss%C3%A9:w@{found.place}/")
    sent = re.search(rb"\r\nAuthorization: Basic (\S+)\r\n", found.asked[0])[1]
    assert base64.b64decode(sent) == "user:p@ssé:w".encode()


def test_paths_beyond_ascii(there):
    """What is not ASCII in a URL is sent as the %XX of its bytes."""
    with server(answer()) as found:
        there(f"http://{found.place}/gesund/é?ß")
    assert found.asked[0].startswith(b"GET /gesund/%C3%A9?%C3%9F HTTP/1.1\r\n")


def test_interim_answers_are_passed_over(there):
    """What only announces an answer is none."""
    with server(answer(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + GOOD)) as found:
        there(f"http://{found.place}/")


def test_no_proxy_is_asked(there):
    """A proxy in the environment is for what leaves the network, not for what is waited for."""
    with refusing() as port, server(answer()) as found:
        proxy = f"http://127.0.0.1:{port}"
        there(f"http://{found.place}/", http_proxy=proxy, HTTP_PROXY=proxy, all_proxy=proxy)


@pytest.mark.parametrize(("host", "name"), [("localhost", "localhost"), ("127.0.0.1", None)])
def test_secured(there, tmp_path, host, name):
    """The certificate is checked for the host of the URL, whose name is told the server (SNI)."""
    context, file = self_signed(tmp_path, host)
    with server(answer(), context=context) as found:
        there(f"https://{host}:{found.port}/", SSL_CERT_FILE=str(file))
    assert found.names == [name]


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="needs ::1")
def test_ipv6(there):
    """An address in brackets is one of IPv6, and stands so in Host."""
    with server(answer(), family=socket.AF_INET6, address=("::1", 0)) as found:
        there(f"tcp://[::1]:{found.port}", f"http://[::1]:{found.port}/")
    asked = next(filter(None, found.asked))
    assert f"\r\nHost: [::1]:{found.port}\r\n".encode() in asked


def test_one_that_comes(waiting, tmp_path):
    """It is said once what is waited for, once for each new reason, and when it is there."""
    begun = waiting("--timeout", "20s", "unix:db.sock")
    begun.await_line("prehook-wait: waiting for unix:db.sock: no such file")
    (tmp_path / "db.sock").touch()
    begun.await_line("prehook-wait: waiting for unix:db.sock: not a socket")
    (tmp_path / "db.sock").unlink()
    with server(answer(), family=socket.AF_UNIX, address=str(tmp_path / "db.sock")):
        status, lines = begun.end()
    assert status == 0
    assert lines[2:] == ["prehook-wait: unix:db.sock is there after T"]


def test_a_reason_that_comes_back_is_not_said_again(waiting):
    """A service that changes between two reasons does not fill the log."""
    acts = [answer(f"HTTP/1.1 50{n % 2} No\r\n\r\n".encode()) for n in range(5)]
    with server(*acts, answer()) as found:
        status, lines = waiting("--timeout", "20s", f"http://{found.place}/").end()
    assert (status, len(found.asked)) == (0, 6)
    assert [line.rpartition(": ")[2] for line in lines[:2]] == ["status 500", "status 501"]
    assert len(lines) == 3


def test_all_at_once(waiting):
    """Services that answer only when all have been asked are there: none waits for another."""
    count = 40
    barrier = threading.Barrier(count)
    give = answer()

    def together(connection):
        barrier.wait(15)
        return give(connection)

    with server(together) as found:
        targets = [f"http://{found.place}/{number}" for number in range(count)]
        assert waiting("--timeout", "15s", *targets).end() == (0, [])
    assert len(found.asked) == count


def test_the_first_to_come_is_said_first(waiting, tmp_path):
    """One that is there is said to be so while others are not."""
    begun = waiting("--timeout", "20s", "file:late", "file:early")
    begun.await_line("prehook-wait: waiting for file:late: no such file")
    begun.await_line("prehook-wait: waiting for file:early: no such file")
    (tmp_path / "early").touch()
    eventually(lambda: any("file:early is there" in line for line in begun.lines))
    assert not any("file:late is there" in line for line in begun.lines)
    (tmp_path / "late").touch()
    assert begun.end()[0] == 0
    assert "file:late is there" in begun.lines[-1]


def test_what_has_been_there_may_go(waiting, tmp_path):
    """Each target has to be there once, not all of them at one moment."""
    begun = waiting("--timeout", "20s", "file:one", "file:two")
    begun.await_line("prehook-wait: waiting for file:one: no such file")
    begun.await_line("prehook-wait: waiting for file:two: no such file")
    (tmp_path / "one").touch()
    eventually(lambda: any("file:one is there" in line for line in begun.lines))
    (tmp_path / "one").unlink()
    (tmp_path / "two").touch()
    assert begun.end()[0] == 0
