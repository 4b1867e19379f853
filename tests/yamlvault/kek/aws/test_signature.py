"""Signatures: the same as botocore's, for whatever a request holds."""

import calendar
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given
from hypothesis import strategies as st

from yamlvault.kek.aws.signature import Credentials, Request, Signer

KEYS = st.text("ABCXYZabcxyz0189/+=", min_size=1, max_size=40)
PATHS = st.lists(st.text("abcXYZ019-_.~%+", min_size=1, max_size=8), max_size=3)


@given(
    access=KEYS,
    secret=KEYS,
    token=st.one_of(st.just(""), KEYS),
    host=st.sampled_from(["kms.eu-west-1.amazonaws.com", "127.0.0.1:4566", "localhost:80"]),
    path=PATHS.map(lambda parts: "/" + "/".join(parts)),
    body=st.binary(max_size=100),
    target=st.text("abcTrent.Service ", min_size=1, max_size=20).filter(str.strip),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
)
@example("A", "s", "", "localhost:80", "/", b"", "TrentService.Decrypt", datetime(2026, 2, 28))  # noqa: DTZ001
def test_as_botocore_signs(access, secret, token, host, path, body, target, moment):
    """Every header that botocore adds we add, with the same value."""
    if "//" in path or "/." in path:
        path = "/x"  # botocore normalizes these; no endpoint has them
    scheme = "http" if host.partition(":")[2] else "https"
    url = f"{scheme}://{host}{path}"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    signer = Auth(BotocoreCredentials(access, secret, token or None), "kms", "eu-west-1", moment)
    request = AWSRequest("POST", url, headers=HTTPHeaders.from_dict(headers), data=body)
    signer.add_auth(request)
    now = calendar.timegm(moment.timetuple())
    ours = Signer("kms", "eu-west-1").headers(
        Request("POST", url, headers, body), Credentials(access, secret, token), now
    )
    wanted = {name.lower(): value for name, value in request.headers.items()}
    assert {name.lower(): value for name, value in ours.items()} == wanted


@given(
    token=st.one_of(st.just(""), KEYS),
    key=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
)
@example("", "a b/ü+%2F~!'()*:@&=,$;#?", datetime(2026, 2, 28))  # noqa: DTZ001
def test_as_botocore_signs_for_s3(token, key, moment):
    """For S3 the path is signed as it is sent, whatever the key, and the body's digest is told."""
    url = f"http://127.0.0.1:4566/bucket/{quote(key, safe='/~')}"
    signer = S3Auth(BotocoreCredentials("A", "s", token or None), "s3", "eu-west-1", moment)
    request = AWSRequest("GET", url, headers=HTTPHeaders())
    request.headers["X-Amz-Content-SHA256"] = sha256(b"").hexdigest()
    request.context["payload_signing_enabled"] = True
    signer.add_auth(request)
    now = calendar.timegm(moment.timetuple())
    ours = Signer("s3", "eu-west-1").headers(
        Request("GET", url, {}), Credentials("A", "s", token), now
    )
    wanted = {name.lower(): value for name, value in request.headers.items()}
    assert {name.lower(): value for name, value in ours.items()} == wanted


class _AtAMoment:
    """botocore's signer at a moment of choice, and with the host as HTTP/1.1 has it."""

    def __init__(self, credentials, service, region, moment):
        super().__init__(credentials, service, region)
        self._moment = moment.replace(tzinfo=UTC)

    def add_auth(self, request):
        request.context["timestamp"] = self._moment.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        signature = self.signature(self.string_to_sign(request, canonical), request)
        self._inject_signature_to_request(request, signature)

    def _modify_request_before_signing(self, request):
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token


class Auth(_AtAMoment, SigV4Auth):
    pass


class S3Auth(_AtAMoment, S3SigV4Auth):
    pass


def test_no_secret_is_shown():
    """What holds a secret key has it in no repr."""
    credentials = Credentials("AKIAX", "marker-secret", "marker-token")
    assert "marker" not in f"{credentials!r} {credentials}"
