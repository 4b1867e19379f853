"""What a path needs of a file with several scopes: each that it takes a value from is checked."""

import pytest
from vectors.making import Rule, identity, make, other, own

import yamlvault
from yamlvault import IntegrityError, NoKeyError

TWO = Rule(("$.a",), ("$.a",), (own(),)), Rule(("$.b",), ("$.b",), (own(),))


@pytest.fixture(scope="module")
def ring():
    return yamlvault.Keyring([str(identity())])


def test_only_the_keys_of_its_scope(ring):
    """A scope that does not open is no obstacle to a value in another."""
    rules = TWO[0], TWO[1]._replace(keks=(other(),))
    data = make(b"a: {x: 1}\nb: {y: 2}\nc: 3\n", *rules)
    assert yamlvault.loads(data, path="$.a.x", keyring=ring) == 1
    for path in ("$.b.y", "$", "$.*.y", None):
        with pytest.raises(NoKeyError):
            yamlvault.loads(data, path=path, keyring=ring)


@pytest.mark.parametrize("rules", [(Rule(keks=(other(),)),), (TWO[0], TWO[1])])
def test_a_mistyped_path_of_what_does_not_open(rules, ring):
    """Keys are plaintext: that a path names nothing is told to who opens nothing, too."""
    rules = [rule._replace(keks=(other(),)) for rule in rules]
    data = make(b"a: &a {x: 1}\nb: {y: 2, <<: *a}\n", *rules)
    for path, hint in (("$.b.yy", "there is no yy: "), ("$.bb.y", "there is no bb: ")):
        with pytest.raises(NoKeyError, match="in the file, and not all opens") as caught:
            yamlvault.loads(data, path=path, keyring=ring)
        assert caught.value.hint.startswith(hint)
    for path in ("$.b.y", "$.b.x", "$.b"):  # one of them by a merge key
        with pytest.raises(NoKeyError, match="none of the file's KEKs opens it"):
            yamlvault.loads(data, path=path, keyring=ring)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a: &a {k: {x: 1}}\nb: {<<: *a}\n", "$.b.k.x", 1),
        ("a: &a {k: {x: 1}}\nb: {<<: *a}\n", "$.b.*.x", 1),
        ("a: &a {k: {x: 1}}\nb: {!!merge m: *a}\n", "$.b.k.x", 1),
        ("m: &m <<\na: &a {k: {x: 1}}\nb: {*m : *a}\n", "$.b.k.x", 1),
        ("a: &a {k: {x: 1}}\nb: {<<: [{y: 2}, *a]}\n", "$.b.k", {"x": 1}),
        ("a: [&a one]\nb: {k: *a}\n", "$.b", {"k": "one"}),
        ("a: [&a one]\nb: {k: *a}\n", "$.b.k", "one"),
        ("a: [&a one]\nb: {*a : 1}\n", "$.b", {"one": 1}),
        ("a: [&a one]\nb: {k: {*a : 1}}\n", "$.b.k", {"one": 1}),
    ],
)
def test_what_a_path_reaches_in_another_scope(text, path, value, ring, parser):
    """Merge keys, aliases and aliases as keys lead into other scopes, which are opened too."""
    data = make(text.encode(), *TWO)
    assert yamlvault.loads(data, path=path, keyring=ring) == value


@pytest.mark.parametrize("changed", ["{}", "[]", "", "2", "{q: 1}", "{q: {}}"])
def test_a_scope_within_another_is_checked(changed, ring):
    """A scope below the node that a path names is checked, also where nothing is left of it."""
    data = make(b"a:\n  b: {c: 1}\n  d: 2\n", Rule(seal=("$.a.d",)), Rule(("$.a.b",), ("$.none",)))
    assert yamlvault.loads(data, path="$.a", keyring=ring) == {"b": {"c": 1}, "d": 2}
    tampered = data.replace(b"{c: 1}", changed.encode())
    for path in ("$.a", "$.a.b", "$", None):
        with pytest.raises(IntegrityError):
            yamlvault.loads(tampered, path=path, keyring=ring)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("*one", "*two"),
        ("<<: [*one, *two]", "<<: [*two, *one]"),
        ("h: own", "g: own"),
        ("k: *one", "k: *two"),
    ],
)
def test_the_way_to_a_value_is_checked(old, new, ring):
    """Aliases and merge keys can't be made to lead elsewhere, nor a key be taken away."""
    text = "a: [&one {h: 1, k: 2}, &two {h: 3, k: 4}]\nb: {<<: [*one, *two], h: own, k: *one}\n"
    data = make(text.encode(), TWO[0], TWO[1]._replace(seal=("$.none",))).decode()
    tampered = data.replace(old, new, 1)
    assert tampered != data
    for path in ("$.b.h", "$.b.k.h", "$.b.k"):
        yamlvault.loads(data, path=path, keyring=ring)
        with pytest.raises(IntegrityError):
            yamlvault.loads(tampered, path=path, keyring=ring)
