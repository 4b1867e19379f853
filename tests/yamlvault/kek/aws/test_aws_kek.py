"""`aws-kms:` KEKs against moto's KMS: each case with both clients."""

import os

import pytest

from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.kek import kek_of

DATA_KEY = os.urandom(32)
SOON = Deadline(300)
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
