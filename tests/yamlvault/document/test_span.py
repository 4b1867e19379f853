"""Where the parts of a node stand in its text."""

import pytest

from yamlvault.document.compose import compose
from yamlvault.document.node import Collection
from yamlvault.document.span import Properties, block_column, scalar_end, skip_blank


def parts(text, anchor):
    """Return the tag, the anchor and what stands behind them."""
    found = Properties(text, 0, anchor)
    return (
        text[found.tag_start : found.tag_end] if found.tag_start >= 0 else None,
        text[found.anchor_start : found.anchor_end] if found.anchor_start >= 0 else None,
        text[found.content_start :],
    )


@pytest.mark.parametrize(
    ("text", "anchor", "expected"),
    [
        ("x", None, (None, None, "x")),
        ("&a x", "a", (None, "&a", "x")),
        ("!t x", None, ("!t", None, "x")),
        ("!t &a x", "a", ("!t", "&a", "x")),
        ("&a !t x", "a", ("!t", "&a", "x")),
        ("!!str\n  # so\n  &a\n  # c\n  x", "a", ("!!str", "&a", "x")),
        ("!<tag:x.org,2000:[a,b]> x", None, ("!<tag:x.org,2000:[a,b]>", None, "x")),
        ("! x", None, ("!", None, "x")),
        ("!t [x]", None, ("!t", None, "[x]")),
        ("!t,", None, ("!t", None, ",")),
        ("!t", None, ("!t", None, "")),
        ("&a", "a", (None, "&a", "")),
        ("&a &b", "a", (None, "&a", "&b")),
        ("!t !u", None, ("!t", None, "!u")),
        ("&a\u2028x", "a", (None, "&a", "x")),
    ],
)
def test_properties(text, anchor, expected):
    """Tag and anchor stand in any order, with line breaks and comments between them."""
    assert parts(text, anchor) == expected


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("x", "x"),
        (" \t\r\nx", "x"),
        ("# c", ""),
        ("# c\rx", "x"),
        ("#a\n #b\n\n x#", "x#"),
        ("", ""),
    ],
)
def test_skip_blank(text, rest):
    """White space and comments up to the end of their lines are passed over."""
    assert text[skip_blank(text, 0) :] == rest


@pytest.mark.parametrize(
    ("text", "style", "scalar"),
    [
        ("'a'", "'", "'a'"),
        ('"a "', '"', '"a "'),
        ("a  ", "", "a"),
        ("a\n\n", "", "a"),
        ("|\n  a\n", "|", "|\n  a"),
        ("|\n  a\n\n\n", "|", "|\n  a"),
        ("|-\n  a\n\n", "|", "|-\n  a"),
        ("|+\n  a\n\n\n", "|", "|+\n  a\n\n"),
        ("|2+\r\n  a\r\n\r\n", "|", "|2+\r\n  a\r\n"),
        ("|+2\n  a\n\n", "|", "|+2\n  a\n"),
        (">- # + is no indicator here\n  a\n\n", ">", ">- # + is no indicator here\n  a"),
        ("|\n  a", "|", "|\n  a"),
        ("|\n  a  \n", "|", "|\n  a  "),
    ],
)
def test_scalar_end(text, style, scalar):
    """A scalar ends as section 3.1 of the format says: a `+` keeps all line breaks but the last."""
    assert text[: scalar_end(text, 0, len(text), style)] == scalar


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("x", 0),
        ("[x]", 0),
        ("a: x", 0),
        ("a:\n   b: x", 3),
        ("a:\n  - x", 2),
        ("a:\n- x", 0),
        ("- - x", 2),
        ("a:\n    - k: x", 6),
        ("a:\n  b: [[x]]", 2),
        ("a:\n  ? k\n  : x", 2),
        ("a: &r !t\n    b: x", 4),
    ],
)
def test_block_column(text, column, parser):
    """The column is that of the innermost block collection's first `-`, `?` or key."""
    node = next(node for node in compose(text).nodes if getattr(node, "value", "") == "x")
    assert node.parent is None or isinstance(node.parent, Collection)
    assert block_column(node.parent) == column
