"""Bytes to text and back, and the lines in it."""

import pytest

from yamlvault.document.text import (
    check_characters,
    decode,
    encode,
    line_start,
    newline_of,
    position,
)
from yamlvault.errors import DocumentError

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("data", "text", "bom"),
    [
        (b"", "", False),
        (b"a: 1\n", "a: 1\n", False),
        (BOM, "", True),
        (BOM + b"a: 1\n", "a: 1\n", True),
        (BOM + BOM, "\ufeff", True),
        ("é \U0001f600".encode(), "é \U0001f600", False),
        (b"a\r\nb\r", "a\r\nb\r", False),
    ],
)
def test_decode_and_encode_are_inverse(data, text, bom):
    """One byte order mark is no part of the text and comes back; line breaks are left alone."""
    assert decode(data) == (text, bom)
    assert encode(text, bom=bom) == data


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", (1, 1)),
        (b"a: \xff", (1, 4)),
        (b"a: 1\nb: \xff", (2, 4)),
        (b"a: 1\r\nb: \xff", (2, 4)),
        ("é: ".encode() + b"\xff", (1, 4)),
        ("é\né: ".encode() + b"\xc3", (2, 4)),
        (BOM + b"\xff", (1, 1)),
        (BOM + b"a\nbb\xff", (2, 3)),
        (b"\xed\xa0\x80", (1, 1)),
        (b"a\n\xc0\xaf", (2, 1)),
    ],
)
def test_bytes_that_are_not_utf8_have_a_place(data, place):
    """The place of the first wrong byte is given in lines and characters, behind a mark too."""
    with pytest.raises(DocumentError, match="not UTF-8") as caught:
        decode(data)
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(encoding):
    """A file in UTF-16 with its byte order mark gets the hint that it is one."""
    with pytest.raises(DocumentError) as caught:
        decode("\ufeffa: 1".encode(encoding) if "-" in encoding[4:] else "a".encode(encoding))
    assert "UTF-16" in caught.value.hint


def test_other_bytes_are_not_taken_for_utf16():
    """Latin-1 text gets the plain hint."""
    with pytest.raises(DocumentError) as caught:
        decode(b"caf\xe9")
    assert caught.value.hint == "save it as UTF-8"


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("\0", "U+0000", (1, 1)),
        ("a: \x07", "U+0007", (1, 4)),
        ("é\nb\x1b[0m", "U+001B", (2, 2)),
        ("a\x7f", "U+007F", (1, 2)),
        ("a\x9f", "U+009F", (1, 2)),
        ("\ufffe", "U+FFFE", (1, 1)),
        ("a\n\ud800", "U+D800", (2, 1)),
    ],
)
def test_control_characters_are_refused(text, name, place):
    """What YAML has no place for is refused by its number, with the way to write it."""
    with pytest.raises(DocumentError, match=name.replace("+", r"\+")) as caught:
        check_characters(text)
    assert (caught.value.line, caught.value.column) == place
    assert "escape" in caught.value.hint


def test_other_characters_are_allowed():
    """Tabs, all line breaks, byte order marks in the middle and emoji may stand in a stream."""
    check_characters("\t\r\n\x85\xa0\ufeff\u2028\u2029\ufffd\U0001f511\U0010ffff")


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [
        ("", 0, (1, 1)),
        ("abc", 2, (1, 3)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (2, 1)),
        ("a\r\rb", 3, (3, 1)),
        ("a\x85b\u2028c\u2029d", 6, (4, 1)),
        ("\U0001f511é: x", 4, (1, 5)),
    ],
)
def test_position(text, index, place):
    """Lines and columns count from 1; each line break of YAML 1.1 ends a line, CRLF one."""
    assert position(text, index) == place


@pytest.mark.parametrize("mark", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"])
def test_line_start(mark):
    """A line starts behind the line break before it, and at 0 without one."""
    text = f"ab{mark}cd"
    assert line_start(text, 1) == 0
    assert line_start(text, len(text)) == len(text) - 2


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\n", "\n"),
        ("\n", "\n"),
        ("a\r\nb\n", "\r\n"),
        ("a\nb\r\n", "\n"),
        ("a\rb", "\r"),
        ("a\rb\n", "\r"),
        ("a\rb\r\n", "\r"),
        ("\r\n", "\r\n"),
    ],
)
def test_newline_of(text, newline):
    """The line break of a file is that of its first line, LF if it has none."""
    assert newline_of(text) == newline
