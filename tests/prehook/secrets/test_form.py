"""Forms of data: what is written is read to the same."""

import datetime as dt
import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prehook.secrets.form import JSON, YAML, dump
from yamlvault.errors import DocumentError
from yamlvault.loading import construct

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.dates())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    TEXTS,
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.sets(TEXTS, max_size=3),
)
DATA = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4),
        st.lists(st.tuples(TEXTS, inner), min_size=1, max_size=3),  # what !!omap is read to
    ),
)
JSON_DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False,
              allow_infinity=False), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(TEXTS.filter(lambda key: len(key) < 99), inner)
    ),
)  # fmt: skip
LOADERS = [loader for loader in (getattr(yaml, "CSafeLoader", None), yaml.SafeLoader) if loader]


def read(data):
    """Return what `yamlvault.load()` makes of it, which is the same by both parsers."""
    found = [construct(data.decode(), None, loader) for loader in LOADERS]
    assert found[0] == found[-1]
    (value,) = found[0]
    return value


@given(DATA)
def test_yaml(data):
    """Each type that the safe loader makes comes back as it was, whatever is in its texts."""
    assert read(dump(data, YAML, "$")) == data


@given(JSON_DATA)
def test_json(data):
    """JSON is read to the same by a reader of JSON and by one of YAML."""
    text = dump(data, JSON, "$")
    assert json.loads(text) == data
    assert read(text) == data


@pytest.mark.parametrize("number", [1e16, 1e-7, -1e300, 5e-324, 0.1])
def test_numbers_in_json(number):
    """YAML 1.1 takes 1e+16 for a text: it is written with a fraction."""
    assert read(dump([number], JSON, "$")) == [number]


def test_not_a_number():
    """What JSON has no form for is written as YAML writes it."""
    assert json.loads(dump([math.inf, math.nan], JSON, "$")) == [".inf", ".nan"]
    assert math.isnan(read(dump(math.nan, YAML, "$")))


def test_aliases():
    """What stands in several places is written out; what stands in itself, or too often, is not."""
    shared = {"a": [1], "b": dt.date(2024, 5, 6)}
    text = dump([shared, shared, shared["b"]], YAML, "$")
    assert b"&" not in text
    assert read(text) == [shared, shared, shared["b"]]
    many = ["x"]
    for _ in range(9):
        many = [many] * 10
    assert len(dump(many, YAML, "$")) < 5000
    shared["self"] = shared
    found = construct(dump(shared, YAML, "$").decode(), None, None)[0]
    assert found["self"] is found


@pytest.mark.parametrize("form", [YAML, JSON])
def test_digits_without_end(form):
    """A number that Python does not write is an error that does not quote it."""
    with pytest.raises(DocumentError, match="more digits than Python writes"):
        dump([16**5000], form, "$")


def test_half_a_surrogate_pair():
    """A text that is none is an error that does not quote it."""
    with pytest.raises(DocumentError, match="half of a surrogate pair") as caught:
        dump(["secret\ud800"], YAML, "$")
    assert caught.value.__cause__ is None
