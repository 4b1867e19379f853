"""Credentials: where a container's are found, without what needs AWS's own configuration files.

The order is that of AWS's SDKs: environment, web identity, container, machine.
https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
"""

from __future__ import annotations

import os
import time

from yamlvault.kek.aws.signature import Credentials
from yamlvault.kek.connections import content_of
from yamlvault.kek.refusal import NO_CREDENTIALS, Refusal, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.deadline import Deadline
    from yamlvault.kek.connections import Connections

LOGIN = (
    "give the container a role, set AWS_PROFILE, or log in, with `aws sso login` for example: "
    "docs/kms.md"
)
_MARGIN = 120.0  # seconds before their end in which credentials are not used any more


def find(region: str, connections: Connections, deadline: Deadline) -> Credentials:
    """Return the credentials of this place.

    Args:
        region: That of the key, for a web identity.
        connections: What asks for them.
        deadline: Up to when.

    Raises:
        Refusal: There are none.
        OSError: What hands them out can't be reached.
        http.client.HTTPException: It does not speak HTTP.
    """
    given = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    access_key, secret_key = given
    if access_key and secret_key:
        token = os.environ.get("AWS_SESSION_TOKEN") or os.environ.get("AWS_SECURITY_TOKEN") or ""
        return Credentials(access_key, secret_key, token)
    if access_key or secret_key:
        lacking = "AWS_SECRET_ACCESS_KEY" if access_key else "AWS_ACCESS_KEY_ID"
        raise Refusal(NO_CREDENTIALS, f"{lacking} is not set", LOGIN)
    if os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        from yamlvault.kek.aws.web_identity import assumed

        return assumed(region, connections, deadline)
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    if relative or os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        from yamlvault.kek.aws.container import handed_out

        return handed_out(connections, deadline)
    from yamlvault.kek.aws.machine import of_role

    return of_role(connections, deadline)


def read(data: bytes, where: str) -> Credentials:
    """Return the credentials in a JSON answer of a container's or a machine's endpoint.

    Raises:
        Refusal: There are none in it.
    """
    content = content_of(data)
    fields = [content.get(name) for name in ("AccessKeyId", "SecretAccessKey", "Token")]
    if not all(isinstance(field, str) and field for field in fields):
        code = content.get("Code")
        detail = f"{where}: {one_line(code, 60)}" if isinstance(code, str) else where
        raise Refusal(NO_CREDENTIALS, f"{detail} gives something else", LOGIN)
    access_key, secret_key, token = map(str, fields)
    return Credentials(access_key, secret_key, token, until(content.get("Expiration")))


def until(expiration: object) -> float:
    """Return when credentials end, with a margin, on the monotonic clock.

    Args:
        expiration: When, as AWS writes it: ISO 8601 in UTC.
    """
    from datetime import UTC, datetime

    try:
        end = datetime.fromisoformat(str(expiration))
    except ValueError:
        return time.monotonic() + _MARGIN  # they are good for now
    if end.tzinfo is None:
        end = end.replace(tzinfo=UTC)
    return time.monotonic() + (end - datetime.now(UTC)).total_seconds() - _MARGIN
