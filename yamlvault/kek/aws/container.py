"""Credentials of a container: ECS tasks, and pods with EKS Pod Identity.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from yamlvault.kek.aws.credentials import LOGIN, read
from yamlvault.kek.refusal import BAD_CREDENTIALS, NO_CREDENTIALS, UNAVAILABLE, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.signature import Credentials
    from yamlvault.kek.connections import Connections

_ECS = "http://169.254.170.2"
# Where plain HTTP may lead: to the machine itself, and to the agents of ECS and EKS. Elsewhere
# the token would be shown to the network.
_AGENTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1")
_WHERE = "the container's credentials endpoint"


def handed_out(connections: Connections, deadline: Deadline) -> Credentials:
    """Return what the endpoint hands out that the environment names.

    Raises:
        Refusal: There is nothing to be had.
        OSError: It can't be reached.
    """
    answer = connections.request("GET", _url(), None, _headers(), deadline)
    if answer.status == 200:
        return read(answer.data, _WHERE)
    kind = UNAVAILABLE if answer.status >= 500 or answer.status == 429 else BAD_CREDENTIALS
    raise Refusal(kind, f"{_WHERE} answers with status {answer.status}", LOGIN)


def _url() -> str:
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    if relative:
        return f"{_ECS}/{relative.removeprefix('/')}"
    url = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise _refusal("is no URL") from None
    is_near = host in _AGENTS or (host.startswith("127.") and host.replace(".", "").isdecimal())
    if parts.scheme != "https" and not (parts.scheme == "http" and is_near):
        raise _refusal("must be https, or lead to this machine")
    return url


def _headers() -> dict[str, str]:
    path = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN") or ""
    if path:
        try:
            with open(path, encoding="ascii") as file:
                token = file.read().rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise Refusal(
                NO_CREDENTIALS, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can't be read", LOGIN
            ) from None
    # a line break would begin a header of its own
    if not token.isprintable() or not token.isascii():
        raise Refusal(NO_CREDENTIALS, "the container's authorization token is malformed", LOGIN)
    return {"Accept": "application/json", **({"Authorization": token} if token else {})}


def _refusal(problem: str) -> Refusal:
    return Refusal(NO_CREDENTIALS, f"AWS_CONTAINER_CREDENTIALS_FULL_URI {problem}", LOGIN)
