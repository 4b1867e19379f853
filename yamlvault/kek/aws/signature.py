"""Signatures of requests: AWS Signature Version 4.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

botocore and awscrt sign as well; importing either takes longer than all the rest of a
`yamlvault get` (docs/architecture.md). The tests compare each signature with botocore's.
"""

from __future__ import annotations

import time
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from yamlvault.format.encoding import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """What AWS knows a principal by.

    Attributes:
        access_key: The access key id.
        secret_key: The secret access key.
        token: The session token; empty for a long-term key.
        until: Up to when they are used, on the monotonic clock; None for ever.
    """

    access_key: str
    secret_key: str
    token: str = ""
    until: float | None = None

    def __repr__(self) -> str:
        return "<Credentials>"


class Request(NamedTuple):
    """What is asked.

    Attributes:
        method: The method of HTTP.
        url: Where it goes; without a query.
        headers: What it says; without `Host` and without what signs it.
        body: Its body.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class Signer:
    """Signs requests to one service in one region."""

    def __init__(self, service: str, region: str) -> None:
        self._service = service
        self._region = region

    def headers(self, request: Request, credentials: Credentials, now: float) -> dict[str, str]:
        """Return the headers of a request with those that sign it: all of them are signed.

        Args:
            request: The request.
            credentials: Whose signature it is.
            now: The time of the service, in seconds since the epoch.
        """
        parts = urlsplit(request.url)
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        sent = {**request.headers, "X-Amz-Date": date}
        if credentials.token:
            sent["X-Amz-Security-Token"] = credentials.token
        digest = sha256(request.body).hex()
        is_s3 = self._service == "s3"
        if is_s3:
            sent["X-Amz-Content-SHA256"] = digest
        named = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
        # as http.client sends it: the port of the scheme is left out
        default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
        named["host"] = parts.netloc.rpartition("@")[2].removesuffix(default)
        names = ";".join(sorted(named))
        lines = [f"{name}:{named[name]}" for name in sorted(named)]
        path = parts.path or "/"
        if not is_s3:  # of all other services it is encoded once more
            path = quote(path, safe="/~")
        asked = "\n".join([request.method, path, "", *lines, "", names, digest])
        scope = f"{date[:8]}/{self._region}/{self._service}/aws4_request"
        text = "\n".join([_ALGORITHM, date, scope, sha256(asked.encode()).hex()])
        key = f"AWS4{credentials.secret_key}".encode()
        for part in scope.split("/"):
            key = _hmac(key, part)
        sent["Authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, "
            f"Signature={_hmac(key, text).hex()}"
        )
        return sent


def _hmac(key: bytes, text: str) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(text.encode())
    return mac.finalize()
