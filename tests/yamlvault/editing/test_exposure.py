"""Exposure: a secret that an edit takes to where it is not sealed is found."""

import pytest
from parties import ADMIN, PASSERBY

from yamlvault import ScopeRule
from yamlvault.editing.draft import Draft
from yamlvault.editing.exposure import exposed
from yamlvault.editing.revision import revise
from yamlvault.sealing import encrypt
from yamlvault.source import parse

PLAIN = """\
host: db.internal
debug: true
a:
  password: s3cr3t-text
  pin: 4711
  flag: true
  token: "t\\tk"
  pem: |
    -----BEGIN X-----
"""
RULE = [
    ScopeRule((ADMIN.kek,), ("$",), ("$.*.password", "$.a.pin", "$.a.flag", "$.a.token", "$.a.pem"))
]


def places(text):
    """Return the words that start where secrets are exposed by an edit of `PLAIN`."""
    draft = Draft(parse(encrypt(parse(PLAIN), RULE, PASSERBY).text), ADMIN.keyring)
    assert draft.text == PLAIN
    found = exposed(draft, text, revise(draft, text, ADMIN.keyring, RULE))
    return [text[index:].split()[0] for index in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  password:", "  passwd:", ["s3cr3t-text"]),  # renamed
        ("  password:", "  # password:", ["s3cr3t-text"]),  # commented out
        ("  pin: 4711", "  # pin: 4711", ["4711"]),
        ("  pin:", "  number:", ["4711"]),
        ("  token:", "  # token:", ['t\\tk"']),
        ("host: db", "copy: s3cr3t-text # c\nhost: db", ["s3cr3t-text"]),
        ("host: db", "copy: url?key=s3cr3t-text&x\nhost: db", ["s3cr3t-text&x"]),
        ("  pem:", "  key:", ["|", "-----BEGIN"]),
        ("  pem: |\n    ---", "  pem: new\n#    ---", ["-----BEGIN"]),
    ],
)
def test_exposed(old, new, expected):
    """What is renamed, commented out or copied to where nothing is sealed is found."""
    assert old in PLAIN
    text = PLAIN.replace(old, new, 1)
    assert places(text) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  pin: 4711\n", ""),
        ("s3cr3t-text", "new"),
        ("  flag: true\n", ""),  # `debug: true` stood there before
        ("  flag:", "  flags:"),  # a boolean tells nothing
        ("host: db", "code: 4711\nhost: db"),  # short, and the secret stays where it is
        ("host: db", "code: s3cr3t-texts\nhost: db"),  # another word
        ("a:\n  password: s3cr3t-text\n", "b:\n  password: s3cr3t-text\na:\n"),  # sealed there too
        ("host: db.internal", "host: db.external"),
    ],
)
def test_not_exposed(old, new):
    """What is taken out, changed, or moved to where it is sealed is no exposure."""
    assert old in PLAIN
    assert places(PLAIN.replace(old, new, 1)) == []
