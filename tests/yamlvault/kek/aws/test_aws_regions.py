"""Multi-region keys: the replica that is near first, the key's own region behind it.

moto 5.2 can't open what its own multi-region keys wrap (it cuts their longer ids off), so a server
that answers as told stands in for KMS here.
"""

import os

import pytest
from servers.aws import ACCOUNT
from servers.faults import error, give, hang

from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError
from yamlvault.format.metadata import Stanza
from yamlvault.kek import kek_of
from yamlvault.kek.aws.key_name import parse

DATA_KEY = os.urandom(32)
SOON = Deadline(86_400)  # made when tests are collected, hours may lie between
KEY = parse(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab")
REPLICA = KEY.in_region("us-east-1")
STANZA = Stanza(f"aws-kms:{KEY.text}", b"wrapped")

pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture(params=["AWS_REGION", "AWS_DEFAULT_REGION"])
def in_america(request, monkeypatch, faults):
    """A process in another region than that of the key."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv(request.param, "us-east-1")
    return faults


def test_the_replica_is_asked(in_america, keyring, told):
    """The answer of the replica here is taken."""
    in_america.do(give(KeyId=REPLICA.text, Plaintext=DATA_KEY))
    assert kek_of(STANZA.kek, keyring).unwrap(STANZA, SOON) == DATA_KEY
    assert in_america.seen == ["Decrypt"]
    assert not any("no replica" in line for line in told)


@pytest.mark.parametrize(
    "code", ["NotFoundException", "AccessDeniedException", "DisabledException"]
)
def test_the_own_region_is_asked_next(in_america, keyring, told, code):
    """Where the replica does not help, the key itself does."""
    in_america.do(error(code), give(KeyId=KEY.text, Plaintext=DATA_KEY))
    assert kek_of(STANZA.kek, keyring).unwrap(STANZA, SOON) == DATA_KEY
    assert in_america.seen == ["Decrypt", "Decrypt"]
    assert any("no replica in us-east-1" in line for line in told)


def test_a_region_that_hangs_leaves_time(in_america, keyring):
    """A replica that gives no answer takes half of the time at most."""
    in_america.do(hang, give(KeyId=KEY.text, Plaintext=DATA_KEY))
    assert kek_of(STANZA.kek, keyring).unwrap(STANZA, Deadline(6)) == DATA_KEY


@pytest.mark.parametrize(
    "answer",
    [
        KEY.text,
        REPLICA.text.replace(ACCOUNT, "999999999999"),
        REPLICA.text[:-1] + "c",
        KEY.in_region("us-east-2").text,
    ],
)
def test_only_the_replica_may_answer(in_america, keyring, answer):
    """Account, region and id of what answers are those that were asked; nothing else is tried."""
    in_america.do(give(KeyId=answer, Plaintext=DATA_KEY))
    with pytest.raises(KEKError, match="not of the key that was asked"):
        kek_of(STANZA.kek, keyring).unwrap(STANZA, SOON)
    assert in_america.seen == ["Decrypt"]


def test_the_own_region_has_the_last_word(in_america, keyring):
    """What is told is what the key itself says."""
    in_america.do(error("NotFoundException"), error("AccessDeniedException", "because marker-why"))
    with pytest.raises(Exception, match="marker-why"):
        kek_of(STANZA.kek, keyring).unwrap(STANZA, SOON)


def test_wrapping_asks_the_own_region(in_america, keyring):
    """A stanza names the key that the caller named."""
    in_america.do(give(KeyId=KEY.text, CiphertextBlob=b"wrapped"))
    assert kek_of(STANZA.kek, keyring).wrap(DATA_KEY, {}, SOON).kek == STANZA.kek


def test_other_keys_stay_in_their_region(in_america, keyring):
    """A key of one region has no replica to ask."""
    arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    in_america.do(give(KeyId=arn, Plaintext=DATA_KEY))
    stanza = Stanza(f"aws-kms:{arn}", b"wrapped")
    assert kek_of(stanza.kek, keyring).unwrap(stanza, SOON) == DATA_KEY


def test_other_partitions_have_no_replica(monkeypatch, in_america, keyring):
    """A key does not leave its partition."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "cn-north-1")
    in_america.do(give(KeyId=KEY.text, Plaintext=DATA_KEY))
    assert kek_of(STANZA.kek, keyring).unwrap(STANZA, SOON) == DATA_KEY
