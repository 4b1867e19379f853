"""What KMS refuses, from the service's answer to the message; with both clients."""

import base64
import os
import socket
from datetime import timedelta

import pytest
from servers.aws import ACCESS_KEY, ACCOUNT
from servers.faults import (
    Faults,
    close,
    close_early,
    drip,
    error,
    give,
    hang,
    send,
)
from servers.tls import self_signed

from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError, YamlVaultError
from yamlvault.format.metadata import Stanza
from yamlvault.kek import kek_of

DATA_KEY = os.urandom(32)
SOON = Deadline(86_400)  # made when tests are collected, hours may lie between
ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ac"
STANZA = Stanza(f"aws-kms:{ARN}", b"wrapped-marker")
WHY = "User: arn:aws:iam::1:user/x is not authorized, no identity-based policy allows it"

pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture
def kek(keyring):
    return kek_of(STANZA.kek, keyring)


def refused(kek, kind, match, deadline=SOON):
    """Return the error that unwrapping ends with; no secret is in it."""
    with pytest.raises(kind, match=match) as caught:
        kek.unwrap(STANZA, deadline)
    assert type(caught.value) is kind
    assert no_secret(caught.value)
    return caught.value


def no_secret(raised):
    """Tell whether an error and what stands behind it is free of secrets."""
    secrets = [
        *list(ACCESS_KEY.values())[1:],
        "canonical-marker",
        base64.b64encode(DATA_KEY).decode(),
        base64.b64encode(STANZA.wrapped).decode(),
        repr(DATA_KEY)[2:20],
    ]
    said = ""
    while raised is not None:
        said += f"{raised} {raised!r} {getattr(raised, 'hint', '')}"
        raised = raised.__cause__ or (None if raised.__suppress_context__ else raised.__context__)
    return not any(secret in said for secret in secrets)


@pytest.mark.parametrize("in_header", [False, True])
@pytest.mark.parametrize(
    ("code", "message", "kind", "says"),
    [
        ("AccessDeniedException", WHY, NoKeyError, r"kms:Decrypt: denied \(User: .* allows it\)$"),
        ("DisabledException", "", KEKError, "the key is disabled"),
        (
            "KMSInvalidStateException",
            f"{ARN} is pending deletion.",
            KEKError,
            "going to be deleted",
        ),
        ("KMSInvalidStateException", f"{ARN} is disabled.", KEKError, "is disabled"),
        ("NotFoundException", f"Key '{ARN}' does not exist", KEKError, "no such key"),
        ("InvalidCiphertextException", "", KEKError, "did not wrap the stanza"),
        ("IncorrectKeyException", "", KEKError, "did not wrap the stanza"),
        ("InvalidKeyUsageException", "", KEKError, "can't be used for this"),
        ("InvalidGrantTokenException", "", KEKError, r"refused \(InvalidGrantTokenException\)"),
        ("ValidationException", "canonical-marker", KEKError, r"refused \(ValidationException\)"),
        ("UnrecognizedClientException", "", NoKeyError, "credentials are not accepted"),
        ("InvalidClientTokenId", "", NoKeyError, "credentials are not accepted"),
        ("InvalidSignatureException", "canonical-marker", NoKeyError, "not accepted"),
        ("IncompleteSignature", "canonical-marker", NoKeyError, "not accepted"),
        ("ExpiredTokenException", "", NoKeyError, "the credentials are expired"),
        ("OptInRequired", "", NoKeyError, "denied"),
        ("BrandNewException", "canonical-marker", KEKError, r"refused \(BrandNewException\)"),
    ],
)
def test_refusals(faults, kek, client, code, message, kind, says, in_header):
    """Each is told once, at once, in words that say what is the matter."""
    if in_header and client == "sdk":
        pytest.skip("botocore looks for the code in the body alone, where KMS puts it")
    faults.do(error(code, message, in_header=in_header))
    refused(kek, kind, says)
    assert faults.seen == ["Decrypt"]


def test_the_hints(faults, kek):
    """Where something can be done about it, the hint says what."""
    hints = {
        "AccessDeniedException": "docs/kms.md",
        "DisabledException": "enable-key",
        "InvalidSignatureException": "clock",
        "ExpiredTokenException": "new ones",
        "NotFoundException": "region",
    }
    for code, hint in hints.items():
        faults.do(error(code))
        with pytest.raises(YamlVaultError) as caught:
            kek.unwrap(STANZA, SOON)
        assert hint in caught.value.hint


def test_wrapping_names_its_own_permission(faults, kek):
    """Who may not encrypt is told that, and nothing about decrypting."""
    faults.do(error("AccessDeniedException", WHY))
    with pytest.raises(NoKeyError, match=r"^kms:Encrypt: denied"):
        kek.wrap(DATA_KEY, {}, SOON)


@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException"])
def test_throttling_passes(faults, kek, told, code):
    """A throttled request is made again after a while, and each attempt is told."""
    faults.do(*[error(code, "Rate exceeded")] * 2, give(KeyId=ARN, Plaintext=DATA_KEY))
    assert kek.unwrap(STANZA, SOON) == DATA_KEY
    assert faults.seen == ["Decrypt"] * 3
    again = [line for line in told if "attempt" in line]
    assert len(again) == 2
    assert "too many requests (Rate exceeded); attempt 1 of 5" in again[0]


@pytest.mark.parametrize(
    "act",
    [
        error("ThrottlingException"),
        error("KMSInternalException", status=500),
        error("DependencyTimeoutException", status=503),
        error("KeyUnavailableException", status=500),
        error("ServiceUnavailable", status=503),
        send(b"<html>503</html>", 503),
        close,
    ],
)
def test_attempts_are_bounded(faults, kek, act):
    """What stays broken is given up after five attempts, as something that may pass."""
    faults.do(act)
    refused(kek, KEKUnreachableError, "kms:Decrypt: ")
    assert faults.seen == ["Decrypt"] * 5


@pytest.mark.parametrize("act", [close, close_early, send(b"", 502)])
def test_failures_pass(faults, kek, act, client):
    """A connection that breaks, at whichever moment, is made anew."""
    faults.do(act, give(KeyId=ARN, Plaintext=DATA_KEY))
    if client == "sdk" and act is close_early:  # botocore takes half an answer for an empty one
        refused(kek, KEKError, "malformed")
        return
    assert kek.unwrap(STANZA, SOON) == DATA_KEY
    assert faults.seen == ["Decrypt"] * 2


@pytest.mark.parametrize("act", [hang, drip])
def test_the_deadline_holds(faults, kek, act):
    """A service that is silent or drips ends with the deadline, whatever timeout it resets."""
    faults.do(act)
    refused(kek, KEKUnreachableError, "no answer", Deadline(1.5))


def test_connection_refused(monkeypatch, keyring):
    """An endpoint where nothing listens is out of reach."""
    for name, value in ACCESS_KEY.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{port}")
    raised = refused(kek_of(STANZA.kek, keyring), KEKUnreachableError, "can't be reached")
    assert "endpoint" in raised.hint


def test_a_certificate_that_nobody_signed(monkeypatch, tmp_path, keyring):
    """A server that can't prove who it is gets no request."""
    context, _ = self_signed(tmp_path)
    for name, value in ACCESS_KEY.items():
        monkeypatch.setenv(name, value)
    with Faults(context) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", server.url)
        refused(kek_of(STANZA.kek, keyring), KEKUnreachableError, "TLS")
        assert server.seen == []


def test_a_certificate_that_is_trusted(monkeypatch, tmp_path, keyring):
    """AWS_CA_BUNDLE names the certificates to trust; one that can't be read is told as that."""
    context, file = self_signed(tmp_path)
    for name, value in ACCESS_KEY.items():
        monkeypatch.setenv(name, value)
    with Faults(context) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", server.url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(file))
        server.do(give(KeyId=ARN, Plaintext=DATA_KEY))
        assert kek_of(STANZA.kek, keyring).unwrap(STANZA, SOON) == DATA_KEY
        assert server.connections == 1
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing"))
        with pytest.raises(KEKError, match="kms:Decrypt: ") as caught:
            kek_of(STANZA.kek, Keyring([])).unwrap(STANZA, SOON)
        assert caught.value.hint
        assert server.connections == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b"{}",
        f'{{"KeyId": "{ARN}"}}'.encode(),
        f'{{"KeyId": "{ARN}", "Plaintext": null}}'.encode(),
        f'{{"KeyId": "{ARN}", "Plaintext": 1}}'.encode(),
        f'{{"KeyId": "{ARN}", "Plaintext": ""}}'.encode(),
        b'{"KeyId": null, "Plaintext": "AAAA"}',
        b'{"KeyId": 1, "Plaintext": "AAAA"}',
        b"[" * 60000,
    ],
)
def test_malformed_answers(faults, kek, body):
    """An answer that is none is refused, once, in the same words."""
    faults.do(send(body))
    refused(kek, KEKError, "the answer is malformed")
    assert faults.seen == ["Decrypt"]


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_plaintexts_that_are_no_data_key(faults, kek, size):
    """A data key has 32 bytes."""
    faults.do(give(KeyId=ARN, Plaintext=os.urandom(size)))
    refused(kek, KEKError, "the answer is malformed")


@pytest.mark.parametrize(
    "arn", [OTHER, ARN.replace("eu-west-1", "eu-west-2"), ARN.replace(ACCOUNT, "9" * 12)]
)
def test_answers_of_another_key(faults, kek, arn):
    """What another key opened or wrapped is not taken, right though it may look."""
    faults.do(give(KeyId=arn, Plaintext=DATA_KEY))
    refused(kek, KEKError, "the answer is not of the key that was asked")
    faults.do(give(KeyId=arn, CiphertextBlob=b"wrapped"))
    with pytest.raises(KEKError, match="not of the key that was asked"):
        kek.wrap(DATA_KEY, {}, SOON)


def test_a_connection_serves_a_keyring(faults, kek):
    """Requests of one keyring go through one connection, refused ones too."""
    faults.do(error("AccessDeniedException"), give(KeyId=ARN, Plaintext=DATA_KEY))
    refused(kek, NoKeyError, "denied")
    for _ in range(3):
        assert kek.unwrap(STANZA, SOON) == DATA_KEY
    assert faults.connections == 1


def test_an_alias_of_another_region(faults, keyring):
    """An alias is looked up in one region: a key of another can't be the one it means."""
    faults.do(give(KeyId=ARN.replace("eu-west-1", "eu-west-2"), CiphertextBlob=b"wrapped"))
    with pytest.raises(KEKError, match="not of the key that was asked"):
        kek_of("aws-kms:alias/x", keyring).wrap(DATA_KEY, {}, SOON)


def test_another_algorithm(faults, kek):
    """Only the symmetric algorithm binds a context."""
    answer = give(KeyId=ARN, Plaintext=DATA_KEY, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    faults.do(answer)
    refused(kek, KEKError, "not of the key")


@pytest.mark.parametrize("blob", [b"", b"x" * 6145])
def test_wrapped_keys_of_a_wrong_size(faults, kek, blob):
    """What a reader would refuse is not written."""
    faults.do(give(KeyId=ARN, CiphertextBlob=blob))
    with pytest.raises(KEKError, match="malformed"):
        kek.wrap(DATA_KEY, {}, SOON)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_wrong_clock(faults, kek, hours, client):
    """The light client signs once more by the service's clock; the SDK is told of the clock."""
    faults.clock = timedelta(hours=hours)
    faults.do(give(KeyId=ARN, Plaintext=DATA_KEY))
    if client == "sdk":
        assert "clock" in refused(kek, NoKeyError, "not accepted").hint
        return
    assert kek.unwrap(STANZA, SOON) == DATA_KEY
    assert kek.unwrap(STANZA, SOON) == DATA_KEY
    assert faults.seen == ["Decrypt"] * 3


def test_the_clock_is_corrected_once(faults, kek, client):
    """A service whose clock can't be followed is not asked for ever."""
    faults.do(error("InvalidSignatureException"))
    faults.clock = timedelta(days=40000)  # far beyond what a date of HTTP can be
    refused(kek, NoKeyError, "not accepted")
    assert len(faults.seen) <= 2
