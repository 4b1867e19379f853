"""Setting: values of every kind, in the style of the file, and nothing else."""

from __future__ import annotations

import json
import re
import textwrap
from functools import cache

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parties import ADMIN, ANN, BEN, encrypted, two
from untouched import SEALED

import yamlvault
from yamlvault import IntegrityError, KeyPathError
from yamlvault.document.compose import compose
from yamlvault.document.json_value import read_json
from yamlvault.document.new_scalar import Value
from yamlvault.document.text import encode
from yamlvault.editing.assignment import assign
from yamlvault.editing.setting import set_value
from yamlvault.keypath import parse
from yamlvault.source import read

LENIENT = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.sampled_from(["yes", "12", "~", "<<", "a: b", "- a", "# a", "l1\nl2\n", "l1\n\n\n", "\n",
                     " l1\nl2", "l1\n l2\n", "\0", "\u2028", "yv1.", "it's", 'say "x"', "{a}"]),
)  # fmt: skip
DATA = st.recursive(
    st.one_of(
        TEXTS, st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, width=32)
    ).filter(lambda one: one not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
BLOCK = """\
a:
  x: 1 # said
  y: two

# end
b: &b [1, {c: d}]
l:
- v
- k: w
n:
t: |
  l1
  l2
last: z
"""
JSON = json.dumps({"a": {"x": "1", "y": "2"}, "b": ["q"], "l": {}, "last": None}, indent=2) + "\n"
FILES = {
    "block": BLOCK,
    "four columns": BLOCK.replace("\n  ", "\n    "),
    "lists indented": BLOCK.replace("\n- ", "\n   - "),
    "crlf": BLOCK.replace("\n", "\r\n"),
    "no last line break": BLOCK.removesuffix("\n"),
    "deep": f"top:\n    deep:\n{textwrap.indent(BLOCK, ' ' * 8)}",
    "json": JSON,
    "json line": json.dumps(json.loads(JSON)),
    "flow": "a: {x: 1, y: two}\nb: [1]\nl: {}\nlast: z\n",
}
PATHS = ["$.a.x", "$.a.y", "$.a.new", "$.new", "$.new.deep", "$.new[0]", "$.new[0].k[0]", "$.b[1]",
         "$.b[2]", "$.b[2].k", "$.l[0]", "$.l[1].k", "$.l[2]", "$.l[2][0]", "$.n", "$.n.k",
         "$.n[0]", "$.t", "$.last", "$.last.k", "$.'<<'"]  # fmt: skip


def put(data, path, tree, keyring=ADMIN.keyring, rules=None):
    """Return an encrypted file in which something is set; None where that was there already."""
    source = read(data)
    sealing = set_value(source, parse(path), tree, keyring, rules)
    return None if sealing is None else encode(sealing.text, bom=source.bom)


@cache
def sealed(text):
    """Return a text encrypted for the admin, the same for each example of a test."""
    return yamlvault.encrypt(text, keks=[ADMIN.kek])


def leaves(data, path=()):
    """Return the scalars and empty collections of data by their paths."""
    if isinstance(data, dict | list) and data:
        items = data.items() if isinstance(data, dict) else enumerate(data)
        return {k: v for step, one in items for k, v in leaves(one, (*path, step)).items()}
    return {path: data}


@pytest.mark.parametrize("name", FILES)
@LENIENT
@given(data=DATA, path=st.sampled_from(PATHS))
def test_what_is_set_is_got(name, data, path):
    """Any JSON comes back from any place in any style; no byte and no value around it changes."""
    plain = FILES[name]
    path = path.replace("$", "$.top.deep") if name == "deep" else path
    before = sealed(plain)
    try:
        after = put(before, path, read_json(json.dumps(data)))
    except KeyPathError:
        return
    if after is None:
        assert yamlvault.loads(before, path=path, keyring=ADMIN.keyring) == data
        return
    text = yamlvault.decrypt(after, keyring=ADMIN.keyring).decode()
    assert yamlvault.loads(after, path=path, keyring=ADMIN.keyring) == data
    _check_around(plain, text, path)
    if "json" in name:
        json.loads(text)
        json.loads(after)


def _check_around(plain, text, path):
    """Check that only what a path leads to has changed: by lines, and by what PyYAML reads."""
    here = tuple(int(one.text) if one.is_index else one.text for one in parse(path).components)
    old, new = leaves(yaml.safe_load(plain)), leaves(yaml.safe_load(text))
    for key in old.keys() - new.keys():  # it became a collection that holds the new value
        assert here[: len(key)] == key or key[: len(here)] == here
    for key in old.keys() & new.keys():
        assert key[: len(here)] == here or old[key] == new[key]
    assert all(key[: len(here)] == here for key in new.keys() - old.keys())
    comments = [line for line in plain.splitlines() if "#" in line]
    assert all(one.partition("#")[2] in text for one in comments)
    start = _common(plain, text)
    gone = len(plain) - start - _common(plain[start:][::-1], text[start:][::-1])
    assert gone < 40  # the longest old value, with its indentation


def _common(first, second):
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(first), len(second)))


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        ("a: 1\n", "$.b", '{"x": 1, "w": [1, 2], "z": {}, "e": []}',
         "a: 1\nb:\n  x: 1\n  w:\n    - 1\n    - 2\n  z: {}\n  e: []\n"),
        ("l:\n- v\n", "$.m", '[1, {"k": true, "j": null}, [2, [3]]]',
         "l:\n- v\nm:\n- 1\n- k: true\n  j: null\n- - 2\n  - - 3\n"),
        ("a:\n    b: 1\n", "$.c", '{"d": {"e": [1]}}',
         "a:\n    b: 1\nc:\n    d:\n        e:\n            - 1\n"),
        ("x:\n   y:\n      z: 1\na:\n", "$.a.b.c", "1",
         "x:\n   y:\n      z: 1\na:\n   b:\n      c: 1\n"),
        ("x:\n        y: 1\n", "$.z.b", "1", "x:\n        y: 1\nz:\n        b: 1\n"),
        ("a:\n    b:\n      c: 1\n", "$.a.d.e", "1",
         "a:\n    b:\n      c: 1\n    d:\n      e: 1\n"),
        ("a: 1\r\nl:\r\n  - 2\r\n", "$.l[1]", '{"a": 1, "b": 2}',
         "a: 1\r\nl:\r\n  - 2\r\n  - a: 1\r\n    b: 2\r\n"),
        ("l:\n- v\n# end\n", "$.l[1]", '"w"', "l:\n- v\n- w\n# end\n"),
        ("l:\n- v\n- \n", "$.l[2]", '"w"', "l:\n- v\n- \n- w\n"),
        ("l:\n-\n", "$.l[1]", '"w"', "l:\n-\n- w\n"),
        ("- a: 1\n  b: 2", "$[1].a", "3", "- a: 1\n  b: 2\n- a: 3"),
        ("- - a\n  - b\n- c\n", "$[0][2]", "1", "- - a\n  - b\n  - 1\n- c\n"),
        ("l: [v]\n", "$.l[1]", '{"a": "x y"}', 'l: [v, {a: "x y"}]\n'),
        ("l: []\n", "$.l[0]", "1", "l: [1]\n"),
        ("l: [\n  v,\n  w\n]\n", "$.l[2]", "1", "l: [\n  v,\n  w,\n  1\n]\n"),
        ("a: old # c\nb: 2\n", "$.a", '{"x": 1}', "a: # c\n  x: 1\nb: 2\n"),
        ("a: old\n", "$.a", "[]", "a: []\n"),
        ("a:   # c\n\nb: 2\n", "$.a", '{"x": 1}', "a:   # c\n  x: 1\n\nb: 2\n"),
        ("- old # c\n- b\n", "$[0]", '{"x": 1, "w": 2}', "- x: 1 # c\n  w: 2\n- b\n"),
        ("-   old\n", "$[0]", "[1, 2]", "-   - 1\n    - 2\n"),
        ("a: &x old\nb: *x\n", "$.a", '{"k": 1}', "a: &x\n  k: 1\nb: *x\n"),
        ("a: |\n  l\n  m\nb: 2\n", "$.a", "[1]", "a:\n  - 1\nb: 2\n"),
        ("a:\n  old\nb: 1\n", "$.a", "[1, 2]", "a:\n  - 1\n  - 2\nb: 1\n"),
        ("a: ~\n", "$.a", '{"x": 1}', "a:\n  x: 1\n"),
        ("a:\n", "$.a[0].b", "1", "a:\n  - b: 1\n"),
        ("", "$.a[0]", "1", "a:\n  - 1\n"),
        ("", "$[0]", "1", "- 1\n"),
        ("{a: , b: 1}\n", "$.a.c", "1", "{a: {c: 1} , b: 1}\n"),
        ('{\n  "a": 1\n}\n', "$.b", '{"c": [true]}', '{\n  "a": 1,\n  "b": {"c": [true]}\n}\n'),
        ('{"a": [1]}\n', "$.a[1]", '"é\\u2028"', '{"a": [1, "é\\u2028"]}\n'),
        ("a: 1\n", "$.b", '{"pem": "l1\\nl2\\n", "yes": "no"}',
         'a: 1\nb:\n  pem: |\n    l1\n    l2\n  "yes": "no"\n'),
        ("a: 1\n", "$.b", "[1.10, 1e400, -0, 1E5, 2e-7, 123456789012345]",
         "a: 1\nb:\n  - 1.10\n  - 1.0e+400\n  - -0\n  - 1.0e+5\n  - 2.0e-7\n  - 123456789012345\n"),
    ],
)  # fmt: skip
def test_how_it_is_written(text, path, value, result, parser):
    """New collections have the indentation, the lists and the line breaks that the file has."""
    assert assign(compose(text), parse(path), read_json(value)).text == result


@pytest.mark.parametrize(
    ("text", "path", "says", "hint"),
    [
        ("a: {b: 1}\n", "$.a", "names a mapping", "unset"),
        ("a: [1]\n", "$.a", "names a list", "unset"),
        ("a: [1]\n", "$.a[3]", "an item that is not there", r"\[1\]"),
        ("a: [1]\n", "$.a.b", "is no mapping", "next item"),
        ("a: {b: 1}\n", "$.a[0]", "is no list", "next item"),
        ("a: 1\n", "$.b[1]", "an item that is not there", r"\[0\]"),
        ("a: 1\n", "$.a[0]", "is no list", "next item"),
        ("a: 1\n", "$", "no place for one value", None),
    ],
)
def test_no_place(text, path, says, hint):
    """What is there is not replaced as a whole, and lists have no gaps."""
    with pytest.raises(KeyPathError, match=says) as caught:
        assign(compose(text), parse(path), read_json('{"x": "marker"}'))
    assert "marker" not in f"{caught.value!r} {caught.value.hint}"
    if hint:
        assert re.search(hint, caught.value.hint)


def test_binary():
    """Bytes are written as YAML has them, sealed, and loaded as bytes; JSON has none."""
    value = Value("AP8=", "!!binary AP8=")
    data = put(yamlvault.encrypt("a: 1\n", keks=[ADMIN.kek]), "$.b", value)
    assert yamlvault.loads(data, path="$.b", keyring=ADMIN.keyring) == b"\0\xff"
    assert b"AP8" not in data
    with pytest.raises(KeyPathError, match="JSON has no binary"):
        put(yamlvault.encrypt('{"a": 1}', keks=[ADMIN.kek]), "$.b", value)


@pytest.mark.parametrize(
    ("text", "path", "value", "is_there"),
    [
        ("a: 'x'\n", "$.a", '"x"', True),
        ("a: x\n", "$.a", '"y"', False),
        ("a: 12\n", "$.a", "12", True),
        ("a: 12\n", "$.a", '"12"', False),
        ("a: '12'\n", "$.a", "12", False),
        ("a: 1.10\n", "$.a", "1.1", False),
        ("a: !x y\n", "$.a", '"y"', False),
        ("a: {c: 1, b: [x, ~]}\n", "$.a", '{"b": ["x", null], "c": 1}', True),
        ("a:\n  b:\n  - x\n", "$.a", '{"b": ["x"]}', True),
        ("a: |\n  l1\n  l2\n", "$.a", '"l1\\nl2\\n"', True),
        ("a: &x 1\nb: *x\n", "$.a", "1", True),
        ("a: true\n", "$.a", "true", True),
        ("a: b\n", "$.c", '"b"', False),
    ],
)
def test_a_value_that_is_there_already(text, path, value, is_there):
    """The same value of the same type is not sealed anew, however it is written."""
    data = yamlvault.encrypt(text, keks=[ADMIN.kek])
    try:
        assert (put(data, path, read_json(value)) is None) == is_there
    except KeyPathError:
        assert not is_there


def test_a_value_that_is_there_in_plaintext():
    """Plaintext that is to be sealed is not what is wanted, though it is equal."""
    data = yamlvault.encrypt("a: {x: 1}\nb: 2\n", keks=[ADMIN.kek]).replace(b"a: {", b"a: {y: 3, ")
    with pytest.raises(IntegrityError):
        put(data, "$.a.y", read_json("3"))
    with pytest.raises(IntegrityError):
        put(data, "$.b", read_json("2"))


def test_a_scope_that_does_not_open():
    """Where nobody can tell whether the value is there, it is set: under a new data key."""
    text = encrypted(append=True)
    after = put(text.encode(), "$.ben.z", Value("three"), ANN.keyring, two(append=True))
    assert yamlvault.loads(after, path="$.ben.z", keyring=BEN.keyring) == "three"
    assert put(text.encode(), "$.ben.z", Value("three"), BEN.keyring) is None


def test_what_seal_does_not_name():
    """What of a mapping is not to be sealed stays plaintext, and is told; all of it is refused."""
    data = yamlvault.encrypt("a: {password: x}\n", keks=[ADMIN.kek], seal="$.*.password")
    tree = read_json('{"password": "p", "host": "h", "none": null}')
    sealing = set_value(read(data), parse("$.b"), tree, ADMIN.keyring)
    assert sealing.plain == ("$.b.host", "$.b.none")
    assert (sealing.sealed, sealing.kept) == (1, 1)
    assert "host: h" in sealing.text
    assert len(SEALED.findall(sealing.text)) == 2
    with pytest.raises(KeyPathError, match="none of what is sealed"):
        put(data, "$.b", read_json('{"host": "h"}'))


def test_shares_of_scopes():
    """The result says what was sealed in which scope, and who opens that."""
    sealing = set_value(read(encrypted().encode()), parse("$.ann.new"), Value("v"), ANN.keyring)
    ann, ben = sealing.shares
    assert (ann.scope, ann.sealed, ann.kept, set(ann.keks)) == ("$.ann", 1, 2, {ANN.kek, ADMIN.kek})
    assert (ben.scope, ben.sealed, ben.kept, set(ben.keks)) == ("$.ben", 0, 1, {BEN.kek, ADMIN.kek})
