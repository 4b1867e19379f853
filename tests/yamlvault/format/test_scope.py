"""Which nodes belong to which scope, and what its sections are (format, 1, 2.2 and 5)."""

import pytest

from yamlvault.document.compose import compose
from yamlvault.errors import FormatError, IntegrityError
from yamlvault.format.metadata import Scope
from yamlvault.format.scope import Map, label_of

TEXT = """\
name: shop
common: &common {x: 1}
a:
  b: 2
  c: [3, {d: 4}]
e:
  f: 5
  g: *common
"""


def scopes(*paths):
    return [Scope(tuple(path.split()), ("$",), ()) for path in paths]


def owners(text, *paths):
    """Return the owner of each number in the text."""
    stream = compose(text)
    found = Map(stream, scopes(*paths))
    numbers = [node for node in stream.nodes if getattr(node, "value", "").isdigit()]
    return {node.value: found.owner(node) for node in numbers}


@pytest.mark.parametrize(
    ("paths", "owned"),
    [
        (["$"], [0, 0, 0, 0, 0]),
        (["$.a"], [None, 0, 0, 0, None]),
        (["$.a $.e"], [None, 0, 0, 0, 0]),
        (["$.a", "$.e"], [None, 0, 0, 0, 1]),
        (["$", "$.a.c"], [0, 0, 1, 1, 0]),
        (["$.a.c", "$"], [1, 1, 0, 0, 1]),
        (["$", "$.a", "$.a.c[1]"], [0, 1, 1, 2, 0]),
        (["$.a.*"], [None, 0, 0, 0, None]),
        (["$.e.g"], [None, None, None, None, None]),
        (["$.nothing"], [None] * 5),
        (["$.a.b"], [None, 0, None, None, None]),
    ],
)
def test_a_node_belongs_to_the_nearest_root(paths, owned, parser):
    """Of the scopes whose paths cover a node the one with the nearest root owns it."""
    assert owners(TEXT, *paths) == dict(zip("12345", owned, strict=True))


@pytest.mark.parametrize(
    ("paths", "sections"),
    [
        (["$"], [["$.common", "$.a", "$.e"]]),
        (["$.a"], [["$.a.c"]]),
        (["$.a $.e"], [["$.a.c"]]),
        (["$", "$.a"], [["$.common", "$.e"], ["$.a.c"]]),
        (["$", "$.a.c"], [["$.common", "$.a", "$.e"], ["$.a.c[1]"]]),
        (["$.a.b"], [[]]),
    ],
)
def test_sections(paths, sections):
    """Sections are the collections below a root, without those that are roots of other scopes."""
    found = Map(compose(TEXT), scopes(*paths))
    assert [list(territory.sections) for territory in found.territories] == sections


def test_several_documents_have_their_roots_in_one_scope():
    """`$` is the root of each document, and sections of different documents differ in label."""
    found = Map(compose("a: []\n---\na: []\n---\n- []\n- {}\n"), scopes("$"))
    territory = found.territories[0]
    assert len(territory.roots) == found.documents == 3
    assert found.is_one_whole
    assert list(territory.sections) == ["$.a", "1:$.a", "2:$[0]", "2:$[1]"]


def test_foreign_roots():
    """For the roots of other scopes a stand-in takes the place of their content."""
    stream = compose(TEXT)
    found = Map(stream, scopes("$", "$.a"))
    inner = found.territories[1].roots[0]
    assert found.territories[0].foreign == {id(inner): b"X"}
    assert list(found.territories[1].foreign.values()) == [b"X"]
    assert not found.is_one_whole
    assert not Map(stream, scopes("$.nothing")).is_one_whole


@pytest.mark.parametrize(
    ("text", "path", "labels"),
    [
        (TEXT, "$", []),
        (TEXT, "$.a", []),
        (TEXT, "$.e", ["$.common"]),
        (TEXT, "$.e.g", ["$.common"]),
        ("a: &a 1\nb: &b [*a]\nc: [*b, *b]\n", "$.c", ["$.a", "$.b"]),
        ("a: &a 1\nb: &b [*a]\nc: &c [*b]\nd: *c\n", "$.d", ["$.a", "$.b", "$.c"]),
        ("a: &a [*a]\nb: *a\n", "$.b", ["$.a"]),
        ("b: &b [1]\na: [&c [2], *b, *c]\n", "$.a", ["$.b"]),
        ("a: &a {x: &x 1}\nb: {<<: *a, y: *x}\n", "$.b", ["$.a", "$.a.x"]),
    ],
)
def test_what_aliases_reach_outside(text, path, labels):
    """Nodes outside that aliases in the scope stand for, and theirs in turn, are covered."""
    found = Map(compose(text), scopes(path))
    assert sorted(label_of(node) for node in found.outside(0)) == labels


@pytest.mark.parametrize(
    ("text", "paths", "is_refused"),
    [
        ("a: &a 1\nb: *a\n", ["$"], False),
        ("a: &a 1\nb: *a\n", ["$.b"], False),
        ("a: &a 1\nb: *a\n", ["$.a"], True),
        ("a: &a 1\nb: *a\n", ["$.a", "$.b"], False),
        ("a: &a 1\nb: *a\n", ["$.a", "$"], False),
        ("a: {x: &a 1}\nb: *a\n", ["$.a"], True),
        ("a: &a {x: 1}\nb: *a\n", ["$.a.x"], True),
        ("a: &a {x: 1}\nb: *a\n", ["$.c"], False),
        ("a: &a {x: 1}\nb: {<<: *a}\n", ["$.a.x"], True),
        ("a: &a {x: 1, y: 2}\nb: *a\nc: 1\n", ["$.c"], False),
    ],
)
def test_check_aliases(text, paths, is_refused):
    """An alias in no scope may not stand for what is in one, or holds the root of one."""
    found = Map(compose(text), scopes(*paths))
    if is_refused:
        with pytest.raises(IntegrityError, match="outside of the scopes"):
            found.check_aliases()
    else:
        found.check_aliases()


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (["$", "$"], "two scopes have the same root"),
        (["$.a", "$.*"], "two scopes have the same root"),
        (["$.a.c[1]", "$.a.c.1"], "two scopes have the same root"),
        (["$.'a"], "malformed path"),
        (["$.a,$.b"], "malformed path"),
        (["a"], "malformed path"),
        (["$./a/"], "regular expression"),
        (["$./(a+)+$/"], "regular expression"),
        (["$." + "9" * 5000], None),
        (["$[" + "9" * 5000 + "]"], None),
    ],
)
def test_paths_of_scopes(paths, says):
    """A reader follows paths before it checked a MAC: none may be malformed, or cost much."""
    if says is None:
        assert Map(compose(TEXT), scopes(*paths)).territories[0].roots == []
        return
    with pytest.raises(FormatError, match=says):
        Map(compose(TEXT), scopes(*paths))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("x", "$"),
        ("a: x", "$.a"),
        ("A-b_9: x", "$.A-b_9"),
        ("_: x", "$._"),
        ("-a: x", '$."-a"'),
        ("1a: x", '$."1a"'),
        ("'': x", '$.""'),
        ("'1': x", '$."1"'),
        ("é: x", '$."é"'),
        ("a.b: x", '$."a.b"'),
        (r'"\"\\\b\t\n\f\r\x01\x7f\u2028": x', '$."\\"\\\\\\b\\t\\n\\f\\r\\u0001\x7f\u2028"'),
        ("[[x]]", "$[0][0]"),
        ("7: x", "$.!303dadc3360b0b0c"),
        ("a\n---\nb\n---\nc: x", "2:$.c"),
    ],
)
def test_labels(text, label):
    """A label has a component for each step, of the form of section 5.1."""
    node = next(node for node in compose(text).nodes if getattr(node, "value", None) == "x")
    assert label_of(node) == label


@pytest.mark.parametrize("key", ["1", "~", "true", "!own a", "? [a]\n", "? {a: b}\n"])
def test_labels_of_keys_that_are_no_text(key):
    """Any other key is named by a hash of its N."""
    node = compose(f"{key}: [x]").documents[0].root.values[0]
    assert label_of(node).startswith("$.!")
    assert len(label_of(node)) == len("$.!") + 16


@pytest.mark.timeout(20)
def test_many_aliases_and_roots():
    """What aliases reach is found in linear time: a file says it before any MAC is checked."""
    count = 20_000
    names = "".join(f"  a{n}: &a{n} x\n" for n in range(count))
    uses = "".join(f"- *a{n}\n" for n in range(count))
    stream = compose(f"all:\n{names}many:\n{uses}")
    assert len(Map(stream, scopes("$.many")).outside(0)) == count
    aliases = "- *z\n" * count
    many_roots = "".join(f"  k{n}: v\n" for n in range(count))
    stream = compose(f"z: &z [a]\nout:\n{aliases}roots:\n{many_roots}")
    Map(stream, scopes("$.roots.*")).check_aliases()
