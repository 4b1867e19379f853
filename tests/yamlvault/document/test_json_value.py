"""JSON values: read strictly, numbers as they are written."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yamlvault import FileError
from yamlvault.document.json_value import read_json
from yamlvault.document.new_scalar import Value
from yamlvault.document.new_tree import flow_text
from yamlvault.document.quote import double_quoted

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)  # fmt: skip


@given(data=DATA, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_what_json_says_yaml_reads(data, indent, ascii_only):
    """Any JSON, written as YAML, is read by PyYAML as the same data of the same types."""
    tree = read_json(json.dumps(data, indent=indent, ensure_ascii=ascii_only))
    again = yaml.safe_load(flow_text(tree, double_quoted))
    assert again == data
    assert _types(again) == _types(data)


def _types(data):
    if isinstance(data, list):
        return [_types(one) for one in data]
    if isinstance(data, dict):
        return {key: _types(one) for key, one in data.items()}
    return type(data)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0", "0"), ("-0", "-0"), ("1.10", "1.10"), ("1e3", "1.0e+3"), ("1E-3", "1.0e-3"),
        ("1.5e400", "1.5e+400"), ("-2e+1", "-2.0e+1"), ("9" * 5000, "9" * 5000),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ],
)  # fmt: skip
def test_numbers(text, written):
    """A number keeps its digits; an exponent gets the point and the sign that YAML 1.1 wants."""
    value = read_json(text)
    assert value == Value(written, written)
    if len(text) < 4300:
        assert yaml.safe_load(written) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "a value is expected"),
        ("  \n ", 2, 2, "a value is expected"),
        ("marker", 1, 1, "a value is expected"),
        ("'marker'", 1, 1, "a value is expected"),
        ("NaN", 1, 1, "a value is expected"),
        ("-Infinity", 1, 1, "a value is expected"),
        ("[1, NaN]", 1, 5, "a value is expected"),
        ("01", 1, 2, "behind the value"),
        ("1.", 1, 2, "behind the value"),
        (".5", 1, 1, "a value is expected"),
        ("+1", 1, 1, "a value is expected"),
        ("1 marker", 1, 3, "behind the value"),
        ("truemarker", 1, 5, "behind the value"),
        ('{"a": 1,}', 1, 9, "a key in double quotes"),
        ('{"a": 1 "marker": 2}', 1, 9, ", or } is expected"),
        ('{"a" 1}', 1, 6, ": is expected"),
        ('{"a": "marker",\n "a": 2}', 2, 2, "this key already"),
        ('{"a": {"b": 1, "\\u0062": 2}}', 1, 16, "this key already"),
        ("{a: 1}", 1, 2, "a key in double quotes"),
        ("[1, 2", 1, 6, ", or ] is expected"),
        ("[1,]", 1, 4, "a value is expected"),
        ('"marker', 1, 1, "a string has no end"),
        ('"marker\nmarker"', 1, 8, "a control character"),
        ('"marker\\x"', 1, 8, "an escape"),
        ('["\\ud800marker"]', 1, 2, "half of a surrogate pair"),
        ('{"\\ud800": 1}', 1, 2, "half of a surrogate pair"),
        ("\ufeff1", 1, 1, "a value is expected"),
        ("[" * 300, 1, 202, "nested more than 200 levels"),
    ],
)
def test_what_is_not_json(text, line, column, says):
    """What is not strictly JSON is refused with its place, and without an excerpt."""
    with pytest.raises(FileError, match=says) as caught:
        read_json(text)
    error = caught.value
    assert error.message.startswith("not JSON: ")
    assert (error.line, error.column) == (line, column)
    assert "marker" not in repr(error)
    assert error.__cause__ is None


@given(st.text(alphabet='{}[]:,"\\ \n01.eE+-truefalsn/u', max_size=12))
def test_as_strict_as_python(text):
    """What is refused or read is what Python's `json` refuses or reads, but for double keys."""
    try:
        expected = json.loads(text, parse_constant=_refuse, object_pairs_hook=_pairs)
    except ValueError:
        with pytest.raises(FileError):
            read_json(text)
        return
    assert _data(read_json(text)) == expected


def _refuse(_):
    raise ValueError


def _pairs(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _data(tree):
    if isinstance(tree, Value):
        return json.loads(tree.source) if tree.source else tree.value
    if isinstance(tree, list):
        return [_data(one) for one in tree]
    return {key: _data(one) for key, one in tree.items()}
