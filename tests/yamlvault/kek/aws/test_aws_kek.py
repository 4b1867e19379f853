"""`aws-kms:` KEKs against moto's KMS: each case with both clients."""

import os
import threading

import pytest

from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.metadata import Stanza
from yamlvault.kek import kek_of

DATA_KEY = os.urandom(32)
SOON = Deadline(86_400)  # made when tests are collected, hours may lie between
CONTEXT = {"app": "shop", "stage": "prod"}

pytestmark = pytest.mark.usefixtures("client")


def test_a_key_arn(moto, keyring):
    """What a key wraps it unwraps, with one request each."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    moto.clear()
    stanza = kek.wrap(DATA_KEY, CONTEXT, SOON)
    assert stanza.kek == kek.uri
    assert stanza.context == CONTEXT
    assert DATA_KEY not in stanza.wrapped
    assert kek_of(stanza.kek, keyring).unwrap(stanza, SOON) == DATA_KEY
    assert moto.requests() == ["Encrypt", "Decrypt"]


def test_other_names(moto, keyring):
    """An alias, its ARN and a key id become the ARN of the key in the stanza."""
    arn = moto.key(alias="alias/names")
    place, _, key_id = arn.partition("key/")
    try:
        for name in ("alias/names", f"{place}alias/names", key_id):
            stanza = kek_of(f"aws-kms:{name}", keyring).wrap(DATA_KEY, {}, SOON)
            assert stanza.kek == f"aws-kms:{arn}"
            assert kek_of(stanza.kek, keyring).unwrap(stanza, SOON) == DATA_KEY
    finally:
        moto.kms().delete_alias(AliasName="alias/names")


def test_an_alias_that_moves(moto, keyring):
    """A file stays open when the alias goes to another key, which wraps from then on."""
    first, second = moto.key(alias="alias/moves"), moto.key()
    try:
        before = kek_of("aws-kms:alias/moves", keyring).wrap(DATA_KEY, {}, SOON)
        moto.kms().update_alias(AliasName="alias/moves", TargetKeyId=second)
        after = kek_of("aws-kms:alias/moves", keyring).wrap(DATA_KEY, {}, SOON)
    finally:
        moto.kms().delete_alias(AliasName="alias/moves")
    assert [before.kek, after.kek] == [f"aws-kms:{first}", f"aws-kms:{second}"]
    for stanza in (before, after):
        assert kek_of(stanza.kek, keyring).unwrap(stanza, SOON) == DATA_KEY


def test_the_context_is_bound(moto, keyring):
    """With another context, or the stanza of another key, nothing opens."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    stanza = kek.wrap(DATA_KEY, CONTEXT, SOON)
    for context in ({}, CONTEXT | {"stage": "staging"}, CONTEXT | {"more": "x"}):
        with pytest.raises(KEKError, match="did not wrap the stanza, or its context is another"):
            kek.unwrap(stanza._replace(context=context), SOON)
    reverse = dict(reversed(CONTEXT.items()))
    assert kek.unwrap(stanza._replace(context=reverse), SOON) == DATA_KEY


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"a": 1}, "not text"),
        ({1: "a"}, "not text"),
        ({"a": None}, "not text"),
        ({"": "a"}, "empty key"),
        ({"a": "x" * 8192}, "8192"),
        ({"a": "ä" * 4096}, "8192"),
    ],
)
def test_contexts_that_kms_refuses(moto, keyring, context, reason):
    """A context of another kind or size is refused before a request."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    moto.clear()
    with pytest.raises(KEKError, match=reason) as caught:
        kek.wrap(DATA_KEY, context, SOON)
    assert caught.value.hint
    with pytest.raises(KEKError, match=reason):
        kek.unwrap(Stanza(kek.uri, b"x", context), SOON)
    assert moto.requests() == []


@pytest.mark.parametrize("wrapped", [b"", b"x" * 6145])
def test_stanzas_of_a_wrong_size(moto, keyring, wrapped):
    """What can't be a wrapped key is refused before a request."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    moto.clear()
    with pytest.raises(KEKError, match="damaged"):
        kek.unwrap(Stanza(kek.uri, wrapped), SOON)
    assert moto.requests() == []


def test_damaged_stanzas(moto, keyring):
    """A flipped bit anywhere in the wrapped key is refused."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    stanza = kek.wrap(DATA_KEY, CONTEXT, SOON)
    for place in (0, 40, len(stanza.wrapped) // 2, len(stanza.wrapped) - 1):
        changed = bytearray(stanza.wrapped)
        changed[place] ^= 1
        with pytest.raises((KEKError, NoKeyError)):
            kek.unwrap(stanza._replace(wrapped=bytes(changed)), SOON)


def test_a_stanza_under_an_alias(moto, keyring):
    """A stanza names its key by the ARN: who moves an alias decides nothing about it."""
    moto.clear()
    with pytest.raises(KEKError, match="does not name its key by the ARN"):
        kek_of("aws-kms:alias/x", keyring).unwrap(Stanza("aws-kms:alias/x", b"x"), SOON)
    assert moto.requests() == []


def test_a_key_that_does_not_exist(moto, keyring):
    """The message says that there is none, in this region."""
    arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    with pytest.raises(KEKError, match="kms:Encrypt: there is no such key") as caught:
        kek_of(f"aws-kms:{arn}", keyring).wrap(DATA_KEY, {}, SOON)
    assert "region" in caught.value.hint


def test_one_keyring_in_several_threads(moto, keyring):
    """Threads share a keyring and its connections."""
    kek = kek_of(f"aws-kms:{moto.key()}", keyring)
    stanza = kek.wrap(DATA_KEY, CONTEXT, SOON)
    found = []

    def work():
        found.extend(kek.unwrap(stanza, SOON) == DATA_KEY for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 30
