"""Servers on loopback, each with what it does to who connects."""

import contextlib
import socket
import struct
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TIMEOUT = 30
WAIT = str(Path(sys.executable).parent / "prehook-wait")


def answer(data=GOOD):
    """Read a request and send an answer; return what was asked."""

    def act(connection):
        asked = b""
        while b"\r\n\r\n" not in asked:
            part = connection.recv(4096)
            if not part:
                return asked
            asked += part
        connection.sendall(data)
        return asked

    return act


def reset(connection):
    """Close with a RST, after the first byte."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(connection):
    """Close in good order, after the request."""
    connection.recv(4096)


@contextlib.contextmanager
def server(*acts, context=None, family=socket.AF_INET, address=("127.0.0.1", 0)):
    """Serve connections in the order they come: each by the next of the acts, or by the last.

    Yields:
        The port, the URL's end `127.0.0.1:PORT`, and what each connection's act has returned.
    """
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen()
    found = SimpleNamespace(asked=[], names=[], port=0, place="")
    if family != socket.AF_UNIX:
        found.port = listener.getsockname()[1]
        found.place = f"127.0.0.1:{found.port}"
    if context:
        context.sni_callback = lambda _, name, __: found.names.append(name)
    remaining = list(acts)

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            act = remaining.pop(0) if len(remaining) > 1 else remaining[0]
            threading.Thread(target=attend, args=(connection, act), daemon=True).start()

    def attend(connection, act):
        connection.settimeout(TIMEOUT)
        try:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            found.asked.append(act(connection))
        except OSError:  # the client went away: that is what some tests are about
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        with contextlib.suppress(OSError):  # wakes accept
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(TIMEOUT)


@contextlib.contextmanager
def silent():
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@contextlib.contextmanager
def refusing():
    """A port that nobody listens at, and that nobody else gets meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@contextlib.contextmanager
def dropping():
    """A port whose queue is full: the kernel drops what comes (tcp(7), backlog)."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            queued = stack.enter_context(socket.socket())
            queued.setblocking(False)  # noqa: FBT003
            queued.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
