"""What can go wrong on the way to S3, each told apart, by a server that does as told."""

import hashlib
import os
import signal
import socket
from datetime import timedelta

import pytest
from assets_place import BUCKET, KEY, MANIFEST
from servers.credentials import container
from servers.faults import (
    Faults,
    close,
    close_early,
    drip,
    hang,
    reset,
    s3_error,
    send,
)
from servers.tls import self_signed
from sessions import eventually

WHERE = f"s3://{BUCKET}/{KEY}"
GET = f"GET /{BUCKET}/{KEY}"
WHY = "User: arn:aws:iam::1:user/x is not authorized to perform: s3:ListBucket"


@pytest.fixture(autouse=True)
def _of_tests(s3_faults):
    """Every test has the server in its environment."""


@pytest.mark.parametrize(
    "act",
    [
        send(b"<html>busy</html>", 503),
        send(b"", 500),
        send(b"", 429),
        s3_error("SlowDown", "Please reduce your request rate.", 503),
        s3_error("InternalError", "We encountered an internal error.", 500),
        s3_error("RequestTimeout", "Your socket connection was not read.", 400),
        close,
        close_early,
        reset,
    ],
    ids=[
        "503",
        "500",
        "429",
        "SlowDown",
        "InternalError",
        "RequestTimeout",
        "closed",
        "cut",
        "reset",
    ],
)
def test_what_passes(place, s3_faults, act):
    """What may work a moment later is tried again, said each time, and does."""
    s3_faults.do(act, act, send(MANIFEST))
    result = place.fetch()
    assert result.returncode == 0, result.stderr
    assert place.target.read_bytes() == MANIFEST
    assert s3_faults.seen == [GET] * 3
    assert result.stderr.count(b"attempt") == 2
    assert b"attempt 2 of 5, again in" in result.stderr


@pytest.mark.parametrize("act", [hang, drip])
def test_an_attempt_has_an_end(place, s3_faults, act):
    """One attempt that hangs, or drips, does not take the time of all."""
    s3_faults.do(act, send(MANIFEST))
    result = place.fetch(step={"timeout": "8s"})
    assert result.returncode == 0, result.stderr
    assert b"no answer within the deadline; attempt 1 of 5" in result.stderr


@pytest.mark.parametrize(
    ("act", "says", "hint"),
    [
        (send(b"", 503), "the service failed (HTTP status 503)", "later"),
        (s3_error("SlowDown", "", 503), "too many requests", "more time"),
        (send(b"", 429), "too many requests (HTTP status 429)", "more time"),
        (close_early, "the answer is not whole (the connection ended within", "proxy"),
        (reset, "the service can't be reached (127.0.0.1:", "network"),
    ],
    ids=["503", "SlowDown", "429", "cut", "reset"],
)
def test_what_does_not_pass(place, s3_faults, act, says, hint):
    """What stays broken is given up after five attempts."""
    s3_faults.do(act)
    place.refused(f"{WHERE}: {says}", hint)
    assert s3_faults.seen == [GET] * 5


@pytest.mark.parametrize(
    ("act", "says", "hint"),
    [
        (s3_error("NoSuchKey", "", 404), "there is no such key;", "uploaded"),
        (s3_error("NoSuchBucket", "", 404), "there is no such bucket;", "`bucket`"),
        (s3_error("AccessDenied", WHY, 403), f"missing or denied ({WHY});", "s3:GetObject"),
        (send(b"", 403), "missing or denied (HTTP status 403);", "s3:GetObject"),
        (send(b"<html>", 404), "there is no such key (HTTP status 404);", "uploaded"),
        (s3_error("InvalidObjectState", "", 403), "it is archived", "lifecycle"),
        (s3_error("ExpiredToken", "", 400), "the credentials are expired;", "new ones"),
        (s3_error("InvalidAccessKeyId", "", 403), "the credentials are not accepted;", "belong"),
        (s3_error("SignatureDoesNotMatch", "marker", 403), "the credentials are not", "belong"),
        (s3_error("RequestTimeTooSkewed", "", 403), "the clock of this machine is wrong", "set it"),
        (
            s3_error("PermanentRedirect", "", 301, [("x-amz-bucket-region", "eu-central-1")]),
            "the bucket is in another region (eu-central-1);",
            "`region: eu-central-1`",
        ),
        (
            s3_error("AuthorizationHeaderMalformed", "", 400, Region="us-east-2"),
            "the bucket is in another region (us-east-2);",
            "`region: us-east-2`",
        ),
        (send(b"", 301), "the bucket is in another region;", "`region`"),
        (s3_error("NewError", "marker", 400), "refused (NewError);", "`endpoint`"),
        (send(b"", 418), "refused (HTTP status 418);", "`endpoint`"),
    ],
)
def test_what_no_attempt_changes(place, s3_faults, act, says, hint):
    """Each is told once, at once, in words of its own, with what to do."""
    s3_faults.do(act)
    lines = place.refused(f"{WHERE}: {says}", hint)
    assert s3_faults.seen == [GET]
    assert "marker" not in "".join(lines)


def test_a_wrong_clock(place, s3_faults):
    """A clock that is wrong is corrected by that of S3, and the manifest fetched."""
    s3_faults.clock = timedelta(hours=-5)
    s3_faults.do(send(MANIFEST))
    assert place.fetch().returncode == 0
    assert place.target.read_bytes() == MANIFEST
    assert s3_faults.seen == [GET] * 2


def test_silence(place, s3_faults):
    """The step ends itself at its time, and says what it was waiting for."""
    s3_faults.do(hang)
    host = s3_faults.url.removeprefix("http://")
    place.refused(f"{WHERE}: no answer within the deadline ({host})", "NAT", step={"timeout": "2s"})


def test_ended_in_silence(start, place, s3_faults):
    """TERM while S3 says nothing ends the start at once, with 128+15, and writes nothing."""
    s3_faults.do(hang)
    place.write()
    session = start("-f", "plan.yml", "--", "echo", "started", cwd=place.folder)
    eventually(lambda: s3_faults.seen, "a request")
    session.signal(signal.SIGTERM)
    assert session.wait() == 128 + signal.SIGTERM
    assert session.lines == []
    assert not place.target.parent.exists()


def test_nothing_listens(place, monkeypatch):
    """A refused connection is told with the host that refused it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place.refused(
        f"{WHERE}: the service can't be reached (127.0.0.1:{port}: Connection refused)",
        "AWS_ENDPOINT_URL_S3",
        endpoint=f"http://127.0.0.1:{port}",
    )


def test_no_such_host(place):
    """A name that nobody knows is told with what the resolver says."""
    place.refused(
        f"{WHERE}: the service can't be reached (no-such-host.invalid: ",
        "DNS",
        endpoint="http://no-such-host.invalid",
    )


def test_a_certificate_that_nobody_signed(place, tmp_path, monkeypatch):
    """A server that can't prove who it is gets no request; AWS_CA_BUNDLE lets it prove that."""
    context, file = self_signed(tmp_path)
    with Faults(context) as server:
        server.do(send(MANIFEST))
        place.refused(f"{WHERE}: the service's certificate", "AWS_CA_BUNDLE", endpoint=server.url)
        assert server.seen == []
        monkeypatch.setenv("AWS_CA_BUNDLE", str(file))
        assert place.fetch(endpoint=server.url).returncode == 0


def test_no_credentials(place, s3_faults, monkeypatch):
    """Nobody is asked without credentials, and the hint says where they come from."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    place.refused(f"{WHERE}: no credentials are at hand", "give the container a role")
    assert s3_faults.seen == []


def test_credentials_of_the_container(place, s3_faults, monkeypatch):
    """A task's role is asked for at its agent; where that is out of reach, it is told so."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    s3_faults.do(send(MANIFEST))
    with Faults() as agent:
        agent.do(container("AKIAXROLE", "token"))
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{agent.url}/role")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token")
        assert place.fetch().returncode == 0
        assert agent.seen == ["GET /role"]
    place.target.unlink()
    place.refused(f"{WHERE}: what hands out credentials can't be reached (Connection refused)")


def test_the_endpoint_of_the_plan_goes_first(place, s3_faults):
    """`endpoint` holds before AWS_ENDPOINT_URL_S3, and that before AWS_ENDPOINT_URL."""
    s3_faults.do(send(MANIFEST))
    with Faults() as other:
        other.do(send(b'{"other": 1}'))
        assert place.fetch(endpoint=f"{other.url}/gate").returncode == 0
        assert other.seen == [f"GET /gate/{BUCKET}/{KEY}"]
    assert s3_faults.seen == []
    assert place.fetch().returncode == 0
    assert s3_faults.seen == [GET]


def test_the_checksum_of_what_came(place, s3_faults):
    """A body that was changed on the way, its length the same, is refused."""
    digest = hashlib.sha256(MANIFEST).hexdigest()

    def changed(handler):
        body = MANIFEST.replace(b"1", b"2")
        handler.answer(body, headers=[("x-amz-meta-sha256", digest)])

    s3_faults.do(changed)
    place.refused(f"{WHERE}: its SHA-256 is not the one in its metadata")


def test_no_region(place, monkeypatch):
    """Without a region nothing can be signed; the plan or the environment names it."""
    monkeypatch.delenv("AWS_REGION")
    place.refused("no region is known", "`region`")
    monkeypatch.setenv("AWS_REGION", "evil.example/")
    place.refused("AWS_REGION is 'evil.example/', and not a region")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("0123", "GIT_SHA1 is not the id of a commit"),
        ("../../other", "GIT_SHA1 is not the id of a commit"),
        ("F" * 40, "GIT_SHA1 is not the id of a commit"),
    ],
)
def test_the_commit(place, s3_faults, monkeypatch, value, says):
    """A key with GIT_SHA1 gets a whole one, or S3 is not asked."""
    monkeypatch.setenv("GIT_SHA1", value)
    place.refused(says, "git rev-parse HEAD", key="m/{{ env.GIT_SHA1 }}.json")
    assert s3_faults.seen == []


def test_variables_of_similar_names(place, s3_faults, monkeypatch):
    """Only GIT_SHA1 itself has to be a whole commit."""
    s3_faults.do(send(MANIFEST))
    monkeypatch.setenv("GIT_SHA1", "0123")
    monkeypatch.setenv("GIT_SHA1_SHORT", "0123")
    assert place.fetch(key="m/{{ env.GIT_SHA1_SHORT }}.json").returncode == 0


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "has an empty part"),
        ("..", "has a part that is . or .."),
        ("a/../../b", "has a part that is . or .."),
        ("a\nb", "has an unprintable character"),
        ("x" * 1025, "has more than 1024 bytes"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_keys_that_lead_elsewhere(place, s3_faults, monkeypatch, value, says):
    """A variable that would change what the key means is refused before S3 is asked."""
    monkeypatch.setenv("APP_ENV", os.fsdecode(value))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    result = place.fetch(key="m/{{ env.APP_ENV }}/m.json")
    assert result.returncode == 125
    assert says.encode() in result.stderr
    assert s3_faults.seen == []


def test_boto3_where_it_is_needed(place, s3_faults, tmp_path, monkeypatch):
    """A profile is followed, by boto3; what S3 refuses it is told in the same words."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    file = tmp_path / "credentials"
    file.write_text("[deploy]\naws_access_key_id = AKIAXPROFILE\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "deploy")
    s3_faults.do(send(b"", 503), signed_by("AKIAXPROFILE"))
    assert place.fetch().returncode == 0
    assert place.target.read_bytes() == MANIFEST
    place.target.unlink()
    s3_faults.do(s3_error("AccessDenied", WHY, 403))
    place.refused(f"{WHERE}: missing or denied ({WHY});", "s3:GetObject")
    s3_faults.do(s3_error("NoSuchKey", "", 404))
    place.refused(f"{WHERE}: there is no such key;", "uploaded")
    s3_faults.do(send(b"", 404))
    place.refused(f"{WHERE}: there is no such key (HTTP status 404);", "uploaded")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    place.refused(f"{WHERE}: the AWS configuration can't be used", "AWS_PROFILE")


def signed_by(access_key):
    def act(handler):
        is_signed = f"Credential={access_key}/" in handler.headers["Authorization"]
        handler.answer(MANIFEST if is_signed else b"", 200 if is_signed else 403)

    return act
