"""The policies of docs/kms-aws.md, as far as moto's IAM enforces them."""

import json
import os
import re
import urllib.request
from pathlib import Path

import pytest

from yamlvault.deadline import Deadline
from yamlvault.errors import NoKeyError
from yamlvault.format.metadata import Stanza
from yamlvault.kek import kek_of
from yamlvault.kek.aws.key_name import parse

PAGE = Path(__file__).parents[4] / "docs" / "kms-aws.md"
DATA_KEY = os.urandom(32)
SOON = Deadline(86_400)  # made when tests are collected, hours may lie between
MAY = {
    "A developer who writes": {"Encrypt"},
    "A container that reads": {"Decrypt"},
    "An administrator who rotates": {"Encrypt", "Decrypt"},
}


def policies():
    """Return the policies of the page by the headings that they stand under."""
    found = re.findall(
        r"^### (.+?)\n.*?```json\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    return {title: json.loads(text) for title, text in found}


def enforce(moto, count):
    """Let moto check rights after so many more requests."""
    request = urllib.request.Request(
        f"{moto.url}/moto-api/reset-auth", str(count).encode(), {"Content-Type": "text/plain"}
    )
    with urllib.request.urlopen(request, timeout=60):
        pass


@pytest.fixture
def user(moto, monkeypatch):
    """Return a function that lets a new user, who has one policy, make the requests to come."""
    iam = moto.client("iam")
    names = []

    def become(policy):
        names.append(f"user{len(names)}")
        iam.create_user(UserName=names[-1])
        if policy is not None:
            document = json.dumps(policy)
            iam.put_user_policy(UserName=names[-1], PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=names[-1])["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        enforce(moto, 0)

    yield become
    enforce(moto, "inf")
    for name in names:
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        iam.delete_user(UserName=name)


def without_what_moto_lacks(policy):
    """Return a policy as moto's IAM can check it: of KMS it has neither resource nor condition."""
    statements = [one | {"Resource": "*"} for one in policy["Statement"]]
    for statement in statements:
        statement.pop("Condition", None)
    return policy | {"Statement": statements}


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("title", MAY)
def test_what_a_role_may(moto, user, keyring, title):
    """Each role may do what its heading says, and nothing else; signatures are checked too."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    stanza = kek.wrap(DATA_KEY, {}, SOON)
    keyring.clients.clear()
    user(without_what_moto_lacks(policies()[title]))
    calls = {
        "Encrypt": lambda: kek.wrap(DATA_KEY, {}, SOON),
        "Decrypt": lambda: kek.unwrap(stanza, SOON),
    }
    for operation, call in calls.items():
        if operation in MAY[title]:
            assert isinstance(call(), (Stanza, bytes))
        else:
            with pytest.raises(NoKeyError, match=f"kms:{operation}: denied"):
                call()


@pytest.mark.usefixtures("client")
def test_who_has_no_policy(moto, user, keyring):
    """Without a policy nothing is allowed: moto does enforce."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    user(None)
    with pytest.raises(NoKeyError, match="denied"):
        kek.wrap(DATA_KEY, {}, SOON)


@pytest.mark.usefixtures("client")
def test_a_wrong_secret(moto, user, keyring, monkeypatch):
    """A signature by another secret opens nothing; moto checks it with botocore's own code.

    Its answer is not in the words of KMS: those are tried in test_aws_refused.
    """
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    user(without_what_moto_lacks(policies()["A developer who writes"]))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret-marker")
    with pytest.raises(NoKeyError, match=r"denied|not accepted") as caught:
        kek.wrap(DATA_KEY, {}, SOON)
    assert "marker" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize("title", MAY)
def test_what_moto_does_not_check(title):
    """Each policy is for one key by its ARN, and the container's for its context alone."""
    policy = policies()[title]
    assert set(policies()) == set(MAY)
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Allow"
    assert parse(statement["Resource"]).is_key_arn
    if title == "A container that reads":
        (condition,) = statement["Condition"].values()
        assert list(statement["Condition"]) == ["StringEquals"]
        assert all(name.startswith("kms:EncryptionContext:") for name in condition)
    else:
        assert "Condition" not in statement
