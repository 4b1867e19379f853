"""Why Cloud KMS, or what gives access to it, refused: one table for all that can come back.

Exceptions stand here by name, so that nothing of Google's is imported to read it. The statuses and
reasons are those of google.rpc.Code and google.api.ErrorReason.
"""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.kek.refusal import (
    BAD_CREDENTIALS,
    DENIED,
    DISABLED,
    EXPIRED,
    MALFORMED,
    NO_CREDENTIALS,
    NOT_FOUND,
    NOT_ITS_STANZA,
    PENDING_DELETION,
    REFUSED,
    THROTTLED,
    TIMEOUT,
    TLS,
    UNAVAILABLE,
    UNREACHABLE,
    WRONG_KEY,
    Kind,
    Refusal,
    one_line,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Row(NamedTuple):
    """What a status, a reason or an exception means."""

    kind: Kind
    hint: str = ""


LOGIN = (
    "set YAMLVAULT_GCP_CREDENTIALS or GOOGLE_APPLICATION_CREDENTIALS to a credentials file, or "
    "`gcloud auth application-default login`: docs/kms.md"
)
_GRANT = (
    "grant roles/cloudkms.cryptoKeyEncrypter or roles/cloudkms.cryptoKeyDecrypter on the key to "
    "this account: docs/kms.md"
)
_RENEW = (
    "log in again (`gcloud auth application-default login`) or make a new key, and check this "
    "machine's clock: docs/kms.md"
)
_SERVICE = "`gcloud services enable cloudkms.googleapis.com` for the project: docs/kms.md"
_VERSION = "`gcloud kms keys versions enable` or `restore` brings a version back: docs/kms.md"
_NAME = "compare the URI with `gcloud kms keys list`: docs/kms.md"
_KEY = "it takes a key of purpose ENCRYPT_DECRYPT: docs/kms.md"
_NETWORK = "check the network, DNS and YAMLVAULT_GCP_KMS_ENDPOINT: docs/kms.md"
_URL = "check the credentials file, GCE_METADATA_HOST and the quota project: docs/kms.md"
_CERTIFICATE = "are the CA certificates installed, and is a proxy in between? docs/kms.md"
_UNIVERSE = "set GOOGLE_CLOUD_UNIVERSE_DOMAIN to that of the credentials: docs/kms.md"
_BILLING = "the project needs an active billing account: docs/kms.md"
_PROJECT = "check the quota project (GOOGLE_CLOUD_QUOTA_PROJECT): docs/kms.md"
_CLIENT_CERTIFICATE = "check GOOGLE_API_USE_CLIENT_CERTIFICATE and its certificate: docs/kms.md"

STATUSES: Mapping[str, Row] = {
    "CANCELLED": Row(UNAVAILABLE),
    "UNKNOWN": Row(UNAVAILABLE),
    "INVALID_ARGUMENT": Row(REFUSED),
    "DEADLINE_EXCEEDED": Row(TIMEOUT),
    "NOT_FOUND": Row(NOT_FOUND, _NAME),
    "ALREADY_EXISTS": Row(REFUSED),
    "PERMISSION_DENIED": Row(DENIED, _GRANT),
    "RESOURCE_EXHAUSTED": Row(THROTTLED),
    "FAILED_PRECONDITION": Row(REFUSED),
    "ABORTED": Row(UNAVAILABLE),
    "OUT_OF_RANGE": Row(REFUSED),
    "UNIMPLEMENTED": Row(REFUSED),
    "INTERNAL": Row(UNAVAILABLE),
    "UNAVAILABLE": Row(UNAVAILABLE),
    "DATA_LOSS": Row(REFUSED),
    "UNAUTHENTICATED": Row(BAD_CREDENTIALS, _RENEW),
}

HTTP: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "UNAVAILABLE",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "UNAVAILABLE",
}

REASONS: Mapping[str, Row] = {
    "SERVICE_DISABLED": Row(REFUSED, _SERVICE),
    "BILLING_DISABLED": Row(REFUSED, _BILLING),
    "CONSUMER_INVALID": Row(REFUSED, _PROJECT),
    "CONSUMER_SUSPENDED": Row(REFUSED, _PROJECT),
    "USER_PROJECT_DENIED": Row(DENIED, _PROJECT),
    "RATE_LIMIT_EXCEEDED": Row(THROTTLED),
    "RESOURCE_QUOTA_EXCEEDED": Row(THROTTLED),
    "ACCESS_TOKEN_EXPIRED": Row(EXPIRED, _RENEW),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": Row(
        DENIED, "the credentials need the scope cloudkms or cloud-platform: docs/kms.md"
    ),
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": Row(BAD_CREDENTIALS, _RENEW),
    "ACCOUNT_STATE_INVALID": Row(BAD_CREDENTIALS, _RENEW),
    "CREDENTIALS_MISSING": Row(NO_CREDENTIALS, LOGIN),
    "SERVICE_NOT_VISIBLE": Row(REFUSED, _SERVICE),
}

# status, what stands in its message (in lower case)
_MESSAGES: tuple[tuple[str, str, Row], ...] = (
    ("INVALID_ARGUMENT", "decryption failed", Row(NOT_ITS_STANZA)),
    ("INVALID_ARGUMENT", "purpose", Row(WRONG_KEY, _KEY)),
    ("FAILED_PRECONDITION", "purpose", Row(WRONG_KEY, _KEY)),
    ("FAILED_PRECONDITION", "destroy", Row(PENDING_DELETION, _VERSION)),
    ("FAILED_PRECONDITION", "disabled", Row(DISABLED, _VERSION)),
    ("FAILED_PRECONDITION", "primary", Row(WRONG_KEY, "the key has no primary version")),
    # what gRPC says where there was no answer at all
    ("UNAVAILABLE", "certificate", Row(TLS, _CERTIFICATE)),
    ("UNAVAILABLE", "handshake", Row(TLS, _CERTIFICATE)),
    ("UNAVAILABLE", "ssl", Row(TLS, _CERTIFICATE)),
    ("UNAVAILABLE", "failed to connect", Row(UNREACHABLE, _NETWORK)),
    ("UNAVAILABLE", "resolution", Row(UNREACHABLE, _NETWORK)),
    ("UNAVAILABLE", "resolving", Row(UNREACHABLE, _NETWORK)),
    ("UNAVAILABLE", "socket", Row(UNREACHABLE, _NETWORK)),
    ("UNAVAILABLE", "connection", Row(UNREACHABLE, _NETWORK)),
    ("INTERNAL", "deserializ", Row(MALFORMED)),
    # an HTTP server that does not speak gRPC
    ("UNKNOWN", "http", Row(MALFORMED)),
)

# "error" of RFC 6749 (5.2), RFC 6750 (3.1) and Google's own
OAUTH: Mapping[str, Row] = {
    "invalid_grant": Row(EXPIRED, _RENEW),
    "invalid_client": Row(BAD_CREDENTIALS, _RENEW),
    "unauthorized_client": Row(BAD_CREDENTIALS, _RENEW),
    "deleted_client": Row(BAD_CREDENTIALS, _RENEW),
    "access_denied": Row(BAD_CREDENTIALS, _RENEW),
    "invalid_scope": Row(BAD_CREDENTIALS, _RENEW),
    "invalid_request": Row(BAD_CREDENTIALS, _RENEW),
    "invalid_target": Row(BAD_CREDENTIALS, _RENEW),
    "unsupported_grant_type": Row(BAD_CREDENTIALS, _RENEW),
    "internal_failure": Row(UNAVAILABLE),
    "server_error": Row(UNAVAILABLE),
    "temporarily_unavailable": Row(UNAVAILABLE),
    "rate_limit_exceeded": Row(THROTTLED),
}

_AUTH = "google.auth.exceptions."
_API = "google.api_core.exceptions."
EXCEPTIONS: Mapping[str, Row] = {
    _AUTH + "TransportError": Row(UNREACHABLE, _NETWORK),
    _AUTH + "TimeoutError": Row(TIMEOUT),
    _AUTH + "ResponseError": Row(MALFORMED),
    _AUTH + "RefreshError": Row(BAD_CREDENTIALS, _RENEW),
    _AUTH + "OAuthError": Row(BAD_CREDENTIALS, _RENEW),
    _AUTH + "UserAccessTokenError": Row(NO_CREDENTIALS, LOGIN),
    _AUTH + "DefaultCredentialsError": Row(NO_CREDENTIALS, LOGIN),
    _AUTH + "MalformedError": Row(BAD_CREDENTIALS, "the credentials file is malformed"),
    _AUTH + "InvalidValue": Row(BAD_CREDENTIALS, "the credentials file is malformed"),
    _AUTH + "InvalidType": Row(BAD_CREDENTIALS, "the credentials file is malformed"),
    _AUTH + "MutualTLSChannelError": Row(TLS, _CLIENT_CERTIFICATE),
    _AUTH + "ClientCertError": Row(TLS, _CLIENT_CERTIFICATE),
    _API + "Redirection": Row(REFUSED),
    _API + "ClientError": Row(REFUSED),
    _API + "ServerError": Row(UNAVAILABLE),
    _API + "ResumableTransferError": Row(UNAVAILABLE),
    _API + "RetryError": Row(UNAVAILABLE),
    _API + "DuplicateCredentialArgs": Row(REFUSED),
    _API + "AsyncRestUnsupportedParameterError": Row(REFUSED),
    "google.api_core.universe.UniverseMismatchError": Row(REFUSED, _UNIVERSE),
    "google.api_core.universe.EmptyUniverseError": Row(REFUSED, _UNIVERSE),
    "grpc.FutureTimeoutError": Row(TIMEOUT),
    "grpc.FutureCancelledError": Row(UNAVAILABLE),
    "grpc.RpcError": Row(UNAVAILABLE),
    "requests.exceptions.SSLError": Row(TLS, _CERTIFICATE),
    "requests.exceptions.Timeout": Row(TIMEOUT),
    "requests.exceptions.InvalidJSONError": Row(MALFORMED),
    "requests.exceptions.RequestException": Row(UNREACHABLE, _NETWORK),
    "urllib3.exceptions.HTTPError": Row(UNREACHABLE, _NETWORK),
    "google.protobuf.json_format.Error": Row(MALFORMED),
    "google.protobuf.message.Error": Row(MALFORMED),
    "json.decoder.JSONDecodeError": Row(MALFORMED),
    "ssl.SSLEOFError": Row(UNREACHABLE, _NETWORK),
    "ssl.SSLZeroReturnError": Row(UNREACHABLE, _NETWORK),
    "ssl.SSLError": Row(TLS, _CERTIFICATE),
    "http.client.IncompleteRead": Row(UNREACHABLE, _NETWORK),
    "http.client.RemoteDisconnected": Row(UNREACHABLE, _NETWORK),
    "http.client.InvalidURL": Row(REFUSED, _URL),
    "http.client.HTTPException": Row(MALFORMED),
    "builtins.TimeoutError": Row(TIMEOUT),
    "builtins.OSError": Row(UNREACHABLE, _NETWORK),
    # the deliberate last rows: what a later release adds is refused and tried no second time
    _AUTH + "GoogleAuthError": Row(BAD_CREDENTIALS, LOGIN),
    _API + "GoogleAPIError": Row(REFUSED),
}

# For kinds whose refusal has no hint of its own
HINTS: Mapping[Kind, str] = {
    TIMEOUT: "YAMLVAULT_TIMEOUT gives more seconds; can this place reach Cloud KMS? docs/kms.md",
    THROTTLED: "the project's quota of cryptographic requests is used up: docs/kms.md",
    UNAVAILABLE: "it may work later: docs/kms.md",
    NOT_ITS_STANZA: "was the stanza copied here, or its `context` changed? docs/kms.md",
}


def of_status(status: str, message: str = "", reason: str = "") -> Refusal:
    """Return the refusal of an answer of Cloud KMS.

    Args:
        status: The name of the google.rpc.Code.
        message: What the service says.
        reason: The reason of a google.rpc.ErrorInfo; empty without.
    """
    lowered = message.lower()
    row = REASONS.get(reason)
    for of, part, meant in _MESSAGES:
        if row is None and of == status and part in lowered:
            row = meant
    row = row or STATUSES.get(status) or Row(REFUSED)
    return Refusal(row.kind, one_line(message) or status, row.hint)


def of_http(code: int) -> Refusal:
    """Return the refusal of an HTTP answer that says nothing else: of a proxy, perhaps."""
    row = STATUSES[HTTP[code]] if code in HTTP else Row(UNAVAILABLE if code >= 500 else REFUSED)
    return Refusal(row.kind, f"HTTP {code}", row.hint)


def of_oauth(code: int, error: str) -> Refusal:
    """Return the refusal of a token endpoint.

    Args:
        code: The HTTP status.
        error: The `error` of its answer; empty without.
    """
    if error in OAUTH:
        row = OAUTH[error]
    elif code == 429 or code >= 500:
        row = STATUSES[HTTP.get(code, "UNAVAILABLE")]
    else:
        row = Row(BAD_CREDENTIALS, _RENEW)
    # a description is anybody's text, and can repeat what was sent: a refresh token, for example
    said = one_line(error, 60) if error.replace("_", "").isalnum() else f"HTTP {code}"
    return Refusal(row.kind, one_line(f"token endpoint: {said}", 200), row.hint)


def of_exception(error: BaseException) -> Refusal | None:
    """Return the refusal of an exception; None for one that is a defect."""
    for name in names_of(type(error)):
        if name in EXCEPTIONS:
            row = EXCEPTIONS[name]
            return Refusal(row.kind, _said(error), row.hint)
    return None


def names_of(kind: type[BaseException]) -> list[str]:
    """Return the full names of a class of exceptions and its bases, nearest first."""
    return [f"{one.__module__}.{one.__qualname__}" for one in kind.__mro__]


def _said(error: BaseException) -> str:
    """Return what the system says of an error; a library's own text can quote a request."""
    if isinstance(error, OSError) and isinstance(error.strerror, str):
        return one_line(error.strerror, 100)
    return type(error).__name__
