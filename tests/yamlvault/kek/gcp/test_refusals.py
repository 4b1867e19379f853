"""The table of refusals, and each kind of refusal end to end."""

import inspect
import socket
import ssl

import google.api_core.exceptions
import google.auth.exceptions
import grpc
import pytest
from servers.gcp_kms.fixtures import NOWHERE

from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError
from yamlvault.kek import attempts
from yamlvault.kek.gcp.refusals import (
    EXCEPTIONS,
    HTTP,
    STATUSES,
    names_of,
    of_exception,
    of_http,
    of_status,
)
from yamlvault.kek.refusal import Refusal

from .conftest import DATA_KEY

CATCH_ALL = ("google.auth.exceptions.GoogleAuthError", "google.api_core.exceptions.GoogleAPIError")


def classes(module):
    """Return the exception classes that a module defines."""
    return [
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, Exception) and one.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    "kind", classes(google.auth.exceptions) + classes(google.api_core.exceptions)
)
def test_every_exception_has_a_row(kind):
    """By itself or by a base that is listed; the last rows are for classes still unknown."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    rows = [one for one in names_of(kind) if one in EXCEPTIONS and one not in CATCH_ALL]
    # what is called by name in Python 2 spelling has its twin here
    is_base = kind in {
        google.auth.exceptions.GoogleAuthError,
        google.api_core.exceptions.GoogleAPIError,
        google.api_core.exceptions.GoogleAPICallError,
    }
    assert rows or is_base, f"{name} has no row"


@pytest.mark.parametrize("status", [one.name for one in grpc.StatusCode if one.name != "OK"])
def test_every_status_has_a_row(status):
    """No status of google.rpc is left to chance."""
    assert isinstance(of_status(status), Refusal)
    assert status in STATUSES


@pytest.mark.parametrize("kind", classes(google.api_core.exceptions))
def test_every_code_of_an_api_error_has_a_row(kind):
    """Errors of HTTP and of gRPC that mean the same become the same."""
    code = getattr(kind, "code", None)
    rpc = getattr(kind, "grpc_status_code", None)
    if rpc is not None:
        assert rpc.name in STATUSES
    if isinstance(code, int) and rpc is not None:
        assert code in HTTP


def test_names_in_the_table_exist():
    """No row is of a class that was renamed."""
    import importlib

    for name in EXCEPTIONS:
        module, _, qualified = name.rpartition(".")
        found = getattr(importlib.import_module(module), qualified)
        assert names_of(found)[0] == name


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (ConnectionRefusedError(111, "Connection refused"), "can't be reached"),
        (TimeoutError("timed out"), "within the deadline"),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), "certificate"),
        (google.auth.exceptions.RefreshError("private"), "not accepted"),
        (google.auth.exceptions.MutualTLSChannelError("private"), "TLS failed"),
    ],
)
def test_exceptions(error, text):
    """What the system says is passed on, a library's own text is not."""
    refusal = of_exception(error)
    said = str(refusal.error("op", "op"))
    assert text in said
    assert "private" not in said


def test_a_defect_is_no_refusal():
    """An error of a kind that nobody expects is not dressed up as one of the service."""
    assert of_exception(ZeroDivisionError()) is None
    assert of_exception(AttributeError("x")) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [(302, "refused"), (407, "refused"), (418, "refused"), (502, "failed"), (599, "failed")],
)
def test_http_codes(code, text):
    """A proxy's answer says its code and is transient where the server is to blame."""
    refusal = of_http(code)
    assert f"HTTP {code}" in refusal.detail
    assert text in refusal.kind.text
    assert refusal.kind.is_transient is (code >= 500)


def wrong(status, message, reason=""):
    return {"kind": "error", "status": status, "message": message, "reason": reason, "times": 99}


SERVICE = [
    (wrong("PERMISSION_DENIED", "Permission 'x' denied"), NoKeyError, "denied .Permission 'x'"),
    (
        wrong("PERMISSION_DENIED", "KMS API has not been used", "SERVICE_DISABLED"),
        KEKError,
        "refused .KMS API has not been used",
    ),
    (wrong("PERMISSION_DENIED", "billing", "BILLING_DISABLED"), KEKError, "refused .billing"),
    (wrong("PERMISSION_DENIED", "no", "CONSUMER_INVALID"), KEKError, "refused .no"),
    (
        wrong("PERMISSION_DENIED", "no", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        NoKeyError,
        "denied .no",
    ),
    (
        wrong("UNAUTHENTICATED", "no", "ACCESS_TOKEN_EXPIRED"),
        NoKeyError,
        "the credentials are expired",
    ),
    (wrong("UNAUTHENTICATED", "no"), NoKeyError, "the credentials are not accepted"),
    (wrong("NOT_FOUND", "CryptoKey x not found."), KEKError, "no such key .*CryptoKey x"),
    (wrong("INVALID_ARGUMENT", "Bad thing"), KEKError, "refused .Bad thing"),
    (wrong("INVALID_ARGUMENT", "Decryption failed: x"), KEKError, "did not wrap the stanza"),
    (wrong("FAILED_PRECONDITION", "is DESTROY_SCHEDULED."), KEKError, "going to be deleted"),
    (wrong("FAILED_PRECONDITION", "something else"), KEKError, "refused .something else"),
    (wrong("OUT_OF_RANGE", "x"), KEKError, "refused .x"),
    (wrong("UNIMPLEMENTED", "x"), KEKError, "refused .x"),
    (wrong("ALREADY_EXISTS", "x"), KEKError, "refused .x"),
    (wrong("DATA_LOSS", "x"), KEKError, "x"),
    (wrong("DEADLINE_EXCEEDED", "x"), KEKUnreachableError, "no answer within the deadline"),
]


@pytest.mark.parametrize(("fault", "error", "text"), SERVICE, ids=lambda one: str(one)[:40])
def test_what_the_service_says(place, fault, error, text):
    """Both clients make the same of it: the kind, the service's words, the permission."""
    stanza = place.wrap()
    place.server.fault(operation="Decrypt", **fault)
    with pytest.raises(error, match=text) as caught:
        place.unwrap(stanza)
    assert type(caught.value) is error
    said = str(caught.value)
    assert said.startswith(
        "cloudkms Decrypt, which needs cloudkms.cryptoKeyVersions.useToDecrypt: "
    )
    assert "\n" not in said
    assert caught.value.hint is None or "docs/kms.md" in caught.value.hint
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("DISABLED", "the key is disabled"),
        ("DESTROY_SCHEDULED", "going to be deleted, or its material is gone"),
        ("DESTROYED", "going to be deleted, or its material is gone"),
    ],
)
def test_the_states_of_a_version(place, state, text):
    """Neither wraps nor unwraps a version that is not enabled; the hint says how to go back."""
    stanza = place.wrap()
    place.server.set_state(place.uri, state)
    for call in (place.wrap, lambda: place.unwrap(stanza)):
        with pytest.raises(KEKError, match=text) as caught:
            call()
        assert "gcloud kms keys versions" in caught.value.hint


def test_no_such_key(place):
    """A key that isn't there is not found by who may look for it."""
    place.server.grant(place.principal)
    place.uri = f"{place.uri}-x"
    with pytest.raises(KEKError, match="there is no such key") as caught:
        place.wrap()
    assert "gcloud kms keys list" in caught.value.hint


def test_a_key_for_signatures(place):
    """A key of another purpose is told apart."""
    place.uri = place.server.create_key(purpose="ASYMMETRIC_SIGN")
    place.server.grant(place.principal, uri=place.uri)
    with pytest.raises(KEKError, match="the key can't be used for this") as caught:
        place.wrap()
    assert "ENCRYPT_DECRYPT" in caught.value.hint


@pytest.mark.parametrize("fault", ["throttle", "unavailable", "internal", "close"])
def test_what_passes(place, fault):
    """It is tried again and told."""
    stanza = place.wrap()
    place.server.fault(fault, "Decrypt", times=2)
    assert place.unwrap(stanza) == DATA_KEY
    again = [line for line in place.told if "attempt" in line]
    # a connection that the server closed before the request is tried anew without a word
    assert again[0].startswith("cloudkms Decrypt: ")
    assert f"attempt 1 of {attempts.LIMIT}" in again[0]


@pytest.mark.parametrize(
    ("fault", "text"), [("throttle", "too many requests"), ("unavailable", "the service failed")]
)
def test_what_does_not_pass(place, fault, text):
    """After a few attempts it is an error that says that it may work later."""
    stanza = place.wrap()
    place.server.fault(fault, "Decrypt", times=99)
    with pytest.raises(KEKUnreachableError, match=text):
        place.unwrap(stanza)
    assert len([line for line in place.told if "attempt" in line]) == attempts.LIMIT - 1


def test_a_denial_is_not_tried_again(place):
    """What no attempt changes costs one request."""
    stanza = place.wrap()
    place.server.clear()
    place.server.grant(place.principal, [], place.uri)
    with pytest.raises(NoKeyError, match="denied"):
        place.unwrap(stanza)
    assert place.asked() == ["Decrypt"]


def test_nobody_listens(place, monkeypatch):
    """A connection that is refused is told as such."""
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", f"http://{NOWHERE}")
    with pytest.raises(KEKUnreachableError, match="the service can't be reached") as caught:
        place.wrap(seconds=5)
    assert "docs/kms.md" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("not_http", "the answer is malformed .BadStatusLine"),
        ("cut", "the service can't be reached .RemoteDisconnected"),
        ("huge", "the answer is malformed .TooLongError"),
    ],
)
def test_broken_http(light_place, kind, text):
    """What is no HTTP, too long or cut off is an error of the service."""
    stanza = light_place.wrap()
    light_place.server.fault(kind, "Decrypt", times=99)
    with pytest.raises(KEKError, match=text):
        light_place.unwrap(stanza)


@pytest.mark.parametrize(("code", "error"), [(302, KEKError), (503, KEKUnreachableError)])
def test_pages_of_something_in_between(light_place, code, error):
    """A redirection is not followed with a token; a page is not shown."""
    headers = {"Location": f"{light_place.server.endpoint}/elsewhere"}
    light_place.server.fault(
        "raw", "Encrypt", times=99, code=code, text="<html>hunter2", headers=headers
    )
    with pytest.raises(error, match=f"HTTP {code}") as caught:
        light_place.wrap()
    assert "hunter2" not in str(caught.value)


def test_what_is_sent_back_is_not_shown(place):
    """What answers can repeat the request: no secret gets into a message."""
    place.server.fault("echo", "Encrypt")
    with pytest.raises(NoKeyError, match=r"denied .no: … …") as caught:
        place.wrap()
    said = f"{caught.value!r} {caught.value.hint} {caught.value.__dict__} {place.told}"
    assert "ya29" not in said
