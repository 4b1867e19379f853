"""Line breaks that are a part of a value, and byte order marks, whatever system wrote the file."""

import pytest
import yaml

import yamlvault

# LF, CRLF, CR and NEL are line feeds in a value; U+2028 and U+2029 stay what they are.
LINE_FEEDS = ["\n", "\r\n", "\r", "\x85"]
SEPARATORS = ["\u2028", "\u2029"]


def _names(values):
    return ["_".join(f"{ord(character):04x}" for character in value) for value in values]


@pytest.mark.parametrize("header", ["|", "|+", "|-", ">", ">+", ">-", "|2+"])
@pytest.mark.parametrize("blank", [0, 1, 3])
@pytest.mark.parametrize("newline", LINE_FEEDS, ids=_names(LINE_FEEDS))
def test_block_scalars_come_back(newline, blank, header, parser, recipient, keyring):
    """A block scalar keeps the line breaks behind it, of whichever kind they are."""
    data = f"a: {header}{newline}  x{newline * (1 + blank)}b: y{newline}"
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data.encode()
    assert yamlvault.loads(encrypted, keyring=keyring) == yaml.load(data, yaml.SafeLoader)


@pytest.mark.parametrize(("first", "second"), [("\r", "\r\n"), ("\n", "\r"), ("\x85", "\r\n")])
def test_mixed_line_breaks_behind_a_block_scalar(first, second, parser, recipient, keyring):
    """A CR that is followed by a CRLF counts as a line break of its own."""
    data = f"a: |+{second}  x{second}{first}{second}b: y{second}"
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data.encode()
    assert yamlvault.loads(encrypted, keyring=keyring) == yaml.load(data, yaml.SafeLoader)


@pytest.mark.parametrize("header", ["|", "|+", ">", ">+"])
@pytest.mark.parametrize("separator", SEPARATORS, ids=_names(SEPARATORS))
def test_a_separator_that_ends_a_block_scalar(separator, header, parser, recipient):
    """The line break behind a sealed scalar is not sealed: where it is of the value, refused."""
    data = f"b: y\na: {header}\n  x{separator}c: z\n"
    with pytest.raises(yamlvault.DocumentError) as caught:
        yamlvault.encrypt(data, keks=[recipient])
    assert (caught.value.line, caught.value.column) == (2, 4)


@pytest.mark.parametrize("separator", SEPARATORS, ids=_names(SEPARATORS))
def test_separators_elsewhere_come_back(separator, parser, recipient, keyring):
    """Within a scalar, and behind one that leaves its line breaks off, they are text or layout."""
    data = f"a: |\n  x{separator}  y\nb: |-\n  x{separator}c: 'x{separator}  y'{separator}"
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data.encode()
    assert yamlvault.loads(encrypted, keyring=keyring) == yaml.load(data, yaml.SafeLoader)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\ufeff\ufeffa: 1\nb: 'x'\n", (1, 1)),
        ("a: 1\n\ufeffb: 2\n", (2, 1)),
        ("a:\n  b: 1\n\ufeff  c: 2\n", (3, 1)),
        ("a: 1\r\n...\r\n\ufeff---\r\nb: 2\r\n", (3, 1)),
    ],
    ids=["twice", "in_front_of_a_key", "in_front_of_spaces", "second_document"],
)
def test_a_byte_order_mark_inside(text, place, parser, recipient):
    """It is refused: libyaml skips one there and pure PyYAML takes it for a part of a key."""
    with pytest.raises(yamlvault.DocumentError) as caught:
        yamlvault.encrypt(text, keks=[recipient])
    assert (caught.value.line, caught.value.column) == place


def test_a_byte_order_mark_within_a_value(parser, recipient, keyring):
    """In the middle of a line it is a character like others."""
    data = "a: x\ufeffy\nb: '\ufeff'\n"
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data.encode()
