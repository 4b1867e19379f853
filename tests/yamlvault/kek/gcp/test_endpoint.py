"""Where Cloud KMS is asked."""

import pytest

from yamlvault.errors import KEKError
from yamlvault.kek.gcp.endpoint import endpoint

OWN = "YAMLVAULT_GCP_KMS_ENDPOINT"
GCLOUD = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS"


def test_the_default(monkeypatch):
    """Without a variable it is Google's."""
    monkeypatch.delenv(OWN)
    assert endpoint() == "https://cloudkms.googleapis.com"


def test_which_variable_holds(monkeypatch):
    """Our own is put in front of gcloud's; an empty one is none."""
    monkeypatch.setenv(GCLOUD, "https://kms.example.com/")
    monkeypatch.setenv(OWN, "")
    assert endpoint() == "https://kms.example.com"
    monkeypatch.setenv(OWN, "https://10.0.0.1:8443")
    assert endpoint() == "https://10.0.0.1:8443"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_http_to_this_machine(monkeypatch, host):
    """An emulator on loopback may speak plain http."""
    monkeypatch.setenv(OWN, f"http://{host}:8080/")
    assert endpoint() == f"http://{host}:8080"


@pytest.mark.parametrize(
    "host", ["kms.example.com", "localhost.example.com", "127.0.0.1.nip.io", "10.0.0.1", "[::2]"]
)
@pytest.mark.parametrize("variable", [OWN, GCLOUD])
def test_http_to_another_machine(place, monkeypatch, host, variable):
    """A token would travel in plaintext: refused, and nothing is sent."""
    monkeypatch.delenv(OWN)
    monkeypatch.setenv(variable, f"http://{host}:8080")
    with pytest.raises(KEKError, match=f"{variable}: http to .* would show the access token"):
        place.wrap()
    assert place.server.requests() == []


@pytest.mark.parametrize(
    "url",
    [
        "cloudkms.googleapis.com",
        "localhost:8080",
        "https://",
        "ftp://localhost",
        "https://user:hunter2@kms.example.com",
        "http://hunter2@localhost",
        "https://kms.example.com/path",
        "https://kms.example.com?hunter2",
        "https://kms.example.com:port",
        "https://[::1",
    ],
)
def test_what_is_no_endpoint(monkeypatch, url):
    """It is refused without being quoted, since a password can stand in it."""
    monkeypatch.setenv(OWN, url)
    with pytest.raises(KEKError, match=f"{OWN} is not the URL of an endpoint") as caught:
        endpoint()
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert "https://" in caught.value.hint
