"""Coverage: what is sealed in which scope, and who can read it all."""

import re

import pytest
from parties import ADMIN, ANN, BEN, TWO, encrypted, opened, two

from yamlvault.coverage import below, check_readers, to_seal, uncovered
from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.errors import DocumentError, KEKError, KeyPathError
from yamlvault.format.metadata import Scope, Stanza, WrappedKey
from yamlvault.format.scope import Map
from yamlvault.rule import ScopeRule

ALIAS = "ann:\n  k: &k {v: 1}\nben:\n  z: *k\n"


def covering(text, *paths):
    stream = compose(text)
    return stream, Map(stream, [Scope((path,), (path,), ()) for path in paths])


def values(nodes):
    return [node.value for node in nodes if isinstance(node, Scalar)]


@pytest.mark.parametrize(
    ("paths", "seals", "sealed"),
    [
        (["$.a"], [["$.a"]], ["1", "2"]),
        (["$.a", "$.b"], [["$.a.x"], ["$.b"]], ["1", "3"]),
        (["$", "$.b"], [["$"], ["$.b"]], ["1", "2", "3", "4"]),
        (["$", "$.b"], [["$"], ["$.none"]], ["1", "2", "4"]),
        (["$", "$.a.y"], [["$.a"], ["$.a.y"]], ["1", "2"]),
        (["$.a", "$.b"], [["$.*.*", "$.a"], ["$.*.*"]], ["1", "2", "3"]),
    ],
)
def test_a_path_means_its_own_scope(paths, seals, sealed):
    """What `seal` names in another scope is left to that one's rule."""
    stream, owners = covering("a: {x: 1, y: 2}\nb: {x: 3}\nc: 4\n", *paths)
    assert values(to_seal(stream, owners, seals, allow_empty=True)) == sealed


def test_what_an_alias_stands_for_is_sealed_too():
    """An alias that is to be sealed seals its target, in the scope where that stands."""
    stream, owners = covering(ALIAS, "$.ann", "$.ben")
    assert values(to_seal(stream, owners, [["$.none"], ["$.ben"]], allow_empty=True)) == ["1"]


def test_a_path_of_another_scope():
    """A `seal` that names what belongs to another scope is told apart from a mistyped one."""
    stream, owners = covering("a: {x: 1}\nb: {x: 2}\n", "$.a", "$.b")
    with pytest.raises(KeyPathError, match="names nothing in its own scope"):
        to_seal(stream, owners, [["$.b"], ["$.b"]])
    with pytest.raises(KeyPathError, match="names nothing in the file") as caught:
        to_seal(stream, owners, [["$.a.z"], ["$.b"]])
    assert "there is no z" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "paths", "labels"),
    [
        ("a: {x: 1}\nb: 2\nc: [3]\n", ["$"], []),
        ("a: {x: 1}\nb: 2\nc: [3]\n", ["$.a"], ["$.b", "$.c"]),
        ("a: {x: 1, z: 2}\nb: 2\n", ["$.a.x"], ["$.a.z", "$.b"]),
        ("a: 1\n---\nb: [2]\n", ["$.a"], ["1:$"]),
        ("a: 1\n---\nb: [2]\n", ["$"], []),
        ("- 1\n- [2, 3]\n", ["$[1][0]"], ["$[0]", "$[1][1]"]),
    ],
)
def test_what_stands_in_no_scope(text, paths, labels):
    """The outermost nodes in no scope are named, in the order of the stream."""
    assert uncovered(*covering(text, *paths)) == labels


def test_below_leaves_keys_out():
    """The nodes below are values: what stands in a key is no part of them."""
    stream = compose("? [k]\n: [v, {q: w}]\n")
    assert sorted(values(below([stream.documents[0].root]))) == ["v", "w"]


@pytest.mark.parametrize(
    ("text", "paths", "inner", "outer"),
    [
        (ALIAS, ("$.ann", "$.ben"), "$.ben", "$.ann"),
        ("ann: {k: &k 1, ben: [2]}\n", ("$.ann", "$.ann.ben"), "$.ann.ben", "$.ann"),
        ("ann: [&a [&b 1]]\nben: {<<: [{q: *a}]}\n", ("$.ann", "$.ben"), "$.ben", "$.ann"),
    ],
)
def test_who_needs_another_scope_must_open_it(text, paths, inner, outer):
    """A scope whose readers can't check what it depends on is refused, with both named."""
    rules = [
        ScopeRule((kek, ADMIN.kek), (path,), (path,))
        for kek, path in zip((ANN.kek, BEN.kek), paths, strict=True)
    ]
    with pytest.raises(KEKError, match="can't read it") as caught:
        encrypted(text, rules)
    assert f"opens the scope {inner} by {BEN.kek} can't read it" in caught.value.message
    assert f"the scope {outer} too" in caught.value.message
    assert ADMIN.kek not in caught.value.message
    rules[0] = rules[0]._replace(keks=(ANN.kek, BEN.kek, ADMIN.kek))
    assert opened(encrypted(text, rules), BEN.keyring) == text


@pytest.mark.parametrize(
    "text",
    ["ann: &a {x: 1}\nben: {}\nc: *a\n", "o: &o {ann: {x: 1}}\nann: {}\nben: {}\nc: *o\n"],
)
def test_an_alias_in_no_scope(text):
    """An alias that no scope covers may not lead into one: no reader opens such a file."""
    path = "$.o.ann" if text.startswith("o") else "$.ann"
    with pytest.raises(DocumentError, match="this alias is in no scope") as caught:
        encrypted(text, [ScopeRule((ANN.kek,), (path,), (path,))])
    assert (caught.value.line, caught.value.column) == (text.count("\n"), 4)


def test_one_scope_of_everything_needs_no_other():
    """With one scope there is nobody who could not read it."""
    stream, owners = covering(ALIAS, "$")
    scope = Scope(("$",), ("$",), (WrappedKey("AAAAAAAA", (Stanza("age:x", b""),)),))
    check_readers(stream, owners, [scope])
    assert uncovered(stream, owners) == []


def test_scopes_with_one_root():
    """Two scopes of the same node are refused, also where their paths differ."""
    for path in ("$.ann", "$.'ann'", "$.*"):
        rules = [*two(), ScopeRule((ADMIN.kek,), (path,))]
        with pytest.raises(KeyPathError, match="two scopes have the same root"):
            encrypted(TWO, rules)


def test_a_regular_expression_names_no_scope():
    """A reader follows the paths of scopes unchecked: no expression may stand in them."""
    with pytest.raises(KeyPathError, match=re.escape("regular expression")):
        encrypted(TWO, [ScopeRule((ADMIN.kek,), ("$./a/",))])


@pytest.mark.parametrize(
    "rules", [[], [ScopeRule((ADMIN.kek,), ())], [ScopeRule((ADMIN.kek,), seal=())]]
)
def test_scopes_of_nothing(rules):
    """A file without a scope, or a scope without paths, could not be read again."""
    with pytest.raises(KeyPathError, match="there is no scope, or one without a path"):
        encrypted(TWO, rules)
