"""Where Cloud KMS is asked."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from yamlvault.errors import KEKError

DEFAULT = "https://cloudkms.googleapis.com"
_OWN = "YAMLVAULT_GCP_KMS_ENDPOINT"
_GCLOUD = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def endpoint() -> str:
    """Return the scheme and the host of Cloud KMS, as `https://host` or `https://host:port`.

    Raises:
        KEKError: What the environment names is none, or a token would travel to it in plaintext.
    """
    for variable in (_OWN, _GCLOUD):
        if url := os.environ.get(variable):
            return _checked(url, variable)
    return DEFAULT


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine by its very name."""
    return host in _LOOPBACK


def _checked(url: str, variable: str) -> str:
    example = "for example https://cloudkms.example.com or http://127.0.0.1:8080"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    has_more = host is None or parts.path not in {"", "/"} or parts.query or parts.fragment
    if has_more or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        # not quoted: a password can stand in a URL
        raise KEKError(f"{variable} is not the URL of an endpoint", hint=example)
    if parts.scheme == "http" and not is_loopback(host):
        raise KEKError(
            f"{variable}: http to {host} would show the access token to the network",
            hint="use https; http is for an emulator on localhost, 127.0.0.1 or ::1",
        )
    return f"{parts.scheme}://{parts.netloc}"
