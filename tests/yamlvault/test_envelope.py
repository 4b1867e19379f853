"""Envelopes: a data key, wrapped once for each KEK."""

import pyrage
import pytest

from yamlvault import Keyring
from yamlvault.envelope import reason_closed, unwrap, wrap
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Stanza, WrappedKey

NOBODY = Keyring([])


@pytest.fixture
def data_key():
    return DataKey.new()


@pytest.fixture
def identities():
    return [pyrage.x25519.Identity.generate() for _ in range(3)]


def uri(identity):
    return f"age:{identity.to_public()}"


def test_a_stanza_for_each_kek(data_key, identities):
    """The id is kept, and stanzas stand in the order of the URIs."""
    wrapped = wrap(data_key, [uri(identity) for identity in identities], NOBODY)
    assert wrapped.id == data_key.id
    assert [stanza.kek for stanza in wrapped.stanzas] == [uri(identity) for identity in identities]
    assert all(data_key.secret not in stanza.wrapped for stanza in wrapped.stanzas)


def test_duplicates_are_folded(data_key, identities):
    """A KEK that is named in several ways has one stanza, where it was named first."""
    first, second = map(uri, identities[:2])
    wrapped = wrap(data_key, [first, second, f"{first} ", first], NOBODY)
    assert [stanza.kek for stanza in wrapped.stanzas] == [first, second]


@pytest.mark.parametrize("wrong", ["age:age1x", "x:y", "passphrase:p"])
def test_one_that_cannot_be_used(wrong, data_key, identities):
    """With one KEK that can't be used nothing is wrapped at all."""
    with pytest.raises(KEKError):
        wrap(data_key, [uri(identities[0]), wrong], NOBODY)


def test_no_kek(data_key):
    """Without any KEK nobody could open it: the hint says how to name one."""
    with pytest.raises(KEKError, match="no KEK") as caught:
        wrap(data_key, [], NOBODY)
    assert "--kek" in caught.value.hint


def test_reasons_for_each_kek(data_key, identities, monkeypatch):
    """Where none opens, the message says of each KEK why, and a shared reason once."""
    monkeypatch.delenv("YAMLVAULT_PASSPHRASE", raising=False)
    monkeypatch.delenv("YAMLVAULT_PASSPHRASE_FD", raising=False)
    key = wrap(data_key, [uri(identities[0])], NOBODY)
    more = (Stanza("vault:x", b""), Stanza("passphrase:", b""), Stanza(uri(identities[1]), b"x"))
    key = key._replace(stanzas=key.stanzas + more)
    with pytest.raises(NoKeyError) as caught:
        unwrap(key, NOBODY)
    message = caught.value.message
    for part in (
        f"({uri(identities[0])}, {uri(identities[1])}: no age identity is at hand; ",
        "passphrase:: no passphrase is at hand",
        "vault:x: 'vault:x' is not a KEK URI of a known kind",
    ):
        assert part in message
    assert "recipients" in caught.value.hint


def test_a_person_is_asked_last(data_key, identities):
    """Where an identity opens a stanza, nobody is asked for a passphrase."""
    asked = []
    ring = Keyring([str(identities[0])], ask=lambda which: asked.append(which) or "p")
    key = wrap(data_key, [uri(identities[0])], NOBODY)
    key = key._replace(stanzas=(Stanza("passphrase:", b""), *key.stanzas))
    assert unwrap(key, ring) == data_key
    assert asked == []


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_data_key_of_another_size(size, identities):
    """A data key has 32 bytes; another one is a stanza that does not open."""
    stanza = Stanza(uri(identities[0]), pyrage.encrypt(bytes(size), [identities[0].to_public()]))
    with pytest.raises(NoKeyError, match="what it wraps is no data key"):
        unwrap(WrappedKey("AAAAAAAA", (stanza,)), Keyring([str(identities[0])]))


def test_damaged_beside_good(data_key, identities):
    """A damaged stanza does not keep another from opening."""
    key = wrap(data_key, [uri(identities[0])], NOBODY)
    for broken in (b"", key.stanzas[0].wrapped[:-1]):
        damaged = key._replace(stanzas=(Stanza(uri(identities[0]), broken), *key.stanzas))
        assert unwrap(damaged, Keyring([str(identities[0])])) == data_key


def test_reason_closed(data_key, identities):
    """The reason is empty for a stanza that opens here."""
    stanza = wrap(data_key, [uri(identities[0])], NOBODY).stanzas[0]
    assert reason_closed(stanza, Keyring([str(identities[0])])) == ""
    assert "matches" in reason_closed(stanza, Keyring([str(identities[1])]))
    assert "damaged" in reason_closed(stanza._replace(wrapped=b"x"), Keyring([str(identities[0])]))


def test_any_recipient_opens(identities):
    """What is wrapped for several recipients is opened by each of them."""
    data_key = DataKey.new()
    wrapped = wrap(data_key, [uri(identity) for identity in identities], Keyring([]))
    assert len(wrapped.stanzas) == 3
    for identity in identities:
        assert unwrap(wrapped, Keyring([str(identity)])) == data_key
    with pytest.raises(NoKeyError) as caught:
        unwrap(wrapped, Keyring([str(pyrage.x25519.Identity.generate())]))
    assert all(uri(identity) in caught.value.message for identity in identities)


def test_a_data_key_of_another_length_beside_a_good_one(identities):
    """What a stanza holds must be 32 bytes; another stanza may still open."""
    short = pyrage.encrypt(b"x" * 16, [identities[0].to_public()])
    ring = Keyring([str(identities[0])])
    key = WrappedKey("AAAAAAAA", (Stanza(uri(identities[0]), short),))
    with pytest.raises(NoKeyError, match="no data key"):
        unwrap(key, ring)
    good = wrap(DataKey("AAAAAAAA", bytes(32)), [uri(identities[0])], ring).stanzas
    assert unwrap(key._replace(stanzas=key.stanzas + good), ring).secret == bytes(32)


def test_unknown_kinds_of_keks_are_passed_over(identities):
    """A stanza of a kind that this version does not know is no error if another opens."""
    known = wrap(DataKey("AAAAAAAA", bytes(32)), [uri(identities[0])], Keyring([]))
    other = Stanza("vault:transit/x", b"?")
    key = known._replace(stanzas=(other, *known.stanzas))
    assert unwrap(key, Keyring([str(identities[0])])).secret == bytes(32)
    assert "known kind" in reason_closed(other, Keyring([]))
