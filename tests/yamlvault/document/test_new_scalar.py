"""New scalars: a value written so that it reads as itself."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yamlvault.document.compose import compose
from yamlvault.document.new_scalar import Value, name_text
from yamlvault.document.quote import json_quoted

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


def value_of(text):
    return compose(text).documents[0].root.values[0]


@pytest.mark.parametrize("text", ["a", "a-b", "A_1", "p@ss", "/etc/x", "x=y==", "a.b", "v1.2-rc"])
def test_plain(text):
    """What means nothing but itself to any reader stands without quotes."""
    assert name_text(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "yes", "No", "y", "null", "~", "1", "0x1", "1_0", "1.5", "1e3", "1:30", "2024-01-01",
     "+1", "-a", ".inf", "=", "<<", "a b", "a:", "a#", "'a", "é", "yv1.x", "yv1.AAAAAAAA.AA"],
)  # fmt: skip
def test_quoted(text):
    """What a reader could take for something else stands in quotes."""
    assert name_text(text) == f'"{text}"'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("l\nm", "|-\n  l\n  m"),
        ("l\nm\n", "|\n  l\n  m"),
        ("l\n\nm\n", "|\n  l\n\n  m"),
        ("l\n\n", "|+\n  l\n"),
        ("l\n # m", "|-\n  l\n   # m"),
        (" l\nm", '" l\\nm"'),
        ("\nl", '"\\nl"'),
        ("l \nm", '"l \\nm"'),
        ("l\n\tm", '"l\\n\\tm"'),
        ("l\r\nm", '"l\\r\\nm"'),
        ("l\n\u2028", '"l\\n\\u2028"'),
        ("\n", '"\\n"'),
    ],
)
def test_lines(value, written):
    """Lines are a literal block where nothing of them is lost in one, otherwise one line."""
    assert Value(value).written(2, "\n") == written
    assert "\n" not in Value(value).written(None, "\n")
    assert "\n" not in Value(value).written(2, "\r\n")
    assert "\n" not in Value(value).on_one_line().written(2, "\n")


@given(text=TEXTS)
def test_any_text_reads_as_itself(text):
    """Written in a block, in a flow mapping, as a key or as JSON, a text is the same text."""
    value = Value(text)
    for document in (
        f"k: {value.written(2, chr(10))}\nl: 1\n",
        f"k: {value.written(None, chr(10))}\n",
        f"{{k: {value.written(None, chr(10))}, l: 1}}\n",
        f'{{"k": {json_quoted(text)}, "l": 1}}\n',
        f"k: {json_quoted(text)}\n",
    ):
        scalar = value_of(document)
        assert scalar.value == text
        assert value.is_value_of(scalar)
        assert yaml.safe_load(document)["k"] == text
    assert json.loads(json_quoted(text)) == text
    if len(text) < 40:  # a simple key is short (YAML 1.1, 7.3.3)
        assert list(yaml.safe_load(f"{name_text(text)}: 1\n")) == [text]


def test_another_value():
    """A text that reads as a number is another value, and so is one with another tag."""
    assert not Value("1").is_value_of(value_of("k: 1\n"))
    assert Value("1").is_value_of(value_of("k: '1'\n"))
    assert Value("1", "1").is_value_of(value_of("k: 1\n"))
    assert not Value("a").is_value_of(value_of("k: b\n"))


def test_a_source():
    """What is no string is written as it is given."""
    assert Value("1", "!!int 1").written(2, "\n") == "!!int 1"


def test_it_is_not_shown():
    """A value is plaintext: its repr has nothing of it."""
    assert repr(Value("hunter2", "hunter2")) == "<Value>"
