"""The tag of a scalar: every row of the table of section 4.1, with near misses."""

import pytest

from yamlvault.document.compose import compose
from yamlvault.format.tags import plain_tag, scalar_tag

WORDS = {
    "null": "~ null Null NULL",
    "bool": "y Y yes Yes YES n N no No NO true True TRUE false False FALSE on On ON off Off OFF",
    "int": (
        "0 1 -1 +1 007 08 1_000 0_ 0b1 -0b_1 0b_ 0o7 +0o17 0x1F 0x_ -0xdead_BEEF 1:2 190:20:30 "
        "-1:59 1_0:5 2024 00"
    ),
    "float": (
        "1. 1.5 -1.5 +.5 .5 .5_ 1_0.2_0 1e5 1E5 1e+5 1.5e-3 .5e1 1.e1 12e03 0.0 "
        "1:2. 1:2.5 -190:20:30.15 1:2._ .inf .Inf .INF -.inf +.INF .nan .NaN .NAN"
    ),
    "timestamp": "2024-01-02 2024-1-2 0000-99-99 2024-01-02T03:04:05 2024-01-02t3:04:05Z "
    "2024-01-02T03:04:05+0130 2024-01-02T03:04:05.678-1",
    "merge": "<<",
    "value": "=",
    "str": (
        "x nULL nil none None yES tRUE oN t f - + . .. -. +. _1 1a 0b2 0b 0o8 0o 0x 0xg 1:60 1: "
        "1:2:60 :1 1..2 1.2.3 1e 1e+ e5 .e5 1.5e1.5 -.nan +.nan .iNF .inF .nAN inf NaN ._5 ._ <<< "
        "< == 24-01-02 2024-01 2024-01-02T 2024-01-02T03 2024-01-02T03:04 2024-01-02x 20245-01-02 "
        "2024-001-02 2024-01-02T03:04:5 2024-01-02Z 2024-01-02T03:04:05ZZ --1 +-1 1,000 0B1 0X1 "
        "\u0661 \u00bd"
    ),
}
CASES = [(value, tag) for tag, values in WORDS.items() for value in values.split(" ")] + [
    ("", "null"),
    ("2024-01-02 03:04:05", "timestamp"),
    ("2024-01-02 \t 03:04:05.", "timestamp"),
    ("2024-01-02T03:04:05.678 +1", "timestamp"),
    ("2024-01-02T03:04:05 -01:30", "timestamp"),
    ("2024-01-02 03:04", "str"),
]


@pytest.mark.parametrize(("value", "tag"), CASES)
def test_plain_scalars(value, tag):
    """The first row that matches the whole value names the tag, otherwise it is a string."""
    assert plain_tag(value) == f"tag:yaml.org,2002:{tag}"


@pytest.mark.parametrize(
    "value", ["1\n", "\n1", "true\n", "2024-01-02\n", " 1", "1 ", "~ ", "<<\n"]
)
def test_the_whole_value_must_match(value):
    """A line break or a space beside a number makes it text."""
    assert plain_tag(value) == "tag:yaml.org,2002:str"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("'1'", "tag:yaml.org,2002:str"),
        ('"~"', "tag:yaml.org,2002:str"),
        ('""', "tag:yaml.org,2002:str"),
        ("|\n  1", "tag:yaml.org,2002:str"),
        (">-\n  true", "tag:yaml.org,2002:str"),
        ("! 1", "!"),
        ("!<!> ~", "!"),
        ("!!int '1'", "tag:yaml.org,2002:int"),
        ("!!str 1", "tag:yaml.org,2002:str"),
        ("!!null x", "tag:yaml.org,2002:null"),
        ("!own 1", "!own"),
        ("!<tag:x.org,2000:y> 1", "tag:x.org,2000:y"),
        ("!!binary YQ==", "tag:yaml.org,2002:binary"),
        ("1", "tag:yaml.org,2002:int"),
    ],
)
def test_explicit_tags_and_styles(text, tag, parser):
    """An explicit tag counts as resolved, `!` is that of strings, and so is every quoted scalar."""
    assert scalar_tag(compose(f"- {text}\n").nodes[1]) == tag
