"""Drafts: what opens in plaintext, what does not sealed, and no metadata."""

import pytest
from parties import ADMIN, ANN, EVE, PASSERBY, SEALED, TWO, encrypted
from test_constructs import EXACT, FILES

import yamlvault
from yamlvault import IntegrityError, NoKeyError, NotEncryptedError
from yamlvault.document.text import decode, encode
from yamlvault.editing.draft import Draft
from yamlvault.source import parse, read


@pytest.mark.parametrize(("parser", "name"), EXACT, indirect=["parser"])
def test_draft_is_the_plaintext(name, parser, recipient, keyring):
    """The draft of an encrypted file is the file that was encrypted, byte for byte."""
    data = FILES[name].read_bytes()
    source = read(yamlvault.encrypt(data, keks=[recipient]))
    assert encode(Draft(source, keyring).text, bom=source.bom) == data


def test_closed_scopes_stay_sealed():
    """What does not open stands in the draft as it stands in the file."""
    text = encrypted()
    draft = Draft(parse(text), ANN.keyring)
    (sealed,) = SEALED.findall(draft.text)
    assert draft.text == TWO.replace("three", sealed)
    assert f"z: {sealed}\n" in text
    assert list(draft.closed) == [1]


def test_nothing_opens():
    """Where no scope opens there is no draft."""
    with pytest.raises(NoKeyError) as caught:
        Draft(parse(encrypted()), EVE.keyring)
    assert "scope $.ann" in caught.value.message


def test_nothing_opens_but_may_be_added_to():
    """Where no scope opens but one can be added to, all that is sealed stays so."""
    draft = Draft(parse(encrypted(append=True)), PASSERBY)
    assert len(SEALED.findall(draft.text)) == 3
    assert "yamlvault:" not in draft.text
    assert draft.secrets == {}


def test_plaintext_has_no_draft():
    """A plaintext file is refused."""
    with pytest.raises(NotEncryptedError):
        Draft(parse(TWO), ADMIN.keyring)


def test_changed_by_others():
    """A file that is not what its writer wrote is refused."""
    text = encrypted().replace("name: shop", "name: shop").replace("ann:", "ann: # c")
    assert Draft(parse(text), ADMIN.keyring).text == TWO.replace("ann:", "ann: # c")
    with pytest.raises(IntegrityError):
        Draft(parse(text.replace("  y:", "  w:")), ADMIN.keyring)


def test_draft_shows_nothing():
    """Neither a draft nor its secrets show plaintext in their repr."""
    draft = Draft(parse(encrypted()), ADMIN.keyring)
    assert "two" not in f"{draft!r}{draft.secrets!r}"


def test_byte_order_mark_is_no_text():
    """A byte order mark is not in the draft."""
    data = encode(encrypted(), bom=True)
    assert decode(data)[1]
    assert Draft(read(data), ADMIN.keyring).text == TWO
