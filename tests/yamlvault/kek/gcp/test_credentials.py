"""Where access comes from: files of each kind, the metadata server, and the order of the search."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

from yamlvault import Access, Keyring, encrypt
from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError

from .conftest import DATA_KEY

ADC = "GOOGLE_APPLICATION_CREDENTIALS"
OWN = "YAMLVAULT_GCP_CREDENTIALS"
KINDS = ["service_account", "authorized_user", "external_account"]


def other_file(place, kind="service_account", **changes):
    """Return the credentials file of somebody else who may use the key."""
    who = f"other-{place.principal}"
    place.server.grant(who, uri=place.uri)
    return who, place.server.credentials_file(who, place.folder, kind, **changes)


def principals(place):
    return {one["principal"] for one in place.server.requests("Encrypt", "Decrypt")}


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_each_kind(place, monkeypatch, kind):
    """A service account's key, a user's login and workload identity federation all open."""
    who, file = other_file(place, kind)
    monkeypatch.setenv(ADC, file)
    assert place.unwrap(place.wrap()) == DATA_KEY
    assert principals(place) == {who}


def test_googles_own_service_account_file(light_place, monkeypatch):
    """Where Google's endpoint would be asked for a token, the signed assertion is one itself."""
    who, file = other_file(light_place, token_uri="https://oauth2.googleapis.com/token")
    monkeypatch.setenv(ADC, file)
    assert light_place.unwrap(light_place.wrap()) == DATA_KEY
    assert principals(light_place) == {who}
    assert light_place.server.requests("token") == []


@pytest.mark.parametrize("way", ["variable", "access", "function"])
def test_our_own_variable_comes_first(place, monkeypatch, way):
    """A file that is named for yamlvault alone is put in front of all others."""
    who, file = other_file(place)
    monkeypatch.setenv(ADC, "/nowhere")
    access = {
        "variable": None,
        "access": Access(credentials=file),
        "function": lambda uri: Access(credentials=file if uri == place.uri else "/nowhere"),
    }[way]
    if way == "variable":
        monkeypatch.setenv(OWN, file)
    place.wrap(keyring=place.keyring(access=access))
    assert principals(place) == {who}


def test_gclouds_login(place, monkeypatch):
    """Without a variable, what `gcloud auth application-default login` left is taken."""
    who, file = other_file(place, "authorized_user")
    monkeypatch.delenv(ADC)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(place.folder))
    shutil.copy(file, place.folder / "application_default_credentials.json")
    place.wrap()
    assert principals(place) == {who}


def test_two_files_in_one_keyring(place):
    """Each KEK has the access that is meant for it."""
    who, file = other_file(place)
    first = place.uri
    keyring = place.keyring(access=lambda uri: Access(credentials=None if uri == first else file))
    place.wrap(keyring=keyring)
    place.uri = place.server.create_key()
    place.server.grant(who, uri=place.uri)
    place.wrap(keyring=keyring)
    assert principals(place) == {place.principal, who}


@pytest.fixture
def machine(place, monkeypatch):
    """Return a place on a machine of Google's that has an account."""
    monkeypatch.delenv(ADC)
    monkeypatch.setenv("GCE_METADATA_HOST", place.server.host)
    place.server.set_metadata_principal(place.principal)
    return place


def test_the_metadata_server(machine):
    """A machine's own account needs no file, and one request for a token."""
    keyring = machine.keyring()
    assert machine.unwrap(machine.wrap(keyring=keyring), keyring) == DATA_KEY
    assert principals(machine) == {machine.principal}
    asked = [one["path"] for one in machine.server.requests("metadata")]
    assert asked == ["/computeMetadata/v1/instance/service-accounts/default/token"]


def test_a_metadata_server_that_is_not_there_yet(machine):
    """It is asked again: a pod's is there some seconds after the pod."""
    machine.server.fault("close", "metadata", times=2)
    assert machine.unwrap(machine.wrap()) == DATA_KEY
    assert any("attempt 1" in line for line in machine.told)


def test_a_machine_without_an_account(machine):
    """The metadata server knows of none."""
    machine.server.set_metadata_principal(None)
    with pytest.raises(NoKeyError, match=r"no credentials are at hand .*no service account"):
        machine.wrap()


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        ({"kind": "no_flavor"}, NoKeyError, "is not a metadata server"),
        (
            {"kind": "raw", "code": 403, "text": "Unable to generate", "headers": {}},
            NoKeyError,
            "is not a metadata server",
        ),
        (
            {
                "kind": "raw",
                "code": 403,
                "text": "Unable to generate",
                "headers": {"Metadata-Flavor": "Google"},
            },
            NoKeyError,
            "metadata server: Unable to generate",
        ),
        (
            {
                "kind": "raw",
                "code": 503,
                "text": "",
                "headers": {"Metadata-Flavor": "Google"},
            },
            KEKUnreachableError,
            "HTTP 503",
        ),
        (
            {
                "kind": "raw",
                "code": 200,
                "text": '{"access_token": "a\\r\\nX: b"}',
                "headers": {"Metadata-Flavor": "Google"},
            },
            KEKError,
            "no access token in the answer",
        ),
    ],
)
def test_answers_of_a_metadata_server(machine, fault, error, text):
    """Each is told by what it means."""
    machine.server.fault(operation="metadata", times=99, **fault)
    with pytest.raises(error, match=text):
        machine.wrap()
    assert machine.asked() == []


def test_nothing_at_hand(place, monkeypatch):
    """Away from Google's machines and without a file, the hint says what to set."""
    monkeypatch.delenv(ADC)
    monkeypatch.setenv("GCE_METADATA_HOST", "metadata.invalid")
    with pytest.raises(NoKeyError, match="no credentials are at hand") as caught:
        place.wrap()
    assert "gcloud auth application-default login" in caught.value.hint
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(NoKeyError, match="no credentials are at hand"):
        place.wrap()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "No such file"),
        ("", "is not JSON"),
        ("{private", "is not JSON"),
        ("[]", "is not a credentials file"),
        ('{"type": 1, "private_key": "private"}', "is not a credentials file"),
        ('{"type": "private"}', "credentials"),
        ('{"type": "service_account"}', "client_email|credentials"),
        (
            (
                '{"type": "service_account", "client_email": "e", "private_key_id": "1",'
                ' "token_uri": "http://127.0.0.1:1", "private_key": "private"}'
            ),
            "private_key is not an RSA key|credentials",
        ),
        ('{"type": "authorized_user", "client_secret": "private"}', "client_id"),
        ('{"type": "external_account", "audience": "private"}', "credentials"),
        ('{"type": "external_account", "credential_source": 5}', "credentials"),
        ('{"type": "service_account", "client_email": 5, "private_key": []}', "credentials"),
    ],
)
@pytest.mark.parametrize("variable", [ADC, OWN])
def test_malformed_files(place, monkeypatch, content, text, variable):
    """They are an error that names the file and nothing that stands in it."""
    file = place.folder / "credentials.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv(variable, str(file))
    with pytest.raises((NoKeyError, KEKError), match=text) as caught:
        place.wrap()
    assert '"' not in str(caught.value)
    assert "private}" not in str(caught.value)
    assert place.asked() == []


@pytest.mark.parametrize(
    ("error", "code", "kind", "text"),
    [
        ("invalid_grant", 400, NoKeyError, "the credentials are expired"),
        ("invalid_client", 401, NoKeyError, "the credentials are not accepted"),
        ("unauthorized_client", 401, NoKeyError, "the credentials are not accepted"),
        ("something_new", 400, NoKeyError, "the credentials are not accepted"),
    ],
)
@pytest.mark.parametrize("of", KINDS)
def test_refusals_of_a_token_endpoint(place, monkeypatch, of, error, code, kind, text):
    """They say what the endpoint said, and that new credentials are needed."""
    monkeypatch.setenv(ADC, place.server.credentials_file(place.principal, place.folder, of))
    place.server.fault("oauth", "token", times=99, error=error, code=code)
    with pytest.raises(kind, match=f"{text} .*{error}") as caught:
        place.wrap()
    assert "docs/kms.md" in caught.value.hint
    assert place.asked() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_endpoint_that_fails_for_a_moment(light_place, monkeypatch, kind):
    """It is asked again."""
    file = light_place.server.credentials_file(light_place.principal, light_place.folder, kind)
    monkeypatch.setenv(ADC, file)
    light_place.server.fault("oauth", "token", times=2, error="", code=503)
    light_place.wrap()
    assert len(light_place.server.requests("token")) == 3


def test_a_token_endpoint_in_plaintext(light_place, monkeypatch):
    """An assertion or a refresh token is not sent over http to another machine."""
    _, file = other_file(light_place, token_uri="http://tokens.example.com/token")
    monkeypatch.setenv(ADC, file)
    with pytest.raises(NoKeyError, match=r"token endpoint http://tokens.example.com/token is not"):
        light_place.wrap()


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_shown(place, monkeypatch, kind, capfd):
    """Neither in messages nor in the repr of what holds it, whatever fails."""
    file = place.server.credentials_file(place.principal, place.folder, kind)
    monkeypatch.setenv(ADC, file)
    keyring = place.keyring()
    stanza = place.wrap(keyring=keyring)
    place.server.fault("echo", "Decrypt")
    with pytest.raises(NoKeyError) as caught:
        place.unwrap(stanza, keyring)
    with open(file) as text:
        content = json.load(text)
    secrets = [
        *(content.get(name, "none") for name in ("private_key", "refresh_token", "client_secret")),
        "subject-token-of",
        "ya29.",
        DATA_KEY.hex(),
        repr(DATA_KEY)[2:-1],
    ]
    seen = [
        repr(caught.value),
        str(caught.value),
        str(caught.value.hint),
        repr(keyring),
        *place.told,
        *(repr(one) for one in keyring.clients.items()),
        *(repr(vars(one)) for one in keyring.clients.values()),
        *capfd.readouterr(),
    ]
    for secret in secrets:
        assert [text for text in seen if secret in text] == []


def test_the_quota_project(light_place, monkeypatch):
    """A user's quota project goes with the request; a service account needs none."""
    from yamlvault.kek.gcp.credentials_file import find, quota_project

    file = light_place.server.credentials_file(
        light_place.principal, light_place.folder, "authorized_user", quota_project_id="billed"
    )
    assert quota_project(find(file)) == "billed"
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "other")
    assert quota_project(find(file)) == "other"
    assert quota_project(None) == "other"


@pytest.mark.parametrize("value", ["a\nX-Header: b", "\xe9\u0661"])
def test_a_quota_project_that_is_no_header(light_place, monkeypatch, value):
    """It cannot bring headers of its own."""
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", value)
    with pytest.raises(KEKError, match="refused"):
        light_place.wrap()
    assert light_place.asked() == []


@pytest.mark.parametrize("host", ["[", "a b", "host:port", "\u0661..\xe9", "x" * 300])
def test_a_metadata_host_that_is_none(machine, monkeypatch, host):
    """It is an error of one line and not a defect."""
    monkeypatch.setenv("GCE_METADATA_HOST", host)
    with pytest.raises((KEKError, NoKeyError)):
        machine.wrap(seconds=3)


def test_the_command_line(place):
    """`yamlvault get` of a file with one KEK is one request to Cloud KMS."""
    file = place.folder / "f.yml"
    file.write_bytes(encrypt(b"a: secret\n", keks=[place.uri], keyring=Keyring()))
    place.server.clear()
    program = os.path.join(os.path.dirname(sys.executable), "yamlvault")
    done = subprocess.run([program, "get", file, "$.a"], capture_output=True, check=True)
    assert done.stdout == b"secret\n"
    assert place.asked() == ["Decrypt"]
    assert len(place.server.requests()) == 2  # and one for the token


def test_a_federation_without_https(place, monkeypatch):
    """A token is sent over https, or to this machine; nowhere else, whatever the file says."""
    with socket.create_server(("127.0.0.2", 0)) as elsewhere:
        elsewhere.settimeout(0)
        url = f"http://127.0.0.2:{elsewhere.getsockname()[1]}/sts"
        file = place.server.credentials_file(
            place.principal, place.folder, "external_account", token_url=url
        )
        monkeypatch.setenv(ADC, file)
        with pytest.raises(KEKError) as caught:
            place.wrap(seconds=20)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert "subject-token" not in str(caught.value)
