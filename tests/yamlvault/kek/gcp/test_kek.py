"""`gcp-kms:` KEKs: what a key wraps it unwraps, whichever client asks."""

import base64

import pytest

from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError
from yamlvault.kek import kek_of

from .conftest import DATA_KEY

CONTEXTS = [
    ({}, b""),
    ({"app": "shop"}, b'{"app":"shop"}'),
    (
        {"stage": "test", "app": 'sch\xf6n \u2028"\\'},
        '{"app":"schön \u2028\\"\\\\","stage":"test"}'.encode(),
    ),
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
    """The light client speaks REST and Google's gRPC."""
    place.wrap()
    expected = {"light": "rest", "sdk": "grpc"}[client]
    assert [one["transport"] for one in place.server.requests("Encrypt")] == [expected]
