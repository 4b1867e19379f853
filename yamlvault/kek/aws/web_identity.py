"""Credentials for a web identity: pods with IAM Roles for Service Accounts, and CI systems.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from __future__ import annotations

import os
from urllib.parse import urlencode

from yamlvault.kek.aws.credentials import LOGIN, until
from yamlvault.kek.aws.endpoint import sts_url
from yamlvault.kek.aws.refusals import of_code
from yamlvault.kek.aws.signature import Credentials
from yamlvault.kek.aws.xml_protocol import fields_of
from yamlvault.kek.refusal import MALFORMED, NO_CREDENTIALS, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.deadline import Deadline
    from yamlvault.kek.connections import Connections

_VERSION = "2011-06-15"
_SESSION_NAME = "yamlvault"


def assumed(region: str, connections: Connections, deadline: Deadline) -> Credentials:
    """Return the credentials of the role that the environment names, for the token it names.

    Raises:
        Refusal: STS gives none.
        OSError: It can't be reached.
    """
    role = os.environ.get("AWS_ROLE_ARN")
    if not role:
        raise Refusal(NO_CREDENTIALS, "AWS_ROLE_ARN is not set", LOGIN)
    try:
        with open(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"], encoding="utf-8") as file:
            token = file.read().strip()
    except (OSError, UnicodeDecodeError):
        raise Refusal(NO_CREDENTIALS, "AWS_WEB_IDENTITY_TOKEN_FILE can't be read", LOGIN) from None
    fields = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": _VERSION,
        "RoleArn": role,
        "RoleSessionName": os.environ.get("AWS_ROLE_SESSION_NAME") or _SESSION_NAME,
        "WebIdentityToken": token,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(fields).encode()
    answer = connections.request("POST", sts_url(region), body, headers, deadline)
    found = fields_of(answer.data)
    if answer.status != 200:
        raise of_code(found.get("Code", ""), found.get("Message", ""), answer.status)
    try:
        return Credentials(
            found["AccessKeyId"],
            found["SecretAccessKey"],
            found["SessionToken"],
            until(found.get("Expiration")),
        )
    except KeyError:
        raise Refusal(MALFORMED, "STS gives no credentials") from None
