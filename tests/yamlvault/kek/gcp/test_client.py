"""Which client asks, and what it is asked with."""

import os
import socketserver
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from yamlvault.errors import KEKError, KEKUnreachableError

from .conftest import DATA_KEY

CHOICE = "YAMLVAULT_KMS_CLIENT"


def client_told(place):
    [line] = {one for one in place.told if one.startswith("Cloud KMS is asked by")}
    return line.removeprefix("Cloud KMS is asked by ")


def test_the_light_client_is_the_default(new_place):
    """Where nothing asks for more, it does."""
    place = new_place()
    place.wrap()
    assert client_told(place) == "the light client"


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("GOOGLE_API_USE_CLIENT_CERTIFICATE", "true", "client certificates are configured"),
        ("GOOGLE_API_USE_MTLS_ENDPOINT", "always", "client certificates are configured"),
        ("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "example.cloud", "the universe is example.cloud"),
    ],
)
def test_what_only_googles_client_can_do(new_place, monkeypatch, variable, value, reason):
    """It is chosen, with the reason told, and not where the light one is forced."""
    place = new_place()
    monkeypatch.setenv(variable, value)
    with suppress(KEKError):  # there is no such proxy, nor such a universe
        place.wrap(seconds=2)
    assert client_told(place) == f"google-cloud-kms: {reason}"
    place.told.clear()
    monkeypatch.setenv(CHOICE, "light")
    assert place.unwrap(place.wrap()) == DATA_KEY
    assert client_told(place) == "the light client"


@pytest.fixture
def proxy():
    """Return a proxy that refuses to connect to anything, and what it was asked."""
    asked = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            asked.append(self.rfile.readline().decode())
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy(new_place, monkeypatch, proxy, variable):
    """It is asked for the service's host, whichever way the variable is spelled."""
    place = new_place()
    url, asked = proxy
    monkeypatch.setenv(variable, url)
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", "https://kms.example.test")
    with pytest.raises(KEKUnreachableError, match="the service can't be reached"):
        place.wrap(seconds=3)
    assert client_told(place) == "google-cloud-kms: a proxy is configured"
    assert set(asked) == {"CONNECT kms.example.test:443 HTTP/1.1\r\n"} or set(asked) == {
        "CONNECT kms.example.test:443 HTTP/1.0\r\n"
    }


@pytest.mark.parametrize("client_by_name", ["light", "sdk"])
def test_no_proxy_gets_an_emulators_token(new_place, monkeypatch, proxy, client_by_name):
    """What goes to this machine in plaintext goes there directly."""
    place = new_place()
    url, asked = proxy
    stanza = place.wrap()
    token_uri = f"{place.server.endpoint}/token".replace("127.0.0.1", "localhost")
    file = place.server.credentials_file(place.principal, place.folder, token_uri=token_uri)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
    monkeypatch.setenv("no_proxy", "localhost")  # google-auth asks for tokens as others do
    for variable in ("http_proxy", "https_proxy", "grpc_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, url)
    monkeypatch.setenv(CHOICE, client_by_name)
    assert place.unwrap(stanza) == DATA_KEY
    assert asked == []


@pytest.mark.parametrize("value", ["kms.example.test", ".example.test", "*"])
def test_a_host_that_no_proxy_stands_in_front_of(new_place, monkeypatch, proxy, value):
    """no_proxy keeps the light client."""
    place = new_place()
    url, asked = proxy
    monkeypatch.setenv("https_proxy", url)
    monkeypatch.setenv("no_proxy", value)
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", "https://kms.example.test")
    with pytest.raises(KEKUnreachableError, match="can't be reached"):
        place.wrap(seconds=3)
    assert client_told(place) == "the light client"
    assert asked == []


def test_a_universe_in_the_credentials(new_place, monkeypatch):
    """A service account of another universe is for Google's client, at that universe's host."""
    place = new_place()
    file = place.server.credentials_file(
        place.principal, place.folder, universe_domain="cloud.example.test"
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
    monkeypatch.delenv("YAMLVAULT_GCP_KMS_ENDPOINT")
    with pytest.raises(KEKUnreachableError, match=r"cloudkms\.cloud\.example\.test"):
        place.wrap(seconds=3)
    assert client_told(place) == "google-cloud-kms: the universe is cloud.example.test"


def test_another_choice(new_place, monkeypatch):
    """What is no client is refused."""
    place = new_place()
    monkeypatch.setenv(CHOICE, "heavy")
    with pytest.raises(KEKError, match=f"{CHOICE} is 'heavy'") as caught:
        place.wrap()
    assert caught.value.hint == "known are light, sdk"


@pytest.mark.parametrize(
    ("missing", "environment", "works"),
    [
        ("google", {}, False),
        ("google_crc32c", {}, False),
        ("google.cloud", {}, True),
        ("google.cloud", {CHOICE: "sdk"}, False),
        ("grpc", {}, True),
        ("google.auth", {}, True),
    ],
)
def test_what_is_not_installed(new_place, missing, environment, works):
    """The light client needs one package; where one lacks, the hint says what to install."""
    place = new_place()
    # None in sys.modules is how the import system says that a module is not there
    hide = "import sys; sys.modules[sys.argv[1]] = None\n"
    if missing == "google":
        hide += "sys.modules['google_crc32c'] = None\n"
    code = hide + (
        "import yamlvault\n"
        "try: yamlvault.encrypt(b'a: 1', keks=[sys.argv[2]])\n"
        "except yamlvault.KEKError as error: print(error, error.hint)\n"
        "else: print('done')"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, missing, place.uri],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    if works:
        assert done.stdout == "done\n"
    else:
        assert "is not installed pip install 'prehook-toolkit[gcp]'" in done.stdout


@pytest.mark.parametrize("parents", ["light", "sdk"])
def test_after_a_fork(client, parents, new_place):
    """A child asks with connections of its own, and the parent's go on."""
    place = new_place()
    code = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r} + "/../../..")
from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.kek import kek_of
keyring = Keyring()
kek = kek_of(sys.argv[1], keyring)
os.environ["{CHOICE}"] = "{parents}"
stanza = kek.wrap(bytes(32), {{}}, Deadline(30))
assert kek.unwrap(stanza, Deadline(30)) == bytes(32)
os.environ["{CHOICE}"] = "{client}"
for _ in range(2):
    pid = os.fork()
    if not pid:
        good = kek.unwrap(stanza, Deadline(30)) == bytes(32)
        good = good and kek.unwrap(stanza, Deadline(30)) == bytes(32)
        os._exit(not good)
    assert os.waitpid(pid, 0)[1] == 0
    assert kek.unwrap(stanza, Deadline(30)) == bytes(32)
"""
    subprocess.run([sys.executable, "-P", "-c", code, place.uri], check=True, timeout=120)
    asked = place.server.requests("Encrypt", "Decrypt")
    assert len(asked) == 8
    # the two of the first child, those of the second, and those of the parent between them
    children = {one["client"] for one in asked[2:4]}, {one["client"] for one in asked[5:7]}
    # the first child of a parent without gRPC may load it; no child uses a parent's
    first = "grpc" if (parents, client) == ("light", "sdk") else "rest"
    assert {one["transport"] for one in asked[2:4]} == {first}
    assert {one["transport"] for one in asked[5:7]} == {"rest"}
    others = {asked[index]["client"] for index in (0, 1, 4, 7)}
    assert not children[0] & others
    assert not children[1] & (others | children[0])


def test_a_connection_that_the_server_closed(light_place):
    """It is opened anew without an error: a container's second secret may come hours later."""
    keyring = light_place.keyring()
    stanza = light_place.wrap(keyring=keyring)
    light_place.server.fault("close", "Decrypt")
    assert light_place.unwrap(stanza, keyring) == DATA_KEY
    assert not any("attempt" in line for line in light_place.told)
