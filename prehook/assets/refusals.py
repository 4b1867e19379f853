"""What S3 answers in place of an object, and what that means for a manifest: one table."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.errors import KEKUnreachableError
from yamlvault.kek.aws import refusals
from yamlvault.kek.aws.key_name import REGION
from yamlvault.kek.aws.signed import NO_ISSUER
from yamlvault.kek.refusal import (
    BAD_CREDENTIALS,
    DENIED,
    EXPIRED,
    MALFORMED,
    NO_CREDENTIALS,
    REFUSED,
    THROTTLED,
    TIMEOUT,
    TLS,
    UNAVAILABLE,
    UNREACHABLE,
    Kind,
    Refusal,
    one_line,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MISSING = Kind("there is no such key")
MISSING_OR_DENIED = Kind("missing or denied")
NO_BUCKET = Kind("there is no such bucket")
ELSEWHERE = Kind("the bucket is in another region")
ARCHIVED = Kind("it is archived, and can't be read before it is restored")
CLOCK = Kind("the clock of this machine is wrong")
CUT = Kind("the answer is not whole", KEKUnreachableError, is_transient=True)


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        kind: What it means.
        is_quoted: Whether the service's message is told: of those that name who asks, and why not.
    """

    kind: Kind
    is_quoted: bool = False


# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
CODES = {
    "NoSuchKey": Row(MISSING),
    "NoSuchBucket": Row(NO_BUCKET),
    "NoSuchAccessPoint": Row(NO_BUCKET),
    "InvalidBucketName": Row(NO_BUCKET),
    "AccessDenied": Row(MISSING_OR_DENIED, is_quoted=True),
    "AllAccessDisabled": Row(DENIED),
    "AccountProblem": Row(DENIED),
    "InvalidObjectState": Row(ARCHIVED),
    "PermanentRedirect": Row(ELSEWHERE),
    "TemporaryRedirect": Row(ELSEWHERE),
    "Redirect": Row(ELSEWHERE),
    "AuthorizationHeaderMalformed": Row(ELSEWHERE),
    "IllegalLocationConstraintException": Row(ELSEWHERE),
    "RequestTimeTooSkewed": Row(CLOCK),
    "RequestExpired": Row(CLOCK),
    "InvalidToken": Row(BAD_CREDENTIALS),
    "ExpiredToken": Row(EXPIRED),
    "SlowDown": Row(THROTTLED),
    "TooManyRequests": Row(THROTTLED),
    "RequestTimeout": Row(UNAVAILABLE),
    "OperationAborted": Row(UNAVAILABLE),
}
# of HTTP, where the answer has no code: an error of a proxy, or of another server than S3
_STATUSES = {
    301: ELSEWHERE,
    307: ELSEWHERE,
    403: MISSING_OR_DENIED,
    404: MISSING,
    429: THROTTLED,
}
_HINTS = {
    MISSING: "was it uploaded, for this environment and commit? `wait_for: 30s` gives it time",
    MISSING_OR_DENIED: (
        "the role needs s3:GetObject for it; to who lacks s3:ListBucket, S3 says the same of a "
        "key that is not there"
    ),
    NO_BUCKET: "is `bucket` right, and is it this endpoint that has it?",
    ELSEWHERE: "set `region` to that of the bucket",
    ARCHIVED: "a lifecycle rule has moved it; exempt manifests from that",
    CLOCK: "set it, on the machine that the container runs on",
    NO_CREDENTIALS: (
        "give the container a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    ),
    EXPIRED: "get new ones; those of a role are renewed by themselves",
    BAD_CREDENTIALS: "do the access key and the secret key belong together, and to this endpoint?",
    DENIED: "look at the role, and at the state of the account and of the bucket",
    THROTTLED: "give the step more time: `timeout`, `retries`",
    UNAVAILABLE: "the same may work later: `retries`, `backoff`",
    TIMEOUT: "has this place a way to S3: a NAT gateway, or a VPC endpoint?",
    UNREACHABLE: "look at the network, at DNS, and at AWS_ENDPOINT_URL_S3 and `endpoint`",
    CUT: "is there a proxy in between?",
    NO_ISSUER: "look at the role of the task or of the pod, and at AWS_CONTAINER_CREDENTIALS_…",
    TLS: "AWS_CA_BUNDLE names a file with the certificates to trust",
    MALFORMED: "is it S3 that answers there? look at `endpoint`",
    REFUSED: "is it S3 that answers there? look at `endpoint`",
}


def of_answer(status: int, headers: Mapping[str, str], fields: Mapping[str, str]) -> Refusal:
    """Return what an answer without an object means.

    Args:
        status: The status of HTTP.
        headers: The answer's headers, their names in lower case.
        fields: The elements of the XML in its body.
    """
    code, message = fields.get("Code", ""), fields.get("Message", "")
    row = CODES.get(code)
    if row is None and (code or status not in _STATUSES):
        return refusals.of_code(code, message, status)
    if row is None:
        row, detail = Row(_STATUSES[status]), f"HTTP status {status}"
    else:
        detail = one_line(message) if row.is_quoted else ""
    if row.kind is ELSEWHERE:
        region = headers.get("x-amz-bucket-region") or fields.get("Region", "")
        detail = region if REGION.fullmatch(region) else ""
    return Refusal(row.kind, detail)


def hint_of(refusal: Refusal) -> str:
    """Return what to do about a refusal; empty where nobody knows."""
    if refusal.kind is ELSEWHERE and refusal.detail:
        return f"set `region: {refusal.detail}`"
    return _HINTS.get(refusal.kind, refusal.hint)
