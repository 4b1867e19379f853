"""The deadline holds, whoever hangs: the service, a token endpoint, the metadata server."""

import threading
import time

import pytest

from yamlvault.errors import KEKUnreachableError

from .conftest import DATA_KEY

GENEROUS = 30  # seconds: far from the deadlines of these tests, and from what the hangs take


@pytest.fixture
def held():
    """Check that a test ends long before what hangs would."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < GENEROUS


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_header"])
def test_a_service_that_hangs(place, held, fault):
    """An answer that does not come, or comes byte by byte, ends at the deadline."""
    stanza = place.wrap()
    place.server.fault(fault, "Decrypt", times=9)
    with pytest.raises(KEKUnreachableError, match="no answer within the deadline"):
        place.unwrap(stanza, seconds=0.7)


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_header"])
@pytest.mark.parametrize("kind", ["service_account", "authorized_user", "external_account"])
def test_a_token_endpoint_that_hangs(place, monkeypatch, held, fault, kind):
    """It is within the same deadline."""
    file = place.server.credentials_file(place.principal, place.folder, kind)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
    place.server.fault(fault, "token", times=9)
    with pytest.raises(KEKUnreachableError, match="no answer within the deadline"):
        place.wrap(seconds=0.7)
    assert place.asked() == []


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_metadata_server_that_hangs(light_place, monkeypatch, held, fault):
    """It is within the same deadline."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("GCE_METADATA_HOST", light_place.server.host)
    light_place.server.set_metadata_principal(light_place.principal)
    light_place.server.fault(fault, "metadata", times=9)
    with pytest.raises(KEKUnreachableError):
        light_place.wrap(seconds=0.7)


def test_after_a_deadline(place, held):
    """What was left behind does not stand in the way of the next call."""
    keyring = place.keyring()
    stanza = place.wrap(keyring=keyring)
    place.server.fault("hang", "Decrypt")
    with pytest.raises(KEKUnreachableError):
        place.unwrap(stanza, keyring, seconds=0.7)
    assert place.unwrap(stanza, keyring) == DATA_KEY


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_what_is_left_behind_ends(light_place, fault):
    """The thread of a call that ran out of time goes soon after, though the server goes on."""
    stanza = light_place.wrap()
    light_place.server.fault(fault, "Decrypt")
    before = set(threading.enumerate())
    with pytest.raises(KEKUnreachableError):
        light_place.unwrap(stanza, seconds=0.7)
    for thread in set(threading.enumerate()) - before:
        thread.join(GENEROUS)
        assert not thread.is_alive()


def test_a_deadline_that_has_passed(place, held):
    """Nothing is waited for any more."""
    with pytest.raises(KEKUnreachableError):
        place.wrap(seconds=0)
