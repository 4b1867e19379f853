"""The table of refusals: whole, and each row as a user sees it."""

import builtins
import inspect

import boto3
import boto3.exceptions
import botocore.exceptions
import pytest

from yamlvault.kek.aws import refusals
from yamlvault.kek.refusal import (
    DENIED,
    DISABLED,
    NOT_FOUND,
    PENDING_DELETION,
    REFUSED,
    THROTTLED,
    UNAVAILABLE,
    WRONG_KEY,
    WRONG_REGION,
    Kind,
)

CATCH_ALL = {"BotoCoreError", "Boto3Error", "ClientError"}
# What neither Encrypt nor Decrypt of KMS can come to: these, and these alone, are left to the
# last rows.
IMPOSSIBLE = set(
    """
    AliasConflictParameterError AwsChunkedWrapperError DynamoDBNeedsConditionError
    DynamoDBNeedsKeyConditionError DynamoDBOperationNotSupportedError EventStreamError
    InvalidCrtTransferConfigError InvalidDNSNameError InvalidExpressionError
    InvalidHostLabelError InvalidS3AddressingStyleError
    InvalidS3UsEast1RegionalEndpointConfigError MD5UnavailableError MissingParametersError
    NoVersionFound OperationNotPageableError PaginationError RangeError
    ResourceLoadException ResourceNotExistsError RetriesExceededError S3TransferFailedError
    S3UploadFailedError StubAssertionError StubResponseError UnStubbedResponseError
    UnknownAPIVersionError UnknownClientMethodError UnknownKeyError UnknownParameterError
    UnknownServiceStyle UnknownSignatureVersionError UnseekableStreamError
    UnsupportedOutpostResourceError UnsupportedS3AccesspointConfigurationError
    UnsupportedS3ArnError UnsupportedS3ConfigurationError UnsupportedS3ControlArnError
    UnsupportedS3ControlConfigurationError UnsupportedServiceProtocolsError
    UnsupportedSignatureVersionError ValidationError WaiterConfigError WaiterError
    """.split()  # noqa: SIM905  a list of forty names is better read so
)


def exceptions_of(module):
    """Return the exceptions that a module defines or passes on, without warnings."""
    return [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and not issubclass(found, Warning)
    ]


EXCEPTIONS = {
    found.__name__: found
    for module in (botocore.exceptions, boto3.exceptions)
    for found in exceptions_of(module)
    if found.__module__.startswith(("boto3", "botocore"))
}


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_exception_of_the_sdk_has_a_row(name):
    """Each class of the installed SDK is in the table, by itself or by a base that says why."""
    names = [base.__name__ for base in EXCEPTIONS[name].__mro__]
    row = next((base for base in names if base in refusals.EXCEPTIONS), None)
    assert row is not None
    assert (row in CATCH_ALL) == (name in IMPOSSIBLE | CATCH_ALL)


def test_no_row_is_for_a_class_that_is_gone():
    """A row of the table names a class that exists."""
    others = {"AwsCrtError", "ResponseParserError"}
    rows = {name for name in refusals.EXCEPTIONS if not hasattr(builtins, name)} - others
    assert rows <= set(EXCEPTIONS)


@pytest.mark.parametrize("operation", ["Encrypt", "Decrypt"])
def test_every_error_of_the_service_has_a_row(operation):
    """Each error that the model of KMS gives an operation is in the table."""
    client = boto3.client("kms", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    shapes = client.meta.service_model.operation_model(operation).error_shapes
    assert {shape.name for shape in shapes} <= set(refusals.CODES)
    assert shapes


def test_every_row_is_of_a_kind():
    """Each row has a kind, and where something can be done about it a hint in one line."""
    rows = [*refusals.CODES.values(), *refusals.EXCEPTIONS.values()]
    for row in rows:
        assert isinstance(row.kind, Kind)
        assert "\n" not in row.hint
        assert not (row.is_quoted and row.kind is REFUSED)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("arn:… is pending deletion.", PENDING_DELETION),
        ("arn:… is pending import.", PENDING_DELETION),
        ("arn:… is disabled.", DISABLED),
        ("arn:… is updating", WRONG_KEY),
    ],
)
def test_states_of_a_key(message, kind):
    """KMSInvalidStateException has one code for all states: the message tells which."""
    refusal = refusals.of_code("KMSInvalidStateException", message)
    assert refusal.kind is kind
    assert refusal.detail == message


def test_a_key_of_another_region():
    """KMS has one code for a key that is not there and for one of another region."""
    assert refusals.of_code("NotFoundException", "Invalid arn us-west-2").kind is WRONG_REGION
    assert refusals.of_code("NotFoundException", "Key 'x' does not exist").kind is NOT_FOUND


def test_codes_that_are_new():
    """A code that nobody knew is told; the status of HTTP says whether to try again."""
    assert refusals.of_code("NewException", "marker").kind is REFUSED
    assert refusals.of_code("NewException", "marker").detail == "NewException"
    assert refusals.of_code("NewException", "marker", 503).kind is UNAVAILABLE
    assert refusals.of_code("", "", 429).kind is THROTTLED
    assert refusals.of_code("", "", 403).kind is DENIED
    assert refusals.of_code("", "", 502).detail == "HTTP status 502"
    assert refusals.of_code("<html>marker", "", 400).detail == "HTTP status 400"


@pytest.mark.parametrize("code", sorted(refusals.CODES))
def test_messages_that_can_quote_a_request(code):
    """The service's message is told where it names key and caller, and never where it quotes."""
    quoted = "marker" in refusals.of_code(code, "marker").detail
    assert quoted == refusals.CODES[code].is_quoted
    if "Validation" in code or "Signature" in code or "Token" in code:
        assert not quoted


def test_an_exception_is_never_quoted():
    """Messages of the SDK can hold a parameter: of an exception only its class is told."""
    error = botocore.exceptions.ParamValidationError(report="value: marker")
    assert "marker" not in refusals.of_exception(error).detail
