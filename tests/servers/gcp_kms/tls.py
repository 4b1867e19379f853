"""TLS in front of the emulator, with a certificate that nobody trusts unless told to."""

import contextlib
import socket
import socketserver
import threading

from servers.tls import self_signed

HOST = "localhost"


@contextlib.contextmanager
def front(target, folder):
    """Run TLS in front of a port of this machine; yield its URL and the certificate's file."""
    context, cert = self_signed(folder, HOST)
    context.set_alpn_protocols(["h2", "http/1.1"])  # gRPC wants to see the first

    class Connection(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                near = context.wrap_socket(self.request, server_side=True)
                with socket.create_connection(("127.0.0.1", target)) as far:
                    back = threading.Thread(target=copy, args=(far, near), daemon=True)
                    back.start()
                    copy(near, far)
                    back.join()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection)
    server.daemon_threads = True
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://{HOST}:{server.server_address[1]}", str(cert)
        server.shutdown()


def copy(source, target):
    """Copy bytes until there are no more."""
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError, ValueError):
            one.shutdown(socket.SHUT_RDWR)
