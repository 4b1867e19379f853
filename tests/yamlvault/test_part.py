"""Part: a value of a file, texts in it, and what of it was sealed."""

import pytest

import yamlvault
from yamlvault.errors import KeyPathError, NoKeyError
from yamlvault.part import open_part
from yamlvault.rule import ScopeRule

PLAIN = """\
shared: &shared {token: shared-token, region: eu}
production:
  <<: *shared
  database:
    host: db.internal
    password: "caf\\u00e9 secret"
    pool: 0o17
    since: 2024-05-06
    key: !!binary aGVsbG8h
    ready: yes
    nothing: ~
  again: *shared
staging: {password: other-secret}
"""
SEAL = [
    "$.*.token",
    "$.*.password",
    "$.production.database./^(password|pool|since|key|ready|nothing)$/",
]


@pytest.fixture
def data(recipient):
    return yamlvault.encrypt(PLAIN, keks=[recipient], seal=SEAL)


def test_data_and_texts(data, keyring, parser):
    """It is opened once: the data is that of `load`, each text that of `yamlvault env`."""
    part = open_part(
        data, keyring, "$.production", ["$.database.pool", "$.token", "$.database.since"]
    )
    assert part.data == yamlvault.loads(data, path="$.production", keyring=keyring)
    assert part.texts == {
        "$.database.pool": "0o17",
        "$.token": "shared-token",
        "$.database.since": "2024-05-06",
    }


def test_what_was_sealed(data, keyring, parser):
    """The sealed scalars of the part, by aliases too, as written and as they read; no others."""
    part = open_part(data, keyring, "$.production")
    assert sorted(part.secrets, key=str) == sorted(
        ["shared-token", "café secret", "0o17", "2024-05-06", b"hello!", "aGVsbG8h"], key=str
    )
    everything = open_part(data, keyring)
    assert set(everything.secrets) - set(part.secrets) == {"other-secret"}


def test_types_that_read_otherwise(recipient, keyring):
    """A number is a secret as it is written and as its reader prints it."""
    text = "a: 0x1F_FF\nb: 1_000.50\nc: 2024-05-06 07:08:09\n"
    part = open_part(yamlvault.encrypt(text, keks=[recipient]), keyring)
    assert part.data["c"].isoformat() == "2024-05-06T07:08:09"
    assert part.secrets == [
        "0x1F_FF", "8191", "1_000.50", "1000.5",
        "2024-05-06 07:08:09", "2024-05-06T07:08:09",
    ]  # fmt: skip


def test_only_the_scope_that_it_needs(recipient, keyring):
    """A scope for others stays closed, and nothing of it is asked."""
    import pyrage

    other = f"age:{pyrage.x25519.Identity.generate().to_public()}"
    rules = [
        ScopeRule([recipient], ["$.a"], ["$.a"]),
        ScopeRule([other], ["$.b"], ["$.b"]),
    ]
    data = yamlvault.encrypt("a: {x: mine}\nb: {x: theirs}\n", scopes=rules)
    part = open_part(data, keyring, "$.a", ["$.x"])
    assert (part.data, part.texts, part.secrets) == ({"x": "mine"}, {"$.x": "mine"}, ["mine"])
    with pytest.raises(NoKeyError):
        open_part(data, keyring, "$.b")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.database", "is a mapping, and no value"),
        ("$.database.nothing", "is null"),
        ("$.database.none", "names nothing there"),
        ("$.database.*", "names 7 values there"),
        ("database", "'\\$' is expected"),
    ],
)
def test_texts_that_are_none(data, keyring, path, message):
    """What is no scalar, null, or not there is an error with the key path."""
    with pytest.raises(KeyPathError, match=message) as caught:
        open_part(data, keyring, "$.production", [path])
    assert path in str(caught.value)


def test_repr(data, keyring):
    """It shows nothing."""
    assert repr(open_part(data, keyring)) == "<Part>"
