"""`! yes` is text for YAML and true for PyYAML: it stands for neither of the two."""

import pytest

import yamlvault
from yamlvault import IntegrityError

TEXT = "text: 'yes'\nnumber: '12'\nnothing: ''\nflag: yes\nword: plain\nsecret: hunter2\n"


@pytest.fixture
def encrypted(parser, keyring, recipient):
    return yamlvault.encrypt(TEXT, keks=[recipient], seal="$.secret", keyring=keyring)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("text: 'yes'", "text: ! yes"),
        ("number: '12'", "number: ! 12"),
        ("nothing: ''", "nothing: !"),
        ("flag: yes", "flag: ! yes"),
        ("flag: yes", "flag: ! 'yes'"),
    ],
)
def test_it_does_not_change_a_type(encrypted, keyring, old, new):
    """Put in front of a plain scalar in place of quotes, it would make a flag of a text."""
    changed = encrypted.replace(old.encode(), new.encode())
    assert changed != encrypted
    with pytest.raises(IntegrityError):
        yamlvault.loads(changed, keyring=keyring)


def test_it_means_nothing_where_no_reader_sees_another_type(encrypted, keyring):
    """A text that no reader takes for anything else may have it."""
    changed = encrypted.replace(b"word: plain", b"word: ! plain")
    assert yamlvault.loads(changed, keyring=keyring)["word"] == "plain"


def test_a_formatter_does_not_make_text_of_it(parser, keyring, recipient):
    """Moved into a flow collection, a sealed `! 12` is what it was for every reader."""
    encrypted = yamlvault.encrypt("a:\n- ! 12\n- x\n", keks=[recipient], keyring=keyring)
    lines = encrypted.decode().split("\n")
    items = [line.removeprefix("- ") for line in lines[1:3]]
    moved = "\n".join([f"a: [{', '.join(items)}]", *lines[3:]])
    assert yamlvault.decrypt(moved, keyring=keyring) == b'a: [! 12, "x"]\n'
    assert yamlvault.loads(moved, keyring=keyring) == {"a": [12, "x"]}
