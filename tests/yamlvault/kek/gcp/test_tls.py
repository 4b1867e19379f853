"""TLS: what both clients trust, and what they send to what they don't."""

import os
import subprocess
import sys

import pytest
from servers.gcp_kms.tls import front

from yamlvault.errors import KEKUnreachableError

CODE = """
import os, sys
from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.kek import kek_of

told = []
keyring = Keyring(tell=told.append)
kek = kek_of(sys.argv[1], keyring)
stanza = kek.wrap(bytes(range(32)), {"a": "1"}, Deadline(30))
assert kek.unwrap(stanza, Deadline(30)) == bytes(range(32))
pid = os.fork()
if not pid:
    os._exit(kek.unwrap(stanza, Deadline(30)) != bytes(range(32)))
assert os.waitpid(pid, 0)[1] == 0, told
assert kek.unwrap(stanza, Deadline(30)) == bytes(range(32))
"""


@pytest.fixture
def secure(place, monkeypatch, tmp_path):
    """Put TLS in front of a place; return the certificate's file."""
    port = int(place.server.host.rpartition(":")[2])
    with front(port, tmp_path) as (url, certificate):
        monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", url)
        yield certificate


def test_a_certificate_that_is_not_trusted(place, secure):
    """TLS fails, and the service gets neither token nor data key."""
    with pytest.raises(KEKUnreachableError, match="certificate is not trusted, or TLS") as caught:
        place.wrap(seconds=10)
    assert "CA certificates" in caught.value.hint
    assert place.asked() == []


@pytest.mark.parametrize("kind", ["service_account", "authorized_user"])
def test_a_certificate_that_is_trusted(place, secure, client, kind):
    """Both go over TLS, with credentials of each kind and in a forked child too."""
    file = place.server.credentials_file(place.principal, place.folder, kind)
    environment = {
        **os.environ,
        "GOOGLE_APPLICATION_CREDENTIALS": file,
        "SSL_CERT_FILE": secure,
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": secure,
        "REQUESTS_CA_BUNDLE": secure,
    }
    subprocess.run(
        [sys.executable, "-P", "-c", CODE, place.uri], env=environment, check=True, timeout=90
    )
    asked = place.server.requests("Encrypt", "Decrypt")
    assert [one["operation"] for one in asked] == ["Encrypt", "Decrypt", "Decrypt", "Decrypt"]
    grpc_after_a_fork = ["grpc", "grpc", "rest", "grpc"]
    assert [one["transport"] for one in asked] == {
        "light": ["rest"] * 4,
        "sdk": grpc_after_a_fork,
    }[client]
    assert {one["principal"] for one in asked} == {place.principal}
    if (client, kind) == ("sdk", "service_account"):
        assert place.server.requests("token") == []  # it signs its tokens itself


def test_the_name_in_a_certificate(place, secure, monkeypatch):
    """A certificate for another name is not taken, trusted or not."""
    url = os.environ["YAMLVAULT_GCP_KMS_ENDPOINT"].replace("localhost", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", secure)
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", url)
    with pytest.raises(KEKUnreachableError):
        place.wrap(seconds=10)
    assert place.asked() == []
