"""What AWS answers in place of a result, and what its clients raise: one table."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.errors import NoKeyError
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
    WRONG_REGION,
    Kind,
    Refusal,
    one_line,
)

CONFIGURATION = Kind("the AWS configuration can't be used", NoKeyError)

_WHERE = "where credentials are looked for: docs/kms.md"
_POLICY = "the policies of the key and of the role decide: docs/kms.md"
_CLOCK = "is the clock of this machine right, and does the secret belong to the access key?"
_LOGIN = "log in again, for example with `aws sso login`"
_CONFIGURED = "look at ~/.aws/config and the AWS_… variables: docs/kms.md"
_PROXY = "look at HTTPS_PROXY and NO_PROXY"
_NETWORK = "has this machine a way to the endpoint of KMS, through a NAT gateway or a VPC endpoint?"
_TRUST = "AWS_CA_BUNDLE names a file with the certificates to trust"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        kind: What it means.
        hint: What to do; empty without.
        is_quoted: Whether the service's message is told. Only for messages that name the caller,
            the key and the reason. Those of validation and of signatures quote the request.
    """

    kind: Kind
    hint: str = ""
    is_quoted: bool = False


_DENIED = Row(DENIED, _POLICY, is_quoted=True)
_THROTTLED = Row(THROTTLED, is_quoted=True)
_EXPIRED = Row(EXPIRED, "get new ones; the clock of this machine may be wrong too")
_SIGNATURE = Row(BAD_CREDENTIALS, _CLOCK)
_FAILED = Row(UNAVAILABLE)
_LOST = Row(UNREACHABLE, _NETWORK)
_SETTINGS = Row(CONFIGURATION, _CONFIGURED)
_UNTRUSTED = Row(TLS, _TRUST)
_BROKEN = Row(MALFORMED)
_UNFOUND = Row(NO_CREDENTIALS, _WHERE)
_LOGGED_OUT = Row(EXPIRED, _LOGIN)
_OTHER = Row(REFUSED)

# error codes of KMS, of STS and those common to all services
CODES = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "AuthFailure": _SIGNATURE,
    "NotAuthorized": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "OptInRequired": Row(DENIED, "the account is not signed up for KMS"),
    "DisabledException": Row(DISABLED, "`aws kms enable-key` enables it again"),
    "KMSInvalidStateException": Row(WRONG_KEY, is_quoted=True),
    "NotFoundException": Row(NOT_FOUND, "is the region right? docs/kms.md", is_quoted=True),
    "InvalidArnException": Row(NOT_FOUND),
    "InvalidAliasNameException": Row(NOT_FOUND),
    "InvalidCiphertextException": Row(NOT_ITS_STANZA),
    "IncorrectKeyException": Row(NOT_ITS_STANZA),
    "InvalidKeyUsageException": Row(WRONG_KEY, "it has to be a symmetric key to encrypt with"),
    "InvalidGrantTokenException": _OTHER,
    "DryRunOperationException": _OTHER,
    "UnsupportedOperationException": Row(WRONG_KEY),
    "KeyUnavailableException": _FAILED,
    "DependencyTimeoutException": _FAILED,
    "KMSInternalException": _FAILED,
    "CloudHsmClusterInvalidConfigurationException": _FAILED,
    "CloudHsmClusterNotActiveException": _FAILED,
    "CustomKeyStoreInvalidStateException": _FAILED,
    "XksKeyNotFoundException": Row(PENDING_DELETION),
    "InternalFailure": _FAILED,
    "InternalServerError": _FAILED,
    "InternalServiceError": _FAILED,
    "InternalError": _FAILED,
    "ServiceUnavailable": _FAILED,
    "ServiceUnavailableException": _FAILED,
    "RequestTimeout": _FAILED,
    "RequestTimeoutException": _FAILED,
    "IDPCommunicationError": _FAILED,  # STS
    "ThrottlingException": _THROTTLED,
    "Throttling": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "RequestThrottledException": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "LimitExceededException": _THROTTLED,
    "LimitExceeded": _THROTTLED,
    "BandwidthLimitExceeded": _THROTTLED,
    "SlowDown": _THROTTLED,
    "EC2ThrottledException": _THROTTLED,
    "UnrecognizedClientException": Row(BAD_CREDENTIALS, "is the access key of this partition?"),
    "InvalidClientTokenId": Row(BAD_CREDENTIALS, "is the access key of this partition?"),
    "InvalidAccessKeyId": Row(BAD_CREDENTIALS),
    "InvalidSignatureException": _SIGNATURE,
    "SignatureDoesNotMatch": _SIGNATURE,
    "RequestExpired": _SIGNATURE,
    "RequestInTheFuture": _SIGNATURE,
    "RequestTimeTooSkewed": _SIGNATURE,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "IDPRejectedClaim": _DENIED,  # STS
    "InvalidIdentityToken": Row(BAD_CREDENTIALS),  # STS
    "PackedPolicyTooLarge": _OTHER,  # STS
    "RegionDisabledException": Row(DENIED, "STS is not activated in this region"),
    "MissingAuthenticationToken": Row(NO_CREDENTIALS, _WHERE),
    "MissingAuthenticationTokenException": Row(NO_CREDENTIALS, _WHERE),
    "IncompleteSignature": _SIGNATURE,
    "IncompleteSignatureException": _SIGNATURE,
    "NotAuthorizedException": _DENIED,
    "ValidationException": _OTHER,
    "ValidationError": _OTHER,
    "SerializationException": _OTHER,
    "InvalidAction": _OTHER,
    "InvalidParameterValue": _OTHER,
    "UnknownOperationException": Row(REFUSED, "is the endpoint that of KMS? AWS_ENDPOINT_URL_KMS"),
}

# names of exceptions of boto3, botocore and of what these let through; the nearest base
# that stands here counts
EXCEPTIONS = {
    "NoCredentialsError": _UNFOUND,
    "PartialCredentialsError": Row(NO_CREDENTIALS, "one of the two parts of the key is missing"),
    "CredentialRetrievalError": Row(
        NO_CREDENTIALS, "run by hand the program that credential_process names, or see docs/kms.md"
    ),
    "MetadataRetrievalError": _UNFOUND,
    "NoAuthTokenError": _UNFOUND,
    "TokenRetrievalError": _LOGGED_OUT,
    "SSOError": _LOGGED_OUT,
    "LoginError": _LOGGED_OUT,
    "RefreshWithMFAUnsupportedError": Row(EXPIRED, "start again: the role wants a code of MFA"),
    "UnknownCredentialError": _SETTINGS,
    "UnknownTokenProviderError": _SETTINGS,
    "ProfileNotFound": Row(
        CONFIGURATION,
        "there is no such profile: look at AWS_PROFILE, YAMLVAULT_AWS_PROFILE, and the rule",
    ),
    "ParamValidationError": Row(
        CONFIGURATION, "is the role an ARN? YAMLVAULT_AWS_ROLE, and `role` in the rule"
    ),
    "ConfigNotFound": _SETTINGS,
    "ConfigParseError": _SETTINGS,
    "InvalidConfigError": _SETTINGS,
    "InvalidRetryConfigurationError": _SETTINGS,
    "InvalidDefaultsMode": _SETTINGS,
    "InvalidProxiesConfigError": Row(CONFIGURATION, _PROXY),
    "InvalidIMDSEndpointError": _SETTINGS,
    "InvalidIMDSEndpointModeError": _SETTINGS,
    "InvalidSTSRegionalEndpointsConfigError": _SETTINGS,
    "InvalidEndpointConfigurationError": _SETTINGS,
    "InvalidEndpointDiscoveryConfigurationError": _SETTINGS,
    "InvalidChecksumConfigError": _SETTINGS,
    "InvalidRegionError": _SETTINGS,
    "NoRegionError": Row(CONFIGURATION, "set AWS_REGION, or name the key by its ARN"),
    "UnknownRegionError": _SETTINGS,
    "ServiceNotInRegionError": _SETTINGS,
    "CapacityNotAvailableError": _SETTINGS,
    "BaseEndpointResolverError": _SETTINGS,
    "EndpointProviderError": _SETTINGS,
    "ConnectionError": _LOST,
    "ProxyConnectionError": Row(UNREACHABLE, _PROXY),
    "SSLError": _UNTRUSTED,
    "HTTPClientError": _LOST,
    "IncompleteReadError": _LOST,
    "ResponseParserError": _BROKEN,
    "ChecksumError": _BROKEN,
    "FlexibleChecksumError": _BROKEN,
    "MissingDependencyException": Row(REFUSED, "pip install 'prehook-toolkit[aws]'"),
    "DataNotFoundError": Row(REFUSED, "botocore is damaged: install it again"),
    "ApiVersionNotFoundError": Row(REFUSED, "botocore is damaged: install it again"),
    "ClientError": _OTHER,  # its code is looked up first
    # what neither of the two calls can raise, and newer releases bring: told as it is
    "UndefinedModelAttributeError": _OTHER,
    "Boto3Error": _OTHER,
    "BotoCoreError": _OTHER,
    "AwsCrtError": _OTHER,  # where awscrt is installed, botocore signs by it
    "ValueError": _BROKEN,  # JSON or base64 that is none
    "TypeError": _BROKEN,  # JSON of another shape, in an answer or in credentials
    "AttributeError": _BROKEN,
    "KeyError": _BROKEN,
    "RecursionError": _BROKEN,
    "OSError": _SETTINGS,  # a program or a file that the configuration names
}


# of HTTP, where the code is none of these: what stands in front of KMS answers so
_STATUSES = {401: _SIGNATURE, 403: _DENIED, 407: Row(UNREACHABLE, _PROXY), 429: _THROTTLED}


def of_code(code: str, message: str, status: int = 400) -> Refusal:
    """Return what an error of a service means.

    Args:
        code: The service's error code, without a namespace.
        message: The service's message.
        status: That of HTTP, which says what a new code is like.
    """
    row = CODES.get(code)
    if row is None:
        row = _FAILED if status >= 500 else _STATUSES.get(status, _OTHER)
        name = code if code.isidentifier() else ""
        return Refusal(row.kind, one_line(name or f"HTTP status {status}", 100), row.hint)
    kind = row.kind
    if code == "KMSInvalidStateException":
        kind = _in_state(message)
    elif code == "NotFoundException" and message.startswith("Invalid arn "):
        kind = WRONG_REGION  # so KMS says of the ARN of another region
    detail = one_line(message) if row.is_quoted else code if kind is REFUSED else ""
    return Refusal(kind, detail, row.hint)


def _in_state(message: str) -> Kind:
    """Return what a key's state keeps it from: only the message says which state it is."""
    if "pending" in message:  # deletion, import of its material, deletion of a replica
        return PENDING_DELETION
    return DISABLED if "disabled" in message else WRONG_KEY


def of_exception(error: BaseException) -> Refusal:
    """Return what an exception of a client means. Its message can quote a request: it is left."""
    names = [base.__name__ for base in type(error).__mro__]
    row = next((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), _OTHER)
    return Refusal(row.kind, names[0], row.hint)


# For kinds whose refusal has no hint of its own
_HINTS = {
    TIMEOUT: "YAMLVAULT_TIMEOUT gives more seconds; can this place reach KMS? docs/kms.md",
    NOT_ITS_STANZA: "was the stanza copied here, or its `context` changed? docs/kms.md",
}


def hinted(refusal: Refusal) -> Refusal:
    """Return a refusal with a hint, where there is something to do."""
    refusal.hint = refusal.hint or _HINTS.get(refusal.kind, "")
    return refusal
