"""Scalars to payloads, and back into places that may be others (format, 3.1 and 3.2)."""

import pytest

from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.document.splice import splice
from yamlvault.errors import DocumentError, IntegrityError
from yamlvault.format.payload import (
    Surroundings,
    opening_edits,
    payload_of,
    reading_of,
    readings,
    sealing_edits,
)
from yamlvault.format.sealed import Payload

SEALED = "yv1.AAAAAAAA.AAAA"
STR, INT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int"
NOWHERE = Surroundings(is_root=False, tag_directives={})


def last_scalar(text):
    return [node for node in compose(text).nodes if isinstance(node, Scalar)][-1]


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("x", Payload("x")),
        ("a: x # c\n", Payload("x")),
        ("a: 'x'\n", Payload("'x'")),
        ("a: &n x\n", Payload("x")),
        ("a: !!str x\n", Payload("!!str x", tag=STR)),
        ("a: ! x\n", Payload("! x", tag="!")),
        ("a: !own # c\n  x\n", Payload("!own # c\n  x", tag="!own")),
        ("a: &n !own x\n", Payload("!own x", tag="!own")),
        ("a: !own &n x\n", Payload("x", tag="!own", before="!own ")),
        ("a: !own\n  # c\n  &n x\n", Payload("x", tag="!own", before="!own\n  # c\n  ")),
        ("[x]", Payload("x", in_flow=True)),
        ("- {a: x}\n", Payload("x", in_flow=True)),
        ("a:\n  b: x\n", Payload("x", indent=2)),
        ("a:\n  b: [x]\n", Payload("x", in_flow=True, indent=2)),
        ("- - x\n", Payload("x", indent=2)),
        ("a: |\n  x\n", Payload("|\n  x")),
        ("a: |\n  x", Payload("|\n  x", no_line_break=True)),
        ("a: |+\n  x\n\n", Payload("|+\n  x\n")),
        ("a: x", Payload("x")),
        ("%TAG !e! !f\n---\na: !e!x x\n", Payload("!e!x x", tag="!fx")),
    ],
)
def test_what_is_sealed(text, payload, parser):
    """The source, the tag, and what the place was like, are what the format says."""
    assert payload_of(text, last_scalar(text)) == payload


def test_a_value_directly_behind_its_anchor_is_refused(parser):
    """YAML 1.1 and 1.2 take `&a:b` for different things: neither parser leads to a payload."""
    with pytest.raises(DocumentError, match=r"directly behind its anchor|not valid YAML"):
        payload_of("- &a:b\n", last_scalar("- &a:b\n"))


def test_a_tag_that_is_too_long_is_refused():
    """The length of a tag has two bytes."""
    text = f"a: !{'t' * 0xFFFF} x\n"
    with pytest.raises(DocumentError, match="longer than 65535 bytes"):
        payload_of(text, last_scalar(text))


@pytest.mark.parametrize(
    ("text", "quoted", "sealed"),
    [
        ("a: x\n", False, f"a: {SEALED}\n"),
        ("a: x\n", True, f'a: "{SEALED}"\n'),
        ("a: x # c\n", False, f"a: {SEALED} # c\n"),
        ("a: &n x\n", False, f"a: &n {SEALED}\n"),
        ("a: !t &n x\n", False, f"a: &n {SEALED}\n"),
        ("a: !t x\n", False, f"a: {SEALED}\n"),
        ("a: |\n  x\nb: y\n", False, f"a: |\n  x\nb: {SEALED}\n"),
        ("a: |\n  x\n", False, f"a: {SEALED}\n"),
        ("{'a':'x'}", False, f"{{'a':\"{SEALED}\"}}"),
    ],
)
def test_sealing_edits(text, quoted, sealed, parser):
    """The sealed text takes the place of tag and scalar; the anchor and all else stay."""
    scalar = last_scalar(text)
    payload = payload_of(text, scalar)
    scalar.sealed = SEALED
    assert splice(text, sealing_edits(text, scalar, payload, quoted=quoted)) == sealed


@pytest.mark.parametrize(
    ("payload", "surroundings", "tag", "value"),
    [
        (Payload("x"), NOWHERE, STR, "x"),
        (Payload("12"), NOWHERE, INT, "12"),
        (Payload("'it''s'"), NOWHERE, STR, "it's"),
        (Payload("''''"), NOWHERE, STR, "'"),
        (Payload(r'"\x41\n"'), NOWHERE, STR, "A\n"),
        (Payload('"a"'), NOWHERE, STR, "a"),
        (Payload("a b#c:d"), NOWHERE, STR, "a b#c:d"),
        (Payload("a,b"), NOWHERE, STR, "a,b"),
        (Payload("-x"), NOWHERE, STR, "-x"),
        (Payload("x #"), NOWHERE, STR, "x"),
        (Payload("# c"), NOWHERE, "tag:yaml.org,2002:null", ""),
        (Payload("!!str 12", tag=STR), NOWHERE, STR, "12"),
        (Payload("! 12", tag="!"), NOWHERE, "!", "12"),
        (Payload("! a", tag="!"), NOWHERE, STR, "a"),
        (Payload("! '12'", tag="!"), NOWHERE, STR, "12"),
        (Payload("12", tag="!own", before="!own # c\n  "), NOWHERE, "!own", "12"),
        (Payload("|\n   x\n   y", indent=2), NOWHERE, STR, "x\ny\n"),
        (Payload("|\n  x", no_line_break=True), NOWHERE, STR, "x"),
        (Payload("|2-\n    x", indent=2), NOWHERE, STR, "x"),
        (Payload("a\n  b", in_flow=True), NOWHERE, STR, "a b"),
        (Payload("x"), Surroundings(is_root=True, tag_directives={}), STR, "x"),
        (
            Payload("!e!x 1", tag="!fx"),
            Surroundings(is_root=True, tag_directives={"!e!": "!f"}),
            "!fx",
            "1",
        ),
    ],
)
def test_readings(payload, surroundings, tag, value, parser):
    """A payload reads as it does in a document of its own; alone and among others."""
    for items in ([(payload, surroundings)], [(payload, surroundings)] * 3):
        found = readings(items)
        assert [reading[:2] for reading in found] == [(tag, value)] * len(items)
    assert repr(found[0]) == "<Reading>"


@pytest.mark.parametrize(
    ("payload", "directives"),
    [
        (Payload("[x]"), {}),
        (Payload("a: b"), {}),
        (Payload("&n x"), {}),
        (Payload("*n"), {}),
        (Payload("x\n- y"), {}),
        (Payload("x\n...\n---\ny"), {}),
        (Payload("x, y", in_flow=True), {}),
        (Payload("x]", in_flow=True), {}),
        (Payload("'x"), {}),
        (Payload('"x" y'), {}),
        (Payload("x\0"), {}),
        (Payload("x", tag=STR), {}),
        (Payload("!!str x"), {}),
        (Payload("!!str x", tag="!own"), {}),
        (Payload("!e!x 1", tag="!fx"), {"!e!": "!g"}),
        (Payload("!e!x 1", tag="!fx"), {}),
    ],
)
def test_what_is_not_one_scalar_is_refused(payload, directives, parser):
    """A payload must be one scalar without an anchor, whose tag is the one that was sealed."""
    item = (payload, Surroundings(is_root=False, tag_directives=directives))
    with pytest.raises(IntegrityError, match=r"malformed payload|means something else"):
        readings([item])


@pytest.mark.parametrize(
    ("place", "source", "result"),
    [
        ("a: {}\n", "x", "a: x\n"),
        ("a: &n {}\n", "!t x", "a: &n !t x\n"),
        ("a:\n    b: {}\n", "|\n  x\n  y", "a:\n    b: |\n      x\n      y\n"),
        ("a: {}\n", "|\n  x\n\n  y", "a: |\n  x\n\n  y\n"),
        ("- - - {}\n", "one\n  two", "- - - one\n      two\n"),
        ("[ {} ]", "12", "[ 12 ]"),
        ("[ {} ]", "a, b", '[ "a, b" ]'),
        ("[ {} ]", "'a, b'", "[ 'a, b' ]"),
        ("[ {} ]", "|\n  x", '[ "x\\n" ]'),
    ],
)
def test_opening_in_another_place(place, source, result, parser):
    """Lines move with the block they stand in; what can't stand in a flow collection is quoted."""
    text = place.replace("{}", SEALED)
    payload = Payload(source, tag="!t" if source.startswith("!t") else "")
    reading = readings([(payload, NOWHERE)])[0]
    edits = opening_edits(text, last_scalar(text), payload, reading, canonical=False)
    assert splice(text, edits) == result
    assert reading_of(last_scalar(result))[:2] == reading[:2]
