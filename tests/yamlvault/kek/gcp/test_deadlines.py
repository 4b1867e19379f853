"""The deadline holds, whoever hangs: the service, a token endpoint, the metadata server."""

import shutil
import ssl
import subprocess
import threading
import time

import pytest

from yamlvault.errors import KEKError, KEKUnreachableError

from .conftest import DATA_KEY

GENEROUS = 30  # seconds: far from the deadlines of these tests, and from what the hangs take


@pytest.fixture
def held():
    """Check that a test ends long before what hangs would."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < GENEROUS


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_header"])
def test_a_service_that_hangs(place, held, fault):
    """An answer that does not come, or comes byte by byte, ends at the deadline."""
    stanza = place.wrap()
    place.server.fault(fault, "Decrypt", times=9)
    with pytest.raises(KEKUnreachableError, match="no answer within the deadline"):
        place.unwrap(stanza, seconds=0.7)


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_header"])
@pytest.mark.parametrize("kind", ["service_account", "authorized_user", "external_account"])
def test_a_token_endpoint_that_hangs(place, monkeypatch, held, fault, kind):
    """It is within the same deadline."""
    file = place.server.credentials_file(place.principal, place.folder, kind)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
    place.server.fault(fault, "token", times=9)
    with pytest.raises(KEKUnreachableError, match="no answer within the deadline"):
        place.wrap(seconds=0.7)
    assert place.asked() == []


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_metadata_server_that_hangs(light_place, monkeypatch, held, fault):
    """It is within the same deadline."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("GCE_METADATA_HOST", light_place.server.host)
    light_place.server.set_metadata_principal(light_place.principal)
    light_place.server.fault(fault, "metadata", times=9)
    with pytest.raises(KEKUnreachableError):
        light_place.wrap(seconds=0.7)


def test_after_a_deadline(place, held):
    """What was left behind does not stand in the way of the next call."""
    keyring = place.keyring()
    stanza = place.wrap(keyring=keyring)
    place.server.fault("hang", "Decrypt")
    with pytest.raises(KEKUnreachableError):
        place.unwrap(stanza, keyring, seconds=0.7)
    assert place.unwrap(stanza, keyring) == DATA_KEY


def test_a_deadline_that_has_passed(place, held):
    """Nothing is waited for any more."""
    with pytest.raises(KEKUnreachableError):
        place.wrap(seconds=0)


@pytest.fixture
def self_signed(tmp_path):
    """Return the port of a TLS server whose certificate nobody trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    import socketserver

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    seen = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                with context.wrap_socket(self.request, server_side=True) as stream:
                    seen.append(stream.recv(65536))
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
    assert not any(b"ya29" in data or b"plaintext" in data for data in seen)


def test_a_certificate_that_is_not_trusted(place, monkeypatch, self_signed):
    """TLS fails, and nothing was sent: neither token nor data key."""
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", f"https://localhost:{self_signed}")
    with pytest.raises(KEKError, match="certificate is not trusted, or TLS failed") as caught:
        place.wrap(seconds=10)
    assert "CA certificates" in caught.value.hint
