"""Envelopes: a data key, wrapped once for each KEK."""

import pyrage
import pytest

import yamlvault
from yamlvault import Keyring, ScopeRule
from yamlvault.addition import encrypt_more
from yamlvault.deadline import Deadline
from yamlvault.envelope import reason_closed, rewrap_key, unwrap, wrap, wrap_again
from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Stanza, WrappedKey
from yamlvault.source import parse

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
        " passphrase: no passphrase is at hand",
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
    assert reason_closed(stanza, Keyring([str(identities[0])]), Deadline(60)) == ""
    assert "matches" in reason_closed(stanza, Keyring([str(identities[1])]), Deadline(60))
    damaged = stanza._replace(wrapped=b"x")
    assert "damaged" in reason_closed(damaged, Keyring([str(identities[0])]), Deadline(60))


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
    assert "known kind" in reason_closed(other, Keyring([]), Deadline(60))


def key_for(*stanzas):
    return WrappedKey("AAAAAAAA", stanzas)


SECRET = bytes(range(32))


def test_order_of_trial(distant, identities):
    """Identities come first, a passphrase at hand next, then networks, and a person last."""
    asked = []
    person = Keyring([], ask=lambda which: asked.append(len(distant)) or "wrong")
    age = Stanza(uri(identities[0]), pyrage.encrypt(SECRET, [identities[0].to_public()]))
    phrase = Stanza("passphrase:", pyrage.passphrase.encrypt(SECRET, "right"))
    denied, network = Stanza("aws-kms:denied", SECRET), Stanza("gcp-kms:x", SECRET)
    every = key_for(phrase, denied, network, Stanza("x:y", b""), age)
    assert unwrap(every, Keyring([str(identities[0])], "wrong")).secret == SECRET
    assert unwrap(every, Keyring([], "right")).secret == SECRET
    assert distant == []
    assert unwrap(every, person).secret == SECRET
    assert asked == []
    assert [uri for uri, _ in distant] == ["aws-kms:denied", "gcp-kms:x"]
    with pytest.raises(NoKeyError):
        unwrap(key_for(phrase, denied), person)
    assert asked == [3]
    unwrap(every, Keyring([], "wrong"))
    assert [uri for uri, _ in distant[3:]] == ["aws-kms:denied", "gcp-kms:x"]


def test_shares_of_the_deadline(distant):
    """Each service gets an equal share of what is left, so that a slow one leaves some."""
    stanzas = [Stanza(f"aws-kms:denied{number}", b"") for number in range(3)]
    with pytest.raises(NoKeyError):
        unwrap(key_for(*stanzas, Stanza("x:y", b"")), Keyring([], timeout=3000))
    for (_, left), most in zip(distant, (1000, 1500, 3000), strict=True):
        assert most * 0.9 < left <= most


def test_one_deadline_of_an_operation(distant):
    """A deadline that has passed is none that begins anew with each data key."""
    over = Deadline(0)
    unwrap(key_for(Stanza("aws-kms:x", SECRET)), Keyring([], timeout=1000), over)
    wrap(DataKey("AAAAAAAA", SECRET), ["gcp-kms:x"], Keyring([], timeout=1000), {}, over)
    assert [left for _, left in distant] == [0.0, 0.0]


def test_out_of_reach_is_told_apart(distant, identities):
    """Where one KEK is out of reach it may open later: that is another error than no key."""
    age = Stanza(uri(identities[0]), b"")
    unreachable, denied = Stanza("aws-kms:unreachable", b""), Stanza("gcp-kms:denied", b"")
    for stanzas in ((unreachable, denied, age), (denied, unreachable)):
        with pytest.raises(KEKUnreachableError) as caught:
            unwrap(key_for(*stanzas), NOBODY)
        assert "aws-kms:unreachable: out of reach" in caught.value.message
        assert "gcp-kms:denied: denied" in caught.value.message
    with pytest.raises(NoKeyError):
        unwrap(key_for(denied, age, Stanza("aws-kms:broken", b"")), NOBODY)
    open_one = Stanza("gcp-kms:z", SECRET)
    assert unwrap(key_for(unreachable, denied, open_one), NOBODY).secret == SECRET


def test_a_service_that_is_out_of_reach_is_no_gap(distant):
    """What can't be opened now is never left out as what can't be opened at all."""
    rules = [ScopeRule((f"aws-kms:{name}",), (f"$.{name}",), (f"$.{name}",)) for name in "ab"]
    text = yamlvault.encrypt("a: 1\nb: 2\n", scopes=rules, keyring=NOBODY).decode()
    away = text.replace("aws-kms:b", "aws-kms:unreachable")
    with pytest.raises(KEKUnreachableError):
        yamlvault.loads(away, missing="omit", keyring=NOBODY)
    with pytest.raises(KEKUnreachableError):
        encrypt_more(parse(away.replace("a:", "c: 3\na:", 1)), (), NOBODY)
    denied = text.replace("aws-kms:b", "aws-kms:denied")
    assert yamlvault.loads(denied, missing="omit", keyring=NOBODY) == {"a": 1}


def test_wrapping_names_the_kek(distant, data_key):
    """Where a service refuses, the message says which KEK it was."""
    for word, error in (("denied", NoKeyError), ("unreachable", KEKUnreachableError)):
        with pytest.raises(error, match=f"aws-kms:{word}: "):
            wrap(data_key, ["gcp-kms:x", f"aws-kms:{word}"], NOBODY)


def test_two_names_of_one_key(distant, data_key):
    """An alias and the key that it names are one stanza, with the context of the rule."""
    wrapped = wrap(data_key, ["aws-kms:alias/a", "aws-kms:key/a"], NOBODY, {"app": "shop"})
    (stanza,) = wrapped.stanzas
    assert (stanza.kek, stanza.context) == ("aws-kms:key/a", {"app": "shop"})
    again = wrap_again(DataKey.new(), wrapped.stanzas, NOBODY)
    assert again.stanzas[0].context == {"app": "shop"}


def rewrapped(key, data_key, *keks, fresh=False, **rule):
    return rewrap_key(key, data_key, ScopeRule(keks, **rule), NOBODY, Deadline(9), fresh=fresh)


def test_rewrapping_keeps_what_fits(distant, data_key, identities):
    """A stanza stays where its KEK and its context are those of the rule, an alias's too."""
    age = uri(identities[0])
    key = wrap(data_key, [age, "aws-kms:key/a"], NOBODY, {"app": "shop"})
    distant.clear()
    assert rewrapped(key, data_key, age, "aws-kms:key/a", context={"app": "shop"}) == key
    assert distant == []
    assert rewrapped(key, data_key, "aws-kms:alias/a", age, context={"app": "shop"}) == key
    other = rewrapped(key, data_key, age, "aws-kms:key/a", context={"app": "other"})
    assert other.stanzas[0] == key.stanzas[0]
    assert [stanza.context for stanza in other.stanzas] == [{}, {"app": "other"}]
    fresh = rewrapped(key, data_key, age, fresh=True)
    assert [stanza.kek for stanza in fresh.stanzas] == [age]
    assert fresh.stanzas[0] != key.stanzas[0]
    assert rewrap_key(key, data_key, None, NOBODY, Deadline(9), fresh=False) == key
    with pytest.raises(KEKError, match="no KEK"):
        rewrapped(key, data_key)


def test_stanzas_without_end(distant, data_key):
    """No MAC has vouched for the stanzas: of one cloud no more than sixteen are tried."""
    many = tuple(Stanza(f"{scheme}:denied-{number}", b"x")
                 for scheme in ("aws-kms", "gcp-kms") for number in range(50))  # fmt: skip
    with pytest.raises(NoKeyError):
        unwrap(WrappedKey(data_key.id, many), NOBODY)
    assert len(distant) == 32


def test_one_passphrase_is_tried():
    """Trying one takes seconds, whatever the deadline says."""
    tried = []
    ring = Keyring([], ask=lambda which: tried.append(which) or "p")
    stanzas = (Stanza("passphrase:", b"x"),) * 9
    with pytest.raises(NoKeyError):
        unwrap(WrappedKey("AAAAAAAA", stanzas), ring)
    assert len(tried) == 1


def test_what_a_service_says_is_no_lacking_right(distant):
    """A disabled key, or an answer that is none, is an error where a part is left out, too."""
    rules = [ScopeRule((f"aws-kms:{name}",), (f"$.{name}",), (f"$.{name}",)) for name in "ab"]
    text = yamlvault.encrypt("a: 1\nb: 2\n", scopes=rules, keyring=NOBODY).decode()
    answered = text.replace("aws-kms:b", "aws-kms:disabled")
    with pytest.raises(KEKError, match="the key is disabled"):
        yamlvault.loads(answered, missing="omit", keyring=NOBODY)


def test_scopes_can_be_lists(identities):
    """The library takes lists where a rule has tuples, and no KEKs beside scopes."""
    ring = Keyring([str(identities[0])])
    rule = ScopeRule(keks=[uri(identities[0])], paths=["$.a"], seal=["$.a"])
    text = yamlvault.encrypt("a: 1\nb: 2\n", scopes=[rule], keyring=ring)
    assert yamlvault.loads(text, path="$.a", keyring=ring) == 1
    with pytest.raises(ValueError, match="its own"):
        yamlvault.encrypt("a: 1\n", keks=[uri(identities[0])], scopes=[rule], keyring=ring)
