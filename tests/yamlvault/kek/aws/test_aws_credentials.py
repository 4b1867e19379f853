"""Where credentials come from: each source, with the client that is chosen for it."""

import json
import os
import socket
import stat
import sys

import pytest
from servers.aws import ACCOUNT
from servers.credentials import container, metadata
from servers.faults import Faults, hang, send

from yamlvault import Access
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKUnreachableError, NoKeyError
from yamlvault.kek import kek_of

DATA_KEY = os.urandom(32)
SOON = Deadline(86_400)  # made when tests are collected, hours may lie between
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        ],
    }
)


@pytest.fixture
def home(moto, monkeypatch, tmp_path):
    """A home without credentials, where a test writes its own configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    (tmp_path / ".aws").mkdir()
    return tmp_path


@pytest.fixture
def uri(moto):
    """The URI of a key of moto."""
    uri = f"aws-kms:{moto.key()}"
    moto.clear()
    return uri


@pytest.fixture
def role(moto):
    """The ARN of a role that may be assumed."""
    iam = moto.client("iam")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    yield f"arn:aws:iam::{ACCOUNT}:role/reader"
    iam.delete_role(RoleName="reader")


def program(folder, text):
    """Write a Python program and return its name."""
    file = folder / "program"
    file.write_text(f"#!{sys.executable}\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.mark.usefixtures("client")
def test_the_environment(moto, uri, keyring):
    """The variables' key signs."""
    kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert moto.signers() == [moto.environment["AWS_ACCESS_KEY_ID"]]


@pytest.mark.parametrize("profile", ["default", "shop"])
@pytest.mark.parametrize("file", ["config", "credentials"])
def test_keys_of_a_profile(monkeypatch, home, moto, uri, keyring, profile, file):
    """The files in the home hold keys by profile; AWS_PROFILE says which."""
    section = "profile shop" if (profile, file) == ("shop", "config") else profile
    (home / ".aws" / file).write_text(
        f"[{section}]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = secret\n"
    )
    if profile != "default":
        monkeypatch.setenv("AWS_PROFILE", profile)
    kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert moto.signers() == ["AKIAPROFILE"]


@pytest.mark.usefixtures("client")
def test_a_container(monkeypatch, home, moto, uri, keyring):
    """ECS and EKS Pod Identity: an endpoint of the node, and a token in a file."""
    (home / "token").write_text("token-marker")
    with Faults() as agent:
        agent.do(container("AKIACONTAINER", "token-marker"))
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{agent.url}/v1/credentials")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(home / "token"))
        stanza = kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
        assert kek_of(uri, keyring).unwrap(stanza, SOON) == DATA_KEY
        assert agent.seen == ["GET /v1/credentials"]  # kept until they expire
    assert moto.signers() == ["AKIACONTAINER"] * 2


@pytest.mark.usefixtures("client")
def test_a_virtual_machine(monkeypatch, home, moto, uri, keyring):
    """EC2: the instance metadata service, version 2."""
    with Faults() as service:
        service.do(metadata("AKIAMACHINE"))
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url)
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
        assert service.seen[0] == "PUT /latest/api/token"
    assert moto.signers() == ["AKIAMACHINE"]


def test_a_program(home, moto, uri, keyring, told):
    """`credential_process` hands them out; boto3 is chosen for it."""
    keys = {"Version": 1, "AccessKeyId": "AKIAPROGRAM", "SecretAccessKey": "secret"}
    file = program(home, f"print({json.dumps(keys)!r})")
    (home / ".aws" / "config").write_text(f"[default]\ncredential_process = {file}\n")
    kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert moto.signers() == ["AKIAPROGRAM"]
    assert "KMS through boto3" in told[0]
    assert ".aws/config is there" in told[0]


@pytest.mark.parametrize(
    "text",
    [
        "raise SystemExit('stderr-marker')",
        "print('{\"Version\": 7}')",
        "print('no JSON secret-marker')",
        "print('[]')",
        "print('{\"Version\": 1}')",
    ],
)
def test_a_program_that_fails(home, moto, uri, keyring, text):
    """Nothing of what such a program prints is told: it may be the secret."""
    file = program(home, text)
    (home / ".aws" / "config").write_text(f"[default]\ncredential_process = {file}\n")
    with pytest.raises(Exception, match="kms:Encrypt: ") as caught:
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert "marker" not in f"{caught.value!r}{caught.value.hint}"
    assert moto.requests() == []


def test_a_program_that_is_missing(home, moto, uri, keyring):
    """It is told as what it is: a wrong configuration."""
    (home / ".aws" / "config").write_text("[default]\ncredential_process = /nowhere/x\n")
    with pytest.raises(NoKeyError, match="the AWS configuration can't be used") as caught:
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert "~/.aws/config" in caught.value.hint


def test_a_role(home, moto, uri, role, told, monkeypatch):
    """A role that the caller names is assumed with the credentials at hand."""
    for name, value in moto.environment.items():
        monkeypatch.setenv(name, value)
    keyring = told.keyring(access=Access(role=role))
    stanza = kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert kek_of(uri, keyring).unwrap(stanza, SOON) == DATA_KEY
    assert moto.requests()[-3:] == ["AssumeRole", "Encrypt", "Decrypt"]
    own, *rest = moto.signers()[-3:]
    assert own == moto.environment["AWS_ACCESS_KEY_ID"]
    assert own not in rest
    assert "a profile or a role is chosen" in told[0]


def test_a_profile_that_the_caller_names(home, moto, uri, told):
    """It comes before all that the environment has."""
    (home / ".aws" / "credentials").write_text(
        "[shop]\naws_access_key_id = AKIASHOP\naws_secret_access_key = secret\n"
    )
    kek_of(uri, told.keyring(access=Access(profile="shop"))).wrap(DATA_KEY, {}, SOON)
    assert moto.signers() == ["AKIASHOP"]


def test_a_profile_with_a_role(home, moto, uri, role, keyring, told):
    """A profile can name a role and the profile to assume it with."""
    (home / ".aws" / "config").write_text(
        f"[default]\nrole_arn = {role}\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = secret\n"
    )
    kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert moto.requests()[-2:] == ["AssumeRole", "Encrypt"]
    assert moto.signers()[-2] == "AKIABASE"
    assert "KMS through boto3" in told[0]


def test_a_role_without_credentials(home, moto, uri, told):
    """To assume a role, something has to be at hand."""
    keyring = told.keyring(access=Access(role=f"arn:aws:iam::{ACCOUNT}:role/x"))
    with pytest.raises(NoKeyError, match=r"no credentials are at hand \(to assume the role with\)"):
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)


@pytest.mark.usefixtures("client")
def test_a_web_identity(monkeypatch, home, moto, uri, role, keyring):
    """EKS: a token in a file is exchanged at STS for credentials of a role, once."""
    (home / "token").write_text("token-marker")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(home / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", role)
    stanza = kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert kek_of(uri, keyring).unwrap(stanza, SOON) == DATA_KEY
    assert moto.requests()[-3:] == ["AssumeRoleWithWebIdentity", "Encrypt", "Decrypt"]


@pytest.mark.usefixtures("client")
def test_a_web_identity_that_is_refused(monkeypatch, home, moto, faults, uri, keyring):
    """What STS says of who was refused is told, and the token is not."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    (home / "token").write_text("token-marker")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(home / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/x")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", faults.url)
    faults.do(
        send(
            b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
            b"<Code>AccessDenied</Code><Message>Not authorized to perform it</Message>"
            b"</Error></ErrorResponse>",
            403,
        )
    )
    with pytest.raises(NoKeyError, match="denied") as caught:
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert "Not authorized" in caught.value.message
    assert "marker" not in caught.value.message


def test_a_profile_that_is_missing(home, moto, uri, told):
    """The hint says where profiles are named."""
    with pytest.raises(NoKeyError, match="configuration can't be used") as caught:
        kek_of(uri, told.keyring(access=Access(profile="nobody"))).wrap(DATA_KEY, {}, SOON)
    assert "no such profile" in caught.value.hint


def test_no_credentials(home, moto, uri, client, keyring):
    """Where none are found anywhere, the message says so with where to look."""
    with pytest.raises(NoKeyError, match="kms:Encrypt: no credentials are at hand") as caught:
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert "docs/kms.md" in caught.value.hint
    assert moto.requests() == []


def test_both_are_tried(home, moto, uri, keyring, told):
    """Where the light client finds no credentials, boto3 may."""
    with pytest.raises(NoKeyError, match="no credentials are at hand"):
        kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert [line for line in told if "for the light client" in line]


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    "answer", [send(b"", 404), send(b"{}"), send(b"no JSON marker"), send(b"[]")]
)
def test_a_container_agent_that_fails(monkeypatch, home, moto, uri, keyring, answer):
    """An agent without credentials is told as none; nothing that it says is quoted."""
    with Faults() as agent:
        agent.do(answer)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{agent.url}/v1/credentials")
        with pytest.raises(Exception, match="kms:Encrypt: ") as caught:
            kek_of(uri, keyring).wrap(DATA_KEY, {}, SOON)
    assert isinstance(caught.value, NoKeyError)
    assert "marker" not in f"{caught.value!r}{caught.value.hint}"


@pytest.mark.usefixtures("client")
def test_a_container_agent_that_hangs(monkeypatch, home, moto, uri, keyring):
    """The deadline holds for where credentials come from too."""
    with Faults() as agent:
        agent.do(hang)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{agent.url}/v1/credentials")
        with pytest.raises(KEKUnreachableError, match="no answer"):
            kek_of(uri, keyring).wrap(DATA_KEY, {}, Deadline(1.5))


def test_a_program_that_hangs(home, moto, uri, keyring):
    """And for a program."""
    file = program(home, "import time; time.sleep(20)")
    (home / ".aws" / "config").write_text(f"[default]\ncredential_process = {file}\n")
    with pytest.raises(KEKUnreachableError, match="no answer within the deadline"):
        kek_of(uri, keyring).wrap(DATA_KEY, {}, Deadline(1.5))


@pytest.mark.usefixtures("client")
def test_a_machine_whose_metadata_hangs(monkeypatch, home, moto, uri, keyring):
    """A metadata service that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{port}")
        with pytest.raises((KEKUnreachableError, NoKeyError), match=r"no answer|no credentials"):
            kek_of(uri, keyring).wrap(DATA_KEY, {}, Deadline(3))
