"""The one table of what AWS says when it refuses: service errors and the SDK's.

https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

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
    Refusal,
    one_line,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.kek.refusal import Kind

_LOGIN = "run `aws sso login`, set AWS_PROFILE, or give the container a role: docs/kms.md"
_RENEW = "log in again, or get new ones: docs/kms.md"
_POLICY = "minimal policies for each role are in docs/kms.md"
_ENABLE = "enable it: aws kms enable-key"
_CANCEL = "cancel its deletion, if it is not too late: aws kms cancel-key-deletion"
_WHERE = "check the ARN, and that AWS_PROFILE or the role is of this account"
_REGION = "name the key by its ARN, or set AWS_REGION"
_CONFIG = "check ~/.aws/config and the AWS_… variables"
_CLOCK = "check the access key, and this machine's clock"
_NETWORK = "check the network, the VPC endpoint, and AWS_ENDPOINT_URL"
_CERTIFICATE = "behind a proxy that opens TLS, set AWS_CA_BUNDLE to its certificate"

# The codes of service errors, of KMS and of STS, without `Exception` at their end
SERVICE: dict[str, tuple[Kind, str]] = {
    "AccessDenied": (DENIED, _POLICY),
    "NotAuthorized": (DENIED, _POLICY),
    "InvalidGrantToken": (DENIED, _POLICY),
    "OptInRequired": (DENIED, "the account has not opted in to this service or region"),
    "RegionDisabled": (DENIED, "enable STS in this region for the account"),
    "IDPRejectedClaim": (DENIED, "the role's trust policy does not take this web identity"),
    "Disabled": (DISABLED, _ENABLE),
    "KMSInvalidState": (PENDING_DELETION, _CANCEL),
    "NotFound": (NOT_FOUND, _WHERE),
    "InvalidCiphertext": (NOT_ITS_STANZA, "restore the file from its history"),
    "IncorrectKey": (NOT_ITS_STANZA, "restore the file from its history"),
    "InvalidKeyUsage": (WRONG_KEY, "a symmetric key for ENCRYPT_DECRYPT is needed"),
    "UnsupportedOperation": (WRONG_KEY, ""),
    "InvalidArn": (NOT_FOUND, _WHERE),
    "KeyUnavailable": (UNAVAILABLE, ""),
    "DependencyTimeout": (UNAVAILABLE, ""),
    "KMSInternal": (UNAVAILABLE, ""),
    "InternalFailure": (UNAVAILABLE, ""),
    "InternalError": (UNAVAILABLE, ""),
    "InternalServerError": (UNAVAILABLE, ""),
    "ServiceUnavailable": (UNAVAILABLE, ""),
    "IDPCommunicationError": (UNAVAILABLE, ""),
    "Throttling": (THROTTLED, ""),
    "Throttled": (THROTTLED, ""),
    "ThrottledException": (THROTTLED, ""),
    "TooManyRequests": (THROTTLED, ""),
    "RequestThrottled": (THROTTLED, ""),
    "RequestLimitExceeded": (THROTTLED, ""),
    "LimitExceeded": (THROTTLED, ""),
    "BandwidthLimitExceeded": (THROTTLED, ""),
    "SlowDown": (THROTTLED, ""),
    "PriorRequestNotComplete": (THROTTLED, ""),
    "ExpiredToken": (EXPIRED, _RENEW),
    "TokenRefreshRequired": (EXPIRED, _RENEW),
    "RequestExpired": (BAD_CREDENTIALS, _CLOCK),
    "RequestTimeTooSkewed": (BAD_CREDENTIALS, _CLOCK),
    "InvalidSignature": (BAD_CREDENTIALS, _CLOCK),
    "SignatureDoesNotMatch": (BAD_CREDENTIALS, _CLOCK),
    "UnrecognizedClient": (BAD_CREDENTIALS, _LOGIN),
    "InvalidClientTokenId": (BAD_CREDENTIALS, _LOGIN),
    "AuthFailure": (BAD_CREDENTIALS, _LOGIN),
    "InvalidIdentityToken": (BAD_CREDENTIALS, _LOGIN),
    "MissingAuthenticationToken": (NO_CREDENTIALS, _LOGIN),
    "IncompleteSignature": (BAD_CREDENTIALS, _LOGIN),
    "Validation": (REFUSED, _WHERE),
    "ValidationError": (REFUSED, _WHERE),
    "InvalidParameter": (REFUSED, ""),
    "InvalidAction": (REFUSED, _NETWORK),
    "UnknownOperation": (REFUSED, _NETWORK),
    "MalformedHttpRequest": (REFUSED, ""),
    "Serialization": (REFUSED, ""),
    "RequestAborted": (UNAVAILABLE, ""),
    "RequestTimeout": (UNAVAILABLE, ""),
    "DryRunOperation": (REFUSED, ""),
    "MalformedPolicyDocument": (REFUSED, _CONFIG),
    "PackedPolicyTooLarge": (REFUSED, _CONFIG),
    "InvalidContextAssertion": (REFUSED, _CONFIG),
}
# What the service says of these names who was refused, and why; of no other it is told
_TOLD = (DENIED, DISABLED, PENDING_DELETION, NOT_FOUND, WRONG_KEY)

# The classes of botocore and boto3; the nearest base class that stands here counts
CLASSES: dict[str, tuple[Kind, str]] = {
    "NoCredentialsError": (NO_CREDENTIALS, _LOGIN),
    "NoAuthTokenError": (NO_CREDENTIALS, _LOGIN),
    "PartialCredentialsError": (NO_CREDENTIALS, "a part of the credentials is missing"),
    "CredentialRetrievalError": (NO_CREDENTIALS, _CONFIG),
    "MetadataRetrievalError": (NO_CREDENTIALS, "the container's credentials endpoint failed"),
    "ProfileNotFound": (NO_CREDENTIALS, "check AWS_PROFILE and `profile`: aws configure list"),
    "RefreshWithMFAUnsupportedError": (NO_CREDENTIALS, "a profile with MFA needs `aws sts`"),
    "UnknownCredentialError": (NO_CREDENTIALS, _CONFIG),
    "UnknownTokenProviderError": (NO_CREDENTIALS, _CONFIG),
    "MissingDependencyException": (NO_CREDENTIALS, "pip install 'botocore[crt]'"),
    "TokenRetrievalError": (EXPIRED, _RENEW),
    "SSOTokenLoadError": (EXPIRED, "aws sso login"),
    "UnauthorizedSSOTokenError": (EXPIRED, "aws sso login"),
    "SSOError": (EXPIRED, "aws sso login"),
    "LoginError": (EXPIRED, "aws login"),
    "NoRegionError": (WRONG_REGION, _REGION),
    "InvalidRegionError": (WRONG_REGION, _REGION),
    "UnknownRegionError": (WRONG_REGION, _REGION),
    "ServiceNotInRegionError": (WRONG_REGION, _REGION),
    "BaseEndpointResolverError": (WRONG_REGION, _REGION),
    "EndpointProviderError": (WRONG_REGION, _REGION),
    "ConfigNotFound": (NO_CREDENTIALS, _CONFIG),
    "ConfigParseError": (NO_CREDENTIALS, _CONFIG),
    "InvalidConfigError": (NO_CREDENTIALS, _CONFIG),
    "InvalidIMDSEndpointError": (NO_CREDENTIALS, _CONFIG),
    "InvalidIMDSEndpointModeError": (NO_CREDENTIALS, _CONFIG),
    "InvalidRetryConfigurationError": (REFUSED, _CONFIG),
    "InvalidDefaultsMode": (REFUSED, _CONFIG),
    "InvalidProxiesConfigError": (REFUSED, _CONFIG),
    "InvalidSTSRegionalEndpointsConfigError": (REFUSED, _CONFIG),
    "InvalidEndpointConfigurationError": (REFUSED, _CONFIG),
    "ConnectTimeoutError": (TIMEOUT, _NETWORK),
    "ReadTimeoutError": (TIMEOUT, _NETWORK),
    "SSLError": (TLS, _CERTIFICATE),
    "ProxyConnectionError": (UNREACHABLE, "check HTTPS_PROXY and NO_PROXY"),
    "EndpointConnectionError": (UNREACHABLE, _NETWORK),
    "ConnectionError": (UNREACHABLE, _NETWORK),
    "HTTPClientError": (UNREACHABLE, _NETWORK),
    "IncompleteReadError": (MALFORMED, ""),
    "ChecksumError": (MALFORMED, ""),
    "DataNotFoundError": (REFUSED, "reinstall boto3"),
    # what is left is of other services, or a defect in how they are called
    "ClientError": (REFUSED, ""),
    "BotoCoreError": (REFUSED, ""),
    "Boto3Error": (REFUSED, ""),
    "UndefinedModelAttributeError": (REFUSED, ""),
    # of what botocore reads answers with
    "ResponseParserError": (MALFORMED, ""),
}


def of_service(code: str, message: str, status: int) -> Refusal:
    """Return the refusal of a service error.

    Args:
        code: Its code, such as `AccessDeniedException`.
        message: What the service says of it.
        status: The HTTP status of the answer.
    """
    short = code.rpartition("#")[2].partition(":")[0].removesuffix("Exception")
    if short == "KMSInvalidState" and "disabled" in message.lower():
        short = "Disabled"
    kind, hint = SERVICE.get(short, (UNAVAILABLE if status >= 500 else REFUSED, ""))
    detail = one_line(message) if kind in _TOLD else one_line(code, 60) or f"status {status}"
    return Refusal(kind, detail, hint)


def of_sdk(error: Exception) -> Refusal | None:
    """Return the refusal of an error of the SDK; None for what is none of its errors.

    What the error says is not told: it can quote a request, or a credential file.
    """
    response = getattr(error, "response", None)
    if type(error).__module__.startswith("botocore.") and isinstance(response, dict):
        said = response.get("Error", {})
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return of_service(str(said.get("Code", "")), str(said.get("Message", "")), status)
    for base in type(error).__mro__:
        if base.__module__.partition(".")[0] in ("botocore", "boto3") and base.__name__ in CLASSES:
            kind, hint = CLASSES[base.__name__]
            return Refusal(kind, type(error).__name__, hint)
    return None
