"""Integrity of what is asked and answered: checksums, names, lengths."""

import pytest

from yamlvault.errors import KEKError

from .conftest import DATA_KEY

CORRUPT = ["wrong_crc", "no_crc", "damaged"]


@pytest.mark.parametrize("fault", [*CORRUPT, "unverified", "unverified_aad"])
def test_damage_on_the_way_of_a_wrapped_key(place, fault):
    """Once it is tried again; twice it is refused."""
    place.server.fault(fault, "Encrypt")
    assert place.unwrap(place.wrap({"a": "1"})) == DATA_KEY
    assert place.asked() == ["Encrypt", "Encrypt", "Decrypt"]
    assert any("a checksum is wrong" in line for line in place.told)
    place.server.fault(fault, "Encrypt", times=9)
    with pytest.raises(KEKError, match=r"the answer is malformed .a checksum is wrong, twice"):
        place.wrap({"a": "1"})
    assert place.asked().count("Encrypt") == 4


@pytest.mark.parametrize("fault", CORRUPT)
def test_damage_on_the_way_of_a_data_key(place, fault):
    """Once it is tried again; twice it is refused."""
    stanza = place.wrap()
    place.server.fault(fault, "Decrypt")
    assert place.unwrap(stanza) == DATA_KEY
    place.server.fault(fault, "Decrypt", times=9)
    with pytest.raises(KEKError, match="a checksum is wrong, twice"):
        place.unwrap(stanza)
    assert place.asked().count("Decrypt") == 4


def test_no_associated_data_needs_no_word_on_it(place):
    """Without a context the service has nothing to verify of it."""
    place.server.fault("unverified_aad", "Encrypt", times=9)
    assert place.unwrap(place.wrap()) == DATA_KEY


@pytest.mark.parametrize("fault", ["wrong_name", "key_name"])
def test_a_key_wrapped_by_another_key(place, fault):
    """An answer that does not name a version of the key that was asked is not believed."""
    place.server.fault(fault, "Encrypt")
    with pytest.raises(KEKError, match="the answer is not of the key that was asked"):
        place.wrap()
    assert place.asked() == ["Encrypt"]


@pytest.mark.parametrize("size", [16, 31, 33, 64])
def test_a_plaintext_that_is_no_data_key(place, size):
    """It is refused by its length, which is right in transit and wrong all the same."""
    stanza = place.wrap()
    place.server.fault("data", "Decrypt", size=size)
    with pytest.raises(KEKError, match=f"it holds {size} bytes, and not a data key"):
        place.unwrap(stanza)


def test_another_keys_plaintext(place):
    """A data key of the right length that is another one opens nothing of the file."""
    from yamlvault import encrypt, loads
    from yamlvault.errors import YamlVaultError

    text = encrypt(b"a: secret\n", keks=[place.uri], keyring=place.keyring())
    place.server.fault("data", "Decrypt", size=32)
    with pytest.raises(YamlVaultError):
        loads(text, keyring=place.keyring())


@pytest.mark.parametrize("size", [0, 65537])
def test_a_wrapped_key_of_impossible_size(light_place, size):
    """It would make a file that no reader sends back."""
    light_place.server.fault("data", "Encrypt", size=size)
    with pytest.raises(KEKError, match="the ciphertext is empty or too long"):
        light_place.wrap()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"plaintext": 1}',
        '{"plaintext": "?"}',
        '{"plaintext": "AAA"}',
        '{"plaintextCrc32c": "1"}',
        "[" * 100_000,
    ],
)
def test_answers_that_are_no_answer(place, text):
    """They are malformed, whatever the HTTP status says."""
    stanza = place.wrap()
    place.server.fault("raw", "Decrypt", code=200, text=text, headers={})
    with pytest.raises(KEKError, match="the answer is malformed"):
        place.unwrap(stanza)
