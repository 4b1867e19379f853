"""The emulator's process: it prints its port and ends when its standard input does.

Both protocols share a port: what begins as HTTP/2 does is passed on to the gRPC server, the rest
is HTTP/1.1.
"""

import contextlib
import os
import socket
import socketserver
import sys
import threading

from . import grpc_face
from .rest import Rest
from .state import State

PREFACE = b"PRI"  # RFC 9113, 3.4


class Server(socketserver.ThreadingTCPServer):
    """The one port."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, request, client_address):
        """Say nothing: clients that go away are what the tests are about."""


def main():
    state = State()
    grpc_server, grpc_port = grpc_face.start(state)
    rest = type("Handler", (Rest,), {"state": state})

    class Connection(socketserver.BaseRequestHandler):
        def handle(self):
            if self.request.recv(3, socket.MSG_PEEK) == PREFACE:
                pass_on(self.request, grpc_port)
            else:
                rest(self.request, self.client_address, self.server)

    with Server(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        sys.stdin.read()
    grpc_server.stop(0)
    os._exit(0)  # whatever still hangs on purpose


def pass_on(near, port):
    """Copy bytes both ways until one side has no more."""
    with socket.create_connection(("127.0.0.1", port)) as far:
        back = threading.Thread(target=copy, args=(far, near), daemon=True)
        back.start()
        copy(near, far)
        back.join()


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


main()
