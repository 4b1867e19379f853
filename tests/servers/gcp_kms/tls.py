"""TLS in front of the emulator, with a certificate that nobody trusts unless told to."""

import contextlib
import datetime as dt
import socket
import socketserver
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

HOST = "localhost"


def certificate(folder):
    """Make a certificate for localhost; return the names of its file and of its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@contextlib.contextmanager
def front(target, folder):
    """Run TLS in front of a port of this machine; yield its URL and the certificate's file."""
    cert, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
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
