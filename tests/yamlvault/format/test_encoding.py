"""N and P, compared with bytes put together by hand from sections 4.2 and 4.3."""

import hashlib

import pytest

from yamlvault.document.compose import compose
from yamlvault.document.node import Alias
from yamlvault.format.encoding import encode, encoded, lp, path_of, u32

YAML = b"tag:yaml.org,2002:"
SEALED = "yv1.AAAAAAAA.AAAA"


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def scalar(value, tag="str"):
    """Return N of a scalar."""
    name = tag.encode() if tag.startswith("!") else YAML + tag.encode()
    return b"S" + lp(name) + lp(value.encode())


def sequence(*items, tag=YAML + b"seq"):
    return b"Q" + lp(tag) + digest(*map(lp, items))


def mapping(*entries, tag=YAML + b"map"):
    return b"M" + lp(tag) + digest(*(lp(key) + lp(value) for key, value in sorted(entries)))


def root(text):
    return compose(text).documents[0].root


def test_lengths_and_numbers():
    """Numbers are big-endian and have four bytes."""
    assert u32(0x01020304) == b"\1\2\3\4"
    assert lp(b"") == b"\0\0\0\0"
    assert lp(b"a" * 256) == b"\0\0\1\0" + b"a" * 256


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a", scalar("a")),
        ("'a'", scalar("a")),
        ('"\\u00e9"', scalar("é")),
        ("12", scalar("12", "int")),
        ("0xC", scalar("0xC", "int")),
        ("'12'", scalar("12")),
        ("! 12", scalar("12", "!")),
        ("! ~", scalar("~", "!")),
        ("! a", scalar("a")),
        ("! '12'", scalar("12")),
        ("!!str 12", scalar("12")),
        ("~", scalar("", "null")),
        ("null", scalar("", "null")),
        ("!!null x", scalar("", "null")),
        ("!own x", scalar("x", "!own")),
        ("a\n  b", scalar("a b")),
        ("|\n  a\n  b\n", scalar("a\nb\n")),
        (SEALED, b"E" + lp(SEALED.encode())),
        (f'"{SEALED}"', b"E" + lp(SEALED.encode())),
        (f"!!str {SEALED}", scalar(SEALED)),
        ("[]", sequence()),
        ("[a, 1]", sequence(scalar("a"), scalar("1", "int"))),
        ("- a\n- 1", sequence(scalar("a"), scalar("1", "int"))),
        ("[[]]", sequence(sequence())),
        ("! [a]", sequence(scalar("a"))),
        ("!own [a]", sequence(scalar("a"), tag=b"!own")),
        ("{}", mapping()),
        (
            "{b: 1, a: 2}",
            mapping((scalar("a"), scalar("2", "int")), (scalar("b"), scalar("1", "int"))),
        ),
        ("bb: 1\na: x", mapping((scalar("a"), scalar("x")), (scalar("bb"), scalar("1", "int")))),
        ("!!set {a}", mapping((scalar("a"), scalar("", "null")), tag=YAML + b"set")),
        ("? [a]\n: b", mapping((sequence(scalar("a")), scalar("b")))),
        (f"{SEALED}: a", mapping((scalar(SEALED), scalar("a")))),
        (f"? [{SEALED}]\n: a", mapping((sequence(scalar(SEALED)), scalar("a")))),
    ],
)
def test_n(text, encoding, parser):
    """N of each kind of node is what the format says, whatever the style."""
    assert encode(root(text)) == encoding


def test_mapping_entries_are_sorted_by_bytes():
    """The order is that of N(key), in which the length stands in front of the value."""
    assert scalar("b") < scalar("aa")
    assert encode(root("aa: x\nb: y")) == encode(root("b: y\naa: x"))
    assert encode(root("aa: y\nb: x")) != encode(root("aa: x\nb: y"))


@pytest.mark.parametrize(
    ("text", "value", "path"),
    [
        ("x", "x", b"D\0\0\0\0"),
        ("a\n---\nx", "x", b"D\0\0\0\1"),
        ("[a, x]", "x", b"D\0\0\0\0i\0\0\0\1"),
        ("a: x", "x", b"D\0\0\0\0k" + lp(scalar("a"))),
        ("x: a", "x", b"D\0\0\0\0K" + lp(scalar("x"))),
        ("1: [[x]]", "x", b"D\0\0\0\0k" + lp(scalar("1", "int")) + b"i\0\0\0\0i\0\0\0\0"),
        ("? [x]\n: a", "x", b"D\0\0\0\0K" + lp(sequence(scalar("x"))) + b"i\0\0\0\0"),
        (
            "? {k: x}\n: a",
            "x",
            b"D\0\0\0\0K" + lp(mapping((scalar("k"), scalar("x")))) + b"k" + lp(scalar("k")),
        ),
    ],
)
def test_p(text, value, path, parser):
    """P is the document's index and a step for each level, of which a key's is its N."""
    node = next(node for node in compose(text).nodes if getattr(node, "value", None) == value)
    assert path_of(node) == path


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("[&a x, *a]", b"D\0\0\0\0i\0\0\0\0"),
        ("[&b x, &a y, *a]", b"D\0\0\0\0i\0\0\0\1"),
        ("[&a x, &a y, *a]", b"D\0\0\0\0i\0\0\0\1"),
        ("{k: &a x, l: *a}", b"D\0\0\0\0k" + lp(scalar("k"))),
        ("{&a k : x, l: *a}", b"D\0\0\0\0K" + lp(scalar("k"))),
        ("&a [*a]", b"D\0\0\0\0"),
        ("[[], &a [x, *a]]", b"D\0\0\0\0i\0\0\0\1"),
    ],
)
def test_aliases(text, target, parser):
    """N of an alias is the hash of the path of the nearest anchor of its name before it."""
    alias = next(node for node in compose(text).nodes if isinstance(node, Alias))
    assert encode(alias) == b"A" + digest(target)


def test_an_alias_as_a_key():
    """An alias as a key has N of an alias, and what stands below it that as its step."""
    alias = b"A" + digest(b"D\0\0\0\0k" + lp(scalar("a")))
    node = root("{a: &x k, *x : v}")
    assert encode(node.children[2]) == alias
    assert path_of(node.children[3]) == b"D\0\0\0\0k" + lp(alias)
    assert encode(node) == mapping((scalar("a"), scalar("k")), (alias, scalar("v")))


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("? &a [*a]\n: v", b""),
        ("? [x, &a [*a]]\n: v", b"i\0\0\0\1"),
        ("? {k: &a [*a]}\n: v", b"k" + lp(scalar("k"))),
        ("? [&a x, *a]\n: v", b"i\0\0\0\0"),
    ],
)
def test_an_alias_to_its_own_key(text, steps, parser):
    """Where the key that contains the alias contains its target, the path starts there as R."""
    alias = next(node for node in compose(text).nodes if isinstance(node, Alias))
    assert encoded(alias) == b"A" + digest(b"R" + steps)


def test_stand_ins():
    """A stand-in takes the place of N, at any depth."""
    node = root("{a: [x, w], b: z}")
    item = node.values[0].children[0]
    expected = mapping((scalar("a"), sequence(b"X", scalar("w"))), (scalar("b"), scalar("z")))
    assert encode(node, {id(item): b"X"}) == expected
