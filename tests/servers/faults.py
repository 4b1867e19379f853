"""A server that answers as it is told: errors, lies, silence."""

import base64
import contextlib
import json
import os
import socket
import struct
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from xml.sax.saxutils import escape


class Faults:
    """An HTTP server, and what it does with the requests to come.

    Attributes:
        url: Its URL.
        seen: The operations that it was asked for (`Decrypt`, or `GET /path`).
        connections: How many were made.
        clock: How far its clock is ahead; requests signed by another one it refuses.
        before: What is called before the next requests are answered, one for each of them.
    """

    def __init__(self, tls=None):
        self.seen = []
        self.connections = 0
        self.clock = timedelta()
        self.before = []
        self._acts = [error("AccessDeniedException")]
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.faults = self
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def do(self, *acts):
        """Do these one after the other, and the last of them ever after."""
        self._acts = list(acts)

    def next_act(self):
        return self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]

    def wait(self, seconds):
        """Wait, but no longer than the server lives; tell whether it does."""
        return not self._released.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.faults.connections += 1

    def handle_one_request(self):
        with contextlib.suppress(OSError):  # the client went away
            super().handle_one_request()
            return
        self.close_connection = True

    def handle_any(self):
        faults = self.server.faults
        target = self.headers.get("X-Amz-Target", "")
        faults.seen.append(target.rpartition(".")[2] or f"{self.command} {self.path}")
        length = int(self.headers.get("Content-Length") or 0)
        self.request_body = self.rfile.read(length)
        if faults.before:
            faults.before.pop()()
        if faults.clock and not self.is_signed_now():
            error("InvalidSignatureException", "Signature expired: canonical-marker")(self)
        else:
            faults.next_act()(self)

    do_GET = do_PUT = do_POST = handle_any  # noqa: N815  names of the base class

    def is_signed_now(self):
        """Tell whether the signature is of about the time that the server takes for now."""
        signed = datetime.strptime(self.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return abs(signed - self.now()) < timedelta(minutes=5)

    def now(self):
        return datetime.now(UTC) + self.server.faults.clock

    def date_time_string(self, timestamp=None):
        return format_datetime(self.now(), usegmt=True)

    def answer(self, body, status=200, headers=()):
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def error(code, message="", status=400, *, in_header=False):
    """Return what answers with an error of KMS; its code in the body or only in a header."""

    def act(handler):
        fields = {"message": message} if in_header else {"__type": code, "message": message}
        headers = [("x-amzn-ErrorType", f"{code}:http://x/")] if in_header else []
        handler.answer(json.dumps(fields).encode(), status, headers)

    return act


def give(**fields):
    """Return what answers with fields; bytes become base64."""
    texts = {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in fields.items()
    }
    return send(json.dumps(texts).encode())


def send(body, status=200):
    """Return what answers with a body as it is."""
    return lambda handler: handler.answer(body, status)


def forward(url):
    """Return what asks another server, and answers as that does."""
    place = urlsplit(url).netloc

    def act(handler):
        connection = HTTPConnection(place, timeout=60)
        headers = dict(handler.headers) | {"Host": place}
        connection.request(handler.command, handler.path, handler.request_body, headers)
        answer = connection.getresponse()
        handler.answer(answer.read(), answer.status)
        connection.close()

    return act


def hang(handler):
    """Say nothing."""
    handler.server.faults.wait(600)


def drip(handler):
    """Send a byte now and then: no timeout for a single read ever passes."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(1000):
        if not handler.server.faults.wait(0.05):
            break
        handler.wfile.write(b" ")
        handler.wfile.flush()


def close(handler):
    """Close the connection without an answer."""
    handler.close_connection = True


def close_early(handler):
    """Close the connection in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"KeyId"')
    handler.close_connection = True


def reset(handler):
    """Reset the connection in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.wfile.flush()
    linger = struct.pack("ii", 1, 0)  # on, for no time: what is closed is reset
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    os.close(handler.connection.detach())  # before the server says goodbye
    handler.close_connection = True


def s3_error(code, message="", status=400, headers=(), **fields):
    """Return what answers with an error of S3: its code in XML."""
    fields = {"Code": code, "Message": message, **fields}
    parts = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{parts}</Error>'.encode()
    return lambda handler: handler.answer(body, status, headers)


def slowly(seconds, act):
    """Return what does something after a while."""

    def later(handler):
        time.sleep(seconds)
        act(handler)

    return later
