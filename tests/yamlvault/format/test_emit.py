"""The metadata as text: lines or JSON, of which the same metadata is read again."""

import json

import pytest
import yaml

from yamlvault.format.emit import in_block, in_flow
from yamlvault.format.metadata import Metadata, Scope, Stanza, WrappedKey
from yamlvault.source import parse

ODD = "\"\\ é\U0001f511 \t\0\x07\x7f\x85\x9f\xa0\u2028\u2029\ufeff\ufffe #: ', "
NAMES = (
    "yamlvault format 1 document scopes paths seal keys id stanzas kek context wrapped append "
    "rules sections path mac root"
)
KEYS = (
    WrappedKey(
        "AAAAAAAA", (Stanza("age:age1x", b"x"), Stanza("k:", b"", {"n": "1", ODD: ODD})), b"a" * 32
    ),
    WrappedKey("BBBBBBBB", (Stanza("passphrase:", b"y"),)),
)
METADATA = Metadata(
    bytes(range(16)),
    (
        Scope(("$",), ("$.a", f"$.'{ODD}'"), KEYS, b"u" * 32, b"r" * 32, {}),
        Scope(
            ("$.x", "$.y"),
            ("$",),
            (KEYS[0]._replace(id="CCCCCCCC"),),
            rules=b"u" * 32,
            root=b"s" * 32,
            sections={"$.a": bytes(32), f'$."{ODD}"': b"m" * 32, "1:$[0]": bytes(32)},
        ),
    ),
)


@pytest.mark.parametrize("column", [0, 2, 7])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_block_is_read_again(column, newline, parser):
    """Whatever texts stand in it, the same metadata is read from the lines."""
    pad = " " * column
    assert parse(f"{pad}a: 1{newline}" + in_block(METADATA, newline, column)).metadata == METADATA


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_flow_is_read_again(indent, newline, parser):
    """The same holds for JSON, on one line or on several."""
    text = "{" + in_flow(METADATA, newline, indent) + "}"
    assert parse(text).metadata == METADATA


@pytest.mark.parametrize("indent", [None, 2])
def test_flow_is_json(indent):
    """A JSON parser reads it, with a number for the format and texts for all else."""
    data = json.loads("{" + in_flow(METADATA, "\n", indent) + "}")["yamlvault"]
    assert data["format"] == 1
    assert data["scopes"][1]["sections"][1]["path"] == f'$."{ODD}"'
    assert "append" not in data["scopes"][0]["keys"][1]
    assert "context" not in data["scopes"][0]["keys"][0]["stanzas"][0]


def test_flow_on_one_line_or_several():
    """Without an indentation it has one line, with one as many as JSON tools write."""
    assert len(in_flow(METADATA, "\n", None).splitlines()) == 1
    lines = in_flow(METADATA, "\r\n", 2).split("\r\n")
    assert all(line.startswith("  ") for line in lines[1:])
    assert "\n" not in "".join(lines)


def test_no_two_macs_on_adjacent_lines():
    """Around each MAC stand lines that edits of values leave alone, so that branches merge."""
    lines = in_block(METADATA, "\n", 0).splitlines()
    for index, line in enumerate(lines):
        if line.strip().startswith("mac:"):
            assert lines[index - 1].strip().startswith("- path:")
            assert lines[index + 1] == ""
        if line.strip().startswith("root:"):
            assert lines[index - 1] in ("", "      sections: []")


def test_every_text_but_the_format_is_quoted():
    """A reader of any YAML version takes them for the same texts."""
    events = yaml.parse(in_block(METADATA, "\n", 0), yaml.SafeLoader)
    scalars = [event for event in events if isinstance(event, yaml.ScalarEvent)]
    plain = {event.value for event in scalars if event.style is None}
    assert sorted(plain) == sorted(NAMES.split())


def test_lines_end_with_the_line_break():
    """Every line has the line break of the file, empty ones no spaces."""
    lines = in_block(METADATA, "\r\n", 4).split("\r\n")
    assert lines[-1] == ""
    assert all(line == "" or line.startswith("    ") for line in lines)
    assert not any(line.endswith(" ") for line in lines)
