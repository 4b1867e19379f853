"""Sealed scalars that can't be opened, told without a key."""

import pytest
from parties import ANN, SEALED, encrypted, key_ids, two

from yamlvault import ScopeRule
from yamlvault.check import check_data
from yamlvault.format.sealed import flaw
from yamlvault.rule import Rule

PLAIN = "a: one\nb: {c: two}\n"
ONE = Rule(("*",), (ScopeRule((ANN.kek,)),))


def codes(text, rule=ONE):
    """Return code, line and key path of what is found."""
    return [(one.code, one.line, one.path) for one in check_data("x", text.encode(), rule)]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:4],
        lambda text: text[:9],
        lambda text: text[:13],
        lambda text: text[:-1],
        lambda text: text[:-4],
        lambda text: text[: len(text) // 2],
        lambda text: text[:-1] + ("B" if text[-1] != "B" else "C"),
        lambda text: text + "A",
        lambda text: text + text[13:],
        lambda text: text + "=",
        lambda text: text.replace(".", ":").replace("yv1:", "yv1."),
        lambda text: f'"{text[:30]} {text[30:]}"',
        lambda text: text[:13] + "A" * 59,
        lambda text: text[:13] + "A" * 38,  # room for a nonce and a tag, and nothing between
    ],
)
def test_malformed(change):
    """What starts like a sealed scalar and was cut, joined or changed in form is found."""
    text = encrypted(PLAIN, ONE.scopes)
    sealed = SEALED.search(text)[0]
    changed = change(sealed)
    text = text.replace(sealed, changed)
    if changed[-1:] in ("B", "C") and len(changed) == len(sealed):
        # the last character can keep its unused bits: then only a key can tell
        assert codes(text) == ([("malformed-scalar", 1, "$.a")] if flaw(changed) else [])
    else:
        assert codes(text) == [("malformed-scalar", 1, "$.a")]


def test_every_sealed_scalar_has_its_form():
    """What is sealed, whatever its length, has no flaw."""
    for size in (0, 1, 53, 54, 55, 119, 120, 1000):
        text = encrypted(f"a: '{'x' * size}'\n", ONE.scopes)
        assert codes(text) == []
        assert not flaw(SEALED.search(text)[0])


def test_another_data_key():
    """A scalar under a data key that its scope does not have is found, and where it came from."""
    text = encrypted(rules=two())
    (ann,), (ben,) = key_ids(text)
    foreign = text.replace(f"x: yv1.{ann}", "x: yv1.AAAAAAAA")
    rule = Rule(("*",), tuple(two()))
    assert codes(foreign, rule) == [("unknown-data-key", 3, "$.ann.x")]
    moved = text.replace(f"x: yv1.{ann}", f"x: yv1.{ben}")
    (found,) = check_data("x", moved.encode(), rule)
    assert "that of scope $.ben" in found.message


def test_in_no_scope():
    """A sealed scalar that no scope covers is found."""
    text = encrypted(rules=two())
    sealed = SEALED.search(text)[0]
    text = text.replace("name: shop", f"name: {sealed}")
    assert codes(text, Rule(("*",), tuple(two()))) == [("scalar-in-no-scope", 1, "$.name")]


@pytest.mark.parametrize("tag", ["!!str ", "! ", "!x "])
def test_with_a_tag(tag):
    """A sealed scalar with a tag is none for a reader, and found."""
    text = encrypted(PLAIN, ONE.scopes).replace("a: ", f"a: {tag}")
    assert codes(text) == [("misplaced-scalar", 1, "$.a")]


def test_in_a_key():
    """A sealed scalar in a mapping key is none for a reader, and found at the mapping."""
    text = encrypted(PLAIN, ONE.scopes)
    sealed = SEALED.search(text)[0]
    (found,) = (
        one
        for one in check_data("x", text.replace("b: {", f"b: {{{sealed}: , ").encode(), ONE)
        if one.code == "misplaced-scalar"
    )
    assert (found.line, found.path) == (2, "$.b")


def test_plaintext_that_is_none():
    """A key that only starts like a sealed scalar is a key like any other."""
    text = encrypted("yv1.x: {y: 1}\n", ONE.scopes)
    assert codes(text) == []
