"""Disguises of values: what others make of them is found."""

import base64
import html
import json
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prehook.mask import masked
from prehook.secrets.disguise import disguises

VALUES = ["correct horse/battery&staple", 'it\'s "quoted" <b>', "p+/=?%20ß😀", "line one\nline two"]
FORMS = {
    "itself": str,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda value: json.dumps(value, ensure_ascii=False),
    "Python": repr,
    "sh": shlex.quote,
    "a path of a URL": quote,
    "a query of a URL": quote_plus,
    "all of a URL": lambda value: quote(value, safe=""),
    "HTML": html.escape,
    "XML": lambda value: html.escape(value, quote=False),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", FORMS)
def test_forms(value, form):
    """Nothing stays but what stands around the value."""
    shown = masked(f"before {FORMS[form](value)} behind", disguises([value]))
    assert shown.replace("'", "").replace('"', "") == "before *** behind"


@pytest.mark.parametrize("value", VALUES)
def test_small_digits_of_urls(value):
    """Percent signs with digits in small letters are found as well."""
    form = re.sub("%..", lambda found: found[0].lower(), quote(value, safe=""))
    assert masked(form, disguises([value])) == "***"


@given(st.binary(max_size=8), st.binary(min_size=4, max_size=40), st.binary(max_size=8))
def test_base64(before, value, behind):
    """Wherever it stands in the encoded bytes, at most a character at either end stays."""
    assume(len(value.decode("utf-8", "surrogateescape")) >= 4)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + value + behind).decode().rstrip("=")
        visible = masked(text, disguises([value])).replace("***", "")
        assert len(visible) <= len(text) - (len(value) * 8 // 6 - 1)


def test_lines():
    """Of a value of several lines, each that is long enough is found by itself."""
    found = disguises(["-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nab\n-----END KEY-----\n"])
    assert "MIIEvQIBADANBgkq" in found
    assert "ab" not in found


def test_short_values():
    """A value of less than four characters is left out: it stands in other lines by chance."""
    assert disguises(["abc", "", b"xyz"]) == []
    assert disguises(["abcd"])
