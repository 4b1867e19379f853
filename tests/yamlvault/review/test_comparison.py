"""Comparisons of two versions: what counts as a change, and what does not."""

from __future__ import annotations

import re

import pytest

import yamlvault
from yamlvault import Keyring, ScopeRule
from yamlvault.review import comparison
from yamlvault.review.comparison import compare
from yamlvault.review.view import View
from yamlvault.source import read


@pytest.fixture
def sealed(recipient, keyring):
    def seal(text, **settings):
        return yamlvault.encrypt(text, keks=[recipient], keyring=keyring, **settings)

    return seal


def compared(keyring, old, new):
    """Return pairs of what changed and its path."""
    views = [
        View(read(data if isinstance(data, bytes) else data.encode()), keyring)
        for data in (old, new)
    ]
    return [(one.kind, one.path) for one in compare(*views).leaves]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: 1\nb: x\n", "b: 'x'\na: 1 # so\n"),
        ("a: [1, {b: c}]\n", "a:\n- 1\n- b: c\n"),
        ("a: &x 1\nb: *x\n", "a: &y 1\nb: *y\n"),
        ("a: |\n  x\n  y\n", 'a: "x\\ny\\n"\n'),
        ("a: !!str x\n", "a: x\n"),
        ("---\na: 1\n", "a: 1\n"),
    ],
)
def test_what_reads_the_same(sealed, keyring, old, new):
    """Layout, styles, order and names of anchors are no change, whether it is encrypted or not."""
    assert compared(keyring, old, new) == []
    assert {kind for kind, _ in compared(keyring, sealed(old), sealed(new))} <= {"resealed"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a: 1\n", "a: '1'\n", [("changed", "$.a")]),
        ("a: x\n", "a: X\n", [("changed", "$.a")]),
        ("a: x\n", "b: x\n", [("added", "$.b"), ("removed", "$.a")]),
        ("a: {b: 1}\n", "a: 1\n", [("changed", "$.a"), ("removed", "$.a.b")]),
        ("a: {}\n", "a: []\n", [("changed", "$.a")]),
        ("a: 1\n", "a: 1\nb: {}\n", [("added", "$.b")]),
        ("a: 1\n", "a: 1\nb: {c: {d: 1}}\n", [("added", "$.b.c.d")]),
        ("a: !x {b: 1}\n", "a: !y {b: 1}\n", [("changed", "$.a")]),
        ("- 1\n- 2\n", "- 1\n", [("removed", "$[1]")]),
        ("a: &x 1\nb: &y 1\nc: *x\n", "a: &x 1\nb: &y 1\nc: *y\n", [("changed", "$.c")]),
        ("1: a\n", "1: b\n", [("changed", "$.1")]),
        ("~: a\n", "~: b\n", [("changed", "$.null")]),
        ("? 'a. b\"'\n: a\n", "? 'a. b\"'\n: b\n", [("changed", '$."a. b\\""')]),
        ("a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", [("changed", "1:$.b")]),
        ("", "a: 1\n", [("added", "$.a")]),
        ("<<: {a: 1}\n", "<<: {a: 2}\n", [("changed", "$.<<.a")]),
    ],
)
def test_what_does_not(sealed, keyring, old, new, expected):
    """A change of a value, a kind or a tag is one, by the key path of what changed."""
    assert compared(keyring, old, new) == expected
    found = compared(keyring, sealed(old), sealed(new))
    assert [one for one in found if one[0] != "resealed"] == expected


def test_paths_are_key_paths(keyring, sealed):
    """The path of a change names just that node."""
    text = "'a.b': {c d: [x, {'\"': y}], '*': z}\n"
    changed = re.sub("[xyz]\\b", "new", text)
    data = sealed(changed)
    for kind, path in compared(keyring, text, changed):
        assert kind == "changed"
        assert yamlvault.loads(data, path=path, keyring=keyring) == "new"


def test_what_is_closed(sealed):
    """Without an identity equal sealed texts are the same, and others may be anything."""
    nobody = Keyring([])
    old = sealed("a: 1\nb: 2\n")
    assert compared(nobody, old, old) == []
    assert compared(nobody, old, sealed("a: 1\nb: 2\n")) == [("unknown", "$.a"), ("unknown", "$.b")]


def test_a_lost_seal(sealed, keyring):
    """A scalar that is plaintext in one version only is told apart from a changed one."""
    old, new = sealed("a: 1\nb: 2\n", seal=["$.a"]), sealed("a: 1\nb: 2\n", seal=["$.b"])
    assert compared(keyring, old, new) == [("exposed", "$.a"), ("sealed", "$.b")]


def test_scopes(keyring, recipient):
    """Scopes are told apart by their paths; a new or a lost one is said with who can open it."""

    def encrypt(*names):
        rules = [ScopeRule((recipient,), (f"$.{name}",), (f"$.{name}",)) for name in names]
        text = "".join(f"{name}: {{x: 1}}\n" for name in names)
        return View(read(yamlvault.encrypt(text, scopes=rules, keyring=keyring)), keyring)

    found = compare(encrypt("a"), encrypt("a", "b"))
    new = [(one.what, one.subject) for one in found.scopes if one.scope == "$.b" and one.is_added]
    assert ("scope", "$.b") in new
    assert ("kek", recipient) in new
    found = compare(encrypt("a", "b"), encrypt("a"))
    assert [(one.what, one.is_added) for one in found.scopes if one.scope == "$.b"] == [
        (comparison.SCOPE, False)
    ]


def test_nothing_shows_its_values(sealed, keyring):
    """No repr of what a comparison is made of has a value in it."""
    view = View(read(sealed("a: marker\n")), keyring)
    other = View(read(sealed("a: marker2\n")), keyring)
    assert "marker" not in repr((view, compare(view, other), view.opened))
