"""Where containers and virtual machines get AWS credentials: acts of a `Faults` server."""

import json
from datetime import UTC, datetime, timedelta

from servers.faults import send

ROLE = "loopback-role"


def credentials(access_key):
    """Return credentials as both services tell them."""
    end = datetime.now(UTC) + timedelta(hours=6)
    return json.dumps(
        {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2026-01-01T00:00:00Z",
            "AccessKeyId": access_key,
            "SecretAccessKey": "secret-access-key-marker",
            "Token": "session-token-marker",
            "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    ).encode()


def container(access_key, token):
    """Return what a container agent does (ECS, EKS Pod Identity): give to who has the token."""

    def act(handler):
        if handler.headers.get("Authorization") == token:
            handler.answer(credentials(access_key))
        else:
            handler.answer(b'{"code": "AccessDenied"}', 403)

    return act


def metadata(access_key):
    """Return what the instance metadata service does, version 2: a session token comes first."""
    path = "/latest/meta-data/iam/security-credentials/"

    def act(handler):
        if handler.command == "PUT" and handler.path == "/latest/api/token":
            handler.answer(b"imds-token", headers=[("X-aws-ec2-metadata-token-ttl-seconds", "99")])
        elif handler.headers.get("X-aws-ec2-metadata-token") != "imds-token":
            handler.answer(b"", 401)
        elif handler.path == path:
            handler.answer(ROLE.encode())
        elif handler.path == path + ROLE:
            handler.answer(credentials(access_key))
        else:
            send(b"", 404)(handler)

    return act
