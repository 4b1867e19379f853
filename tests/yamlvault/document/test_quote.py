"""The double-quoted form of a value."""

import pytest
import yaml

from yamlvault.document.compose import compose
from yamlvault.document.node import STR_TAG
from yamlvault.document.quote import canonical, double_quoted

VALUES = [
    "",
    "plain",
    " spaces ",
    'say "no"',
    "back\\slash",
    "a\nb\r\nc\n\n",
    "\t\0\x07\x1b\x7f",
    "\x85\xa0\u2028\u2029\ufeff\ufffe",
    "é ✓ \U0001f511\U0010ffff",
    "a: b # c",
    "x" * 500,
    "'' {} [] & * ! | > %",
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("place", ["{}\n", "- {}\n", "[{}, x]\n", "k: {} # c\n", "{}: v\n"])
def test_reads_as_the_value_in_every_place(value, place, parser):
    """At the root, in block, in flow and as a key, both parsers read the value from one line."""
    text = double_quoted(value)
    assert len(text.splitlines()) == 1
    values = [node.value for node in compose(place.format(text)).nodes if hasattr(node, "value")]
    assert value in values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", '""'),
        ('"', r'"\""'),
        ("\\", r'"\\"'),
        ("\n\r\t\0", r'"\n\r\t\0"'),
        ("\x07", r'"\x07"'),
        ("\u2028", r'"\u2028"'),
        ("\U000e0001", r'"\U000E0001"'),
        ("é\U0001f511", '"é\U0001f511"'),
    ],
)
def test_escapes(value, text):
    """Only what does not print is escaped, by the shortest form that YAML has."""
    assert double_quoted(value) == text


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (STR_TAG, '"12"'),
        ("tag:yaml.org,2002:int", '!<tag:yaml.org,2002:int> "12"'),
        ("!own", '!<!own> "12"'),
    ],
)
def test_canonical_keeps_the_tag(tag, text, parser):
    """A tag that is not that of strings is written in full, and reads as itself."""
    assert canonical(tag, "12") == text
    node = compose(f"[{text}]").nodes[1]
    assert (node.tag or STR_TAG, node.value) == (tag, "12")


def test_canonical_loads_as_its_tag_says():
    """PyYAML constructs what the tag says."""
    assert yaml.safe_load(canonical("tag:yaml.org,2002:int", "12")) == 12
