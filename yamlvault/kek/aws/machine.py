"""Credentials of a machine: the instance metadata service of EC2, version 2.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
"""

from __future__ import annotations

import os

from yamlvault.deadline import Deadline
from yamlvault.kek.aws.credentials import LOGIN, read
from yamlvault.kek.refusal import NO_CREDENTIALS, Refusal, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.kek.aws.signature import Credentials
    from yamlvault.kek.connections import Connections

_ADDRESSES = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
_TOKEN = "/latest/api/token"  # noqa: S105  a path
_ROLE = "/latest/meta-data/iam/security-credentials/"
_LIFETIME = "300"  # seconds of the session
# Elsewhere than at AWS nothing answers at that address: this is how long it takes to find out.
_PATIENCE = 1.0  # seconds, as AWS's SDKs wait


def of_role(connections: Connections, deadline: Deadline) -> Credentials:
    """Return the credentials of the machine's role.

    Raises:
        Refusal: It has none, or this is no machine of AWS.
    """
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise Refusal(NO_CREDENTIALS, "none in the environment", LOGIN)
    from http.client import HTTPException

    try:
        seconds = float(os.environ.get("AWS_METADATA_SERVICE_TIMEOUT") or _PATIENCE)
    except ValueError:
        seconds = _PATIENCE
    patience = Deadline(min(seconds, deadline.left))
    try:
        return _asked(connections, patience)
    except (OSError, HTTPException):
        detail = "none in the environment, and no metadata service"
        raise Refusal(NO_CREDENTIALS, detail, LOGIN) from None


def _asked(connections: Connections, patience: Deadline) -> Credentials:
    base = _base()
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": _LIFETIME}
    token = connections.request("PUT", base + _TOKEN, b"", lifetime, patience)
    session = token.data.decode("latin-1")
    if token.status != 200 or not session.isascii() or not session.isprintable():
        raise Refusal(NO_CREDENTIALS, "the metadata service opens no session", LOGIN)
    headers = {"X-aws-ec2-metadata-token": session}
    roles = connections.request("GET", base + _ROLE, None, headers, patience)
    role = one_line(roles.data.decode("latin-1"), 128).partition(" ")[0]
    if roles.status != 200 or not role.isascii() or not role.isprintable() or not role:
        raise Refusal(NO_CREDENTIALS, "this machine has no role", LOGIN)
    answer = connections.request("GET", f"{base}{_ROLE}{role}", None, headers, patience)
    return read(answer.data, "the metadata service")


def _base() -> str:
    url = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")
    if url:
        return url.removesuffix("/")
    mode = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower()
    return _ADDRESSES.get(mode, _ADDRESSES["ipv4"])
