"""`gcp-kms:` KEKs: what a key wraps it unwraps, whichever client asks."""

import base64

import pytest
from servers.gcp_kms.fixtures import ENCRYPT

from yamlvault import Keyring, encrypt, loads
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.kek import kek_of

from .conftest import DATA_KEY

TEXT = 'sch\xf6n \u2028"\\'
CONTEXTS = [
    ({}, b""),
    ({"app": "shop"}, b'{"app":"shop"}'),
    ({"b": "1", "a": TEXT}, '{"a":"schön \u2028\\"\\\\","b":"1"}'.encode()),
]


@pytest.mark.parametrize(("context", "associated_data"), CONTEXTS)
def test_a_data_key_comes_back(place, context, associated_data):
    """It does so under its context, which is sent as canonical JSON; one request each."""
    stanza = place.wrap(context)
    assert stanza.kek == place.uri
    assert stanza.context == context
    assert DATA_KEY not in stanza.wrapped
    assert place.unwrap(stanza) == DATA_KEY
    asked = place.server.requests("Encrypt", "Decrypt")
    assert [request["operation"] for request in asked] == ["Encrypt", "Decrypt"]
    assert {base64.b64decode(request["aad"]) for request in asked} == {associated_data}
    assert {request["principal"] for request in asked} == {place.principal}
    assert all(request["checksums"] == [True, bool(context)] for request in asked)


def test_the_transport_is_the_clients(place, client):
    """The light client speaks REST and Google's own gRPC."""
    place.wrap()
    expected = {"light": "rest", "sdk": "grpc"}[client]
    assert [one["transport"] for one in place.server.requests("Encrypt")] == [expected]


@pytest.mark.parametrize("client_of_reader", ["light", "sdk"])
def test_either_client_opens_what_the_other_wrapped(place, monkeypatch, client_of_reader):
    """Nothing of the client is in a stanza."""
    stanza = place.wrap({"a": TEXT})
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", client_of_reader)
    assert place.unwrap(stanza) == DATA_KEY


@pytest.mark.parametrize("context", [{}, {"a": "1", "b": ""}, {"a": "2"}, {"A": "1"}])
def test_another_context(place, context):
    """Under another context than its own a stanza does not open."""
    stanza = place.wrap({"a": "1"})
    with pytest.raises(KEKError, match="this key did not wrap the stanza, or its context"):
        place.unwrap(stanza._replace(context=context))


def test_another_key(place):
    """Another key does not open a stanza."""
    stanza = place.wrap()
    place.uri = place.server.create_key()
    place.server.grant(place.principal, uri=place.uri)
    with pytest.raises(KEKError, match="this key did not wrap the stanza"):
        place.unwrap(stanza._replace(kek=place.uri))


def test_rotation(place):
    """A stanza of an older version opens as long as that version is enabled."""
    old = place.wrap()
    place.server.rotate(place.uri)
    new = place.wrap()
    assert (old.wrapped[0], new.wrapped[0]) == (1, 2)
    assert place.unwrap(old) == place.unwrap(new) == DATA_KEY
    place.server.set_state(place.uri, "DISABLED", version=1)
    assert place.unwrap(new) == DATA_KEY
    with pytest.raises(KEKError, match=r"cloudkms Decrypt, .*: the key is disabled"):
        place.unwrap(old)


def test_a_keyring_keeps_its_client(place):
    """Many calls with one keyring need one token."""
    keyring = place.keyring()
    stanza = place.wrap(keyring=keyring)
    for _ in range(3):
        assert place.unwrap(stanza, keyring) == DATA_KEY
    assert len(place.server.requests("token")) == 1
    assert len(place.asked()) == 4


def test_a_token_that_ended_meanwhile(light_place):
    """It is replaced without a word, once."""
    keyring = light_place.keyring()
    stanza = light_place.wrap(keyring=keyring)
    light_place.server.end_tokens()
    assert light_place.unwrap(stanza, keyring) == DATA_KEY
    assert len(light_place.server.requests("token")) == 2


def test_who_may_only_encrypt(place):
    """A developer without the right to decrypt adds secrets and reads none."""
    place.server.grant(place.principal, [ENCRYPT], place.uri)
    text = encrypt(b"a: secret\n", keks=[place.uri], keyring=place.keyring())
    with pytest.raises(NoKeyError) as caught:
        loads(text, keyring=place.keyring())
    assert "cloudkms Decrypt, which needs cloudkms.cryptoKeyVersions.useToDecrypt: denied" in str(
        caught.value
    )
    assert "docs/kms.md" in caught.value.hint


def test_one_scope_one_request(place):
    """However many scalars a file has, the service is asked once."""
    plain = "".join(f"k{number}: v{number}\n" for number in range(50)).encode()
    text = encrypt(plain, keks=[place.uri], keyring=place.keyring())
    place.server.clear()
    assert loads(text, keyring=place.keyring())["k49"] == "v49"
    assert place.asked() == ["Decrypt"]


@pytest.mark.parametrize("size", [0, 65537])
def test_stanzas_of_impossible_size(place, size):
    """They are refused without a request."""
    stanza = place.wrap()._replace(wrapped=b"x" * size)
    place.server.clear()
    with pytest.raises(KEKError, match="nothing was sent"):
        place.unwrap(stanza)
    assert place.server.requests() == []


@pytest.mark.parametrize("context", [{"a": "x" * 65536}, {"a": "\udc80"}])
def test_impossible_contexts(place, context):
    """They are refused without a request, and are not quoted."""
    with pytest.raises(KEKError, match="context") as caught:
        place.wrap(context)
    assert "xxxx" not in str(caught.value)
    assert place.server.requests() == []


def test_a_keyring_and_its_threads(place):
    """Threads that share a keyring do not get in each other's way."""
    from concurrent.futures import ThreadPoolExecutor

    keyring = place.keyring()
    stanza = place.wrap({"a": "1"}, keyring)
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: place.unwrap(stanza, keyring), range(40)))
    assert set(opened) == {DATA_KEY}


def test_malformed_uris_are_met_before_anything_else():
    """Nothing is looked up for a URI that names no key."""
    with pytest.raises(KEKError, match="is not a Cloud KMS key"):
        kek_of("gcp-kms:projects/p", Keyring()).wrap(DATA_KEY, {}, Deadline(1))
