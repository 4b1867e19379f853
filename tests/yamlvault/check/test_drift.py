"""Encrypted files that are not what their rules say, told without a key."""

import pytest
from parties import ADMIN, ANN, BEN, EVE, PASSERBY, encrypted, two

from yamlvault import ScopeRule
from yamlvault.check import check_data
from yamlvault.check.drift import can_be
from yamlvault.check.finding import ERROR, WARNING
from yamlvault.document.new_scalar import Value
from yamlvault.editing.setting import set_value
from yamlvault.keypath import parse as parse_path
from yamlvault.rule import Rule
from yamlvault.source import parse

PLAIN = "a: one\nb: {c: two}\n"
KEY = "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
OTHER = KEY.replace("5555555", "6666666")
GCP = "gcp-kms:projects/shop/locations/global/keyRings/app/cryptoKeys/one"
ALIAS = "aws-kms:alias/shop"


def found(text, *scopes):
    """Return what is found in a text by a rule with these scopes."""
    return check_data("x", text.encode(), Rule(("*",), scopes))


def codes(text, *scopes):
    """Return the codes."""
    return [one.code for one in found(text, *scopes)]


def for_kek(kek, context=""):
    """Return a file whose stanza is for a KEK of a cloud: nobody asks that cloud here."""
    text = encrypted(PLAIN, [ScopeRule((ANN.kek,))])
    line = f'kek: "{kek}"' + (f"\n              context: {context}" if context else "")
    return text.replace(f'kek: "{ANN.kek}"', line)


def test_keks():
    """KEKs that the file lacks, and those that only the file has, are found by name."""
    text = encrypted(PLAIN, [ScopeRule((ANN.kek, EVE.kek))])
    lacking, other = found(text, ScopeRule((ANN.kek, BEN.kek)))
    assert (lacking.code, other.code) == ("kek-missing", "kek-not-in-rule")
    assert BEN.kek in lacking.message
    assert EVE.kek in other.message
    assert EVE.kek in text.splitlines()[other.line - 1]
    assert codes(text, ScopeRule((EVE.kek, ANN.kek))) == []


def test_an_ssh_key_with_a_comment():
    """A KEK of the rule is known in the form that is written into files."""
    kek = "age:ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN"
    assert codes(encrypted(PLAIN, [ScopeRule((kek,))]), ScopeRule((f"{kek}  me@home",))) == []


@pytest.mark.parametrize(
    ("rule", "file", "is_known"),
    [
        (KEY, KEY, True),
        (KEY, OTHER, False),
        (ALIAS, KEY, True),
        (ALIAS, GCP, False),
        (ALIAS, "passphrase:", False),
        (ALIAS, "aws-kms:nonsense", False),
        ("aws-kms:arn:aws:kms:eu-west-1:111122223333:alias/shop", KEY, True),
        ("aws-kms:arn:aws:kms:us-east-1:111122223333:alias/shop", KEY, False),
        ("aws-kms:arn:aws:kms:eu-west-1:999999999999:alias/shop", KEY, False),
        ("aws-kms:11111111-2222-3333-4444-555555555555", KEY, True),
        ("aws-kms:11111111-2222-3333-4444-555555555555", OTHER, False),
        (GCP, GCP, True),
        (GCP, GCP + "x", False),
    ],
)
def test_names_of_keys(rule, file, is_known):
    """A key that an alias may lead to is not reported; one that it can't is, both ways."""
    assert can_be(rule, file) is is_known
    expected = [] if is_known else ["kek-missing", "kek-not-in-rule"]
    assert codes(for_kek(file), ScopeRule((rule,))) == expected


@pytest.mark.parametrize("kek", [KEY, GCP])
def test_context(kek):
    """A stanza of a key service with another context than the rule's is found."""
    rule = ScopeRule((kek,), context={"app": "shop"})
    assert codes(for_kek(kek, '{"app": "shop"}'), rule) == []
    assert codes(for_kek(kek), rule) == ["context-differs"]
    assert codes(for_kek(kek, '{"app": "other"}'), rule) == ["context-differs"]
    assert codes(for_kek(kek, '{"app": "shop"}'), ScopeRule((kek,))) == ["context-differs"]


def test_context_of_age():
    """An age KEK binds no context: the rule's does not matter for it."""
    text = encrypted(PLAIN, [ScopeRule((ANN.kek,))])
    assert codes(text, ScopeRule((ANN.kek,), context={"app": "shop"})) == []


@pytest.mark.parametrize("file", [False, True])
def test_append(file):
    """Another `append` than the rule's is found."""
    text = encrypted(PLAIN, [ScopeRule((ANN.kek,), append=file)])
    assert codes(text, ScopeRule((ANN.kek,), append=file)) == []
    assert codes(text, ScopeRule((ANN.kek,), append=not file)) == ["append-differs"]


def test_several_data_keys():
    """More data keys than one are a warning where the rule allows them, else an error."""
    text = encrypted(rules=two(append=True))
    rules = two(append=True)
    text = set_value(parse(text), parse_path("$.ann.new"), Value("x"), PASSERBY, rules).text
    (one,) = found(text, *rules)
    assert (one.code, one.severity) == ("several-data-keys", WARNING)
    assert "2 data keys" in one.message
    closed = found(text, *two())
    assert [(one.code, one.severity) for one in closed] == [
        ("several-data-keys", ERROR), ("append-differs", ERROR), ("append-differs", ERROR),
    ]  # fmt: skip
    # `rewrap` would refuse the scope with two; the other one has nothing to fold
    assert ["rotate" in one.hint for one in closed] == [True, True, False]


def test_seal():
    """A file that seals less than its rule is an error, one that seals more a warning."""
    text = encrypted(PLAIN, [ScopeRule((ANN.kek,), seal=("$.a",))])
    less = found(text, ScopeRule((ANN.kek,), seal=("$.a", "$.none")))
    assert [(one.code, one.severity) for one in less] == [("seal-differs", ERROR)]
    assert "$.none" in less[0].message
    assert 'seal: ["$.a"]' in text.splitlines()[less[0].line - 1]
    text = encrypted(PLAIN, [ScopeRule((ANN.kek,), seal=("$.a", "$.b"))])
    more = found(text, ScopeRule((ANN.kek,), seal=("$.b",)))
    assert [(one.code, one.severity) for one in more] == [("seal-differs", WARNING)]


def test_scopes():
    """A scope that only the file has, and one that only the rule has, are found."""
    text = encrypted()
    ann, ben = two()
    assert codes(text, ben, ann) == []
    only_file, only_rule = found(text, ann, ben._replace(paths=("$.ben.z",)))
    assert (only_file.code, only_rule.code) == ("scopes-differ", "scopes-differ")
    assert {"$.ben,", "$.ben.z,"} == {
        word for one in (only_file, only_rule) for word in one.message.split() if "$" in word
    }
    assert "$.ben" in text.splitlines()[max(only_file.line, only_rule.line) - 1]


def test_one_scope_of_the_admin():
    """A rule without scopes finds that a file has some."""
    assert codes(encrypted(), ScopeRule((ADMIN.kek,))) == ["scopes-differ"] * 3
