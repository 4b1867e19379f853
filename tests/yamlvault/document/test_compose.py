"""Events to a tree of nodes with their spans, the same under both parsers."""

from pathlib import Path

import pytest

from yamlvault.document.compose import MAX_DEPTH, compose
from yamlvault.document.events import PARSERS
from yamlvault.document.node import Alias, Scalar, is_key
from yamlvault.errors import DocumentError

CONSTRUCTS = Path(__file__).resolve().parents[3] / "fixtures" / "constructs"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a: b\n", ["a: b\n", "a", "b"]),
        ("a:   b  # c\n", ["a", "b"]),
        ("a: 'b c'\n", ["'b c'"]),
        ("a: &x !t b\n", ["&x !t b"]),
        ("a: !t\n  # c\n  &x b\n", ["!t\n  # c\n  &x b"]),
        ("a: |+\n  b\n\n\n", ["|+\n  b\n\n"]),
        ("a: >-\n  b\n  c\n\n# d\n", [">-\n  b\n  c"]),
        ("a: b\n  c\n  d\n", ["b\n  c\n  d"]),
        ('a: "b\n\n  c"\n', ['"b\n\n  c"']),
        ("- &x 1\n- *x\n", ["&x 1", "*x"]),
        ("[a, {b: c}, ]", ["[a, {b: c}, ]", "a", "{b: c}", "b", "c"]),
        ("? a\n: b\n", ["a", "b"]),
        ("? [a]\n: b\n", ["[a]", "b"]),
        ("&r\na: b\n", ["a", "b"]),
        ("a:\n", ["a", ""]),
        ("a: ''\n", ["''"]),
        ("\U0001f511: é\n", ["\U0001f511", "é"]),
        ("a: b\r\nc: d\r\n", ["a", "b", "c", "d"]),
        ("--- text\n...\n", ["text"]),
        ("a: !<tag:x,2000:y> b\n", ["!<tag:x,2000:y> b"]),
        ("&k a : *k\n", ["&k a", "*k"]),
    ],
)
def test_spans(text, spans, parser):
    """A span starts at the tag or anchor and ends with the last character of the node."""
    nodes = compose(text).nodes
    found = [text[node.start : node.end] for node in nodes]
    assert [span for span in spans if span not in found] == []


def test_kinds_and_steps(parser):
    """Each node knows its kind, its parent and the step from there."""
    stream = compose("a: [1, {b: 2}]\n? k\n: 3\n---\nx\n")
    root, key, items = stream.documents[0].root, *stream.nodes[1:3]
    assert (root.step, stream.documents[1].root.step) == (0, 1)
    assert is_key(key)
    assert items.step is key
    assert [child.step for child in items.children] == [0, 1]
    assert items.children[1].parent is items
    assert [value.value for value in root.values[1:]] == ["3"]
    assert not is_key(items)


def test_styles_tags_and_anchors(parser):
    """Style, explicit tag and anchor are reported as written, `!` in each of its forms."""
    text = "[a, 'b', \"c\", !x d, ! e, !<!> f, &n g, !!str h]\n"
    items = compose(text).documents[0].root.children
    assert [node.style for node in items] == ["", "'", '"', "", "", "", "", ""]
    tags = [None, None, None, "!x", "!", "!", None, "tag:yaml.org,2002:str"]
    assert [node.tag for node in items] == tags
    assert items[6].anchor == "n"


@pytest.mark.parametrize("path", sorted(CONSTRUCTS.glob("*.yml")), ids=lambda path: path.stem)
def test_both_parsers_give_one_tree(path):
    """What both parsers read has the same nodes, spans included; empty scalars have no place."""
    if len(PARSERS) < 2:
        pytest.skip("PyYAML was built without libyaml")
    trees = []
    for parser in PARSERS:
        try:
            stream = compose(path.read_bytes().decode().removeprefix("\ufeff"), parser)
        except (DocumentError, UnicodeDecodeError):
            return  # which one refuses what: test_constructs
        trees.append([described(node) for node in stream.nodes])
    assert trees[0] == trees[1]


def described(node):
    if isinstance(node, Alias):
        return node.name, node.target.start, node.start, node.end
    if isinstance(node, Scalar):
        place = None if node.start == node.end else (node.start, node.end)
        return node.value, node.tag, node.style, node.anchor, place, node.sealed, node.encoded
    place = (node.start, node.end) if node.is_flow else None
    column = None if node.is_flow else node.column
    return node.is_mapping, node.tag, node.anchor, place, column, node.in_key


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\na: 2\n", (2, 1)),
        ("a: 1\n'a': 2\n", (2, 1)),
        ("a: 1\n!!str a: 2\n", (2, 1)),
        ("{a: 1, a: 2}\n", (1, 8)),
        ('- b: {c: 1, "c": 2}\n', (1, 13)),
        ("? [a]\n: 1\n? [a]\n: 2\n", (3, 3)),
        ("? {a: 1, b: 2}\n: 1\n? {b: 2, a: 1}\n: 2\n", (3, 3)),
        ("~: 1\nnull: 2\n", (2, 1)),
        ("&k a: 1\n*k : 2\n", (2, 1)),
        ("x: &k a\ny:\n  *k : 1\n  a: 2\n", (4, 3)),
        ("x: &k a\ny:\n  a: 1\n  *k : 2\n", (4, 3)),
        ("x: &k a\ny: {*k : 1, *k : 2}\n", (2, 13)),
        ("b: &b {}\nc: &c {}\na:\n  <<: *b\n  <<: *c\n", (5, 3)),
    ],
)
def test_duplicate_keys_are_refused(text, place, parser):
    """Two keys of one text and tag are refused where the second stands, aliases of keys too."""
    with pytest.raises(DocumentError, match=r"duplicate key\Z") as caught:
        compose(text)
    assert (caught.value.line, caught.value.column) == place
    assert ("[*first" in caught.value.hint) == ("<<" in text)


@pytest.mark.parametrize(
    "text",
    [
        "1: a\n'1': b\n",
        "true: a\n'true': b\n",
        "~: a\n'~': b\n",
        "a: 1\nA: 2\n",
        "1: a\n1.0: b\n0x1: c\n",
        "a: {x: 1}\nb: {x: 2}\n",
        "a: 1\n---\na: 2\n",
        "!x a: 1\n!y a: 2\n",
        "? [a, b]\n: 1\n? [b, a]\n: 2\n",
        "x: &k a\ny: &l a\n",
    ],
)
def test_keys_of_another_tag_or_text_are_no_duplicates(text, parser):
    """Keys that are told apart by type, text or place stand side by side."""
    compose(text)


@pytest.mark.parametrize(
    ("text", "place"), [("*a", (1, 1)), ("a: *b\n", (1, 4)), ("a: &x 1\n---\nb: *x\n", (3, 4))]
)
def test_unknown_aliases_are_refused(text, place, parser):
    """An alias needs an anchor before it in its own document; its name is not shown."""
    with pytest.raises(DocumentError, match="an alias has no anchor before it") as caught:
        compose(text)
    assert (caught.value.line, caught.value.column) == place


def test_an_alias_stands_for_the_nearest_anchor_before_it(parser):
    """An anchor that is set again is that of the aliases behind it."""
    nodes = compose("[&a 1, *a, &a 2, *a]").documents[0].root.children
    assert (nodes[1].target, nodes[3].target) == (nodes[0], nodes[2])


@pytest.mark.parametrize(("head", "tail"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_depth_has_a_limit(head, tail, parser):
    """A document may be as deep as the limit says and no deeper."""
    compose(head * MAX_DEPTH + "1" + tail * MAX_DEPTH)
    with pytest.raises(DocumentError, match=f"more than {MAX_DEPTH} levels"):
        compose(head * (MAX_DEPTH + 1) + "1" + tail * (MAX_DEPTH + 1))


def test_documents(parser):
    """Documents know their `%TAG` lines and whether `...` ends them."""
    stream = compose("%TAG !e! tag:e,2000:\n---\na: !e!x 1\n...\n---\nb\n---\n")
    directives = [document.tag_directives for document in stream.documents]
    assert directives == [{"!e!": "tag:e,2000:"}, {}, {}]
    assert [document.has_end_marker for document in stream.documents] == [True, False, False]
    assert stream.nodes[2].tag == "tag:e,2000:x"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a: yv1.AAAAAAAA.AAAA\n", 1),
        ("a: 'yv1.AAAAAAAA.AAAA'\n", 1),
        ("a: &x yv1.AAAAAAAA.AAAA\n", 1),
        ("yv1.AAAAAAAA.AAAA: b\n", 0),
        ("? [yv1.AAAAAAAA.AAAA]\n: b\n", 0),
        ("a: !!str yv1.AAAAAAAA.AAAA\n", 0),
        ("a: ! yv1.AAAAAAAA.AAAA\n", 0),
        ("a: yv1.AAAAAAA.AAAA\n", 0),
    ],
)
def test_what_counts_as_sealed(text, count, parser):
    """A scalar of this text is sealed in any style; not with a tag, not in a mapping key."""
    sealed = [node for node in compose(text).nodes if isinstance(node, Scalar) and node.sealed]
    assert len(sealed) == count


def test_surrogates_are_refused(parser):
    """Half of a surrogate pair is no character, whatever the parser thinks."""
    with pytest.raises(DocumentError) as caught:
        compose('a: "\\ud83d"\n')
    assert caught.value.line == 1
