"""The strict reader of the metadata (format, 2)."""

import pytest

from yamlvault.errors import DocumentError, FormatError
from yamlvault.format.emit import in_block
from yamlvault.format.metadata import MAX_KEYS, Metadata, Scope, Stanza, WrappedKey
from yamlvault.source import parse

ID, MAC = "A" * 22, "A" * 43
TEXT = f"""\
a: 1
yamlvault:
  format: 1
  document: "{ID}"
  scopes:
    - paths: ["$"]
      seal: ["$.a", "$.b"]
      keys:
        - id: "AAAAAAAA"
          append: "{MAC}"
          stanzas:
            - kek: "age:age1x"
              context:
                "name": "value"
              wrapped: "AAAA"
            - kek: "passphrase:"
              wrapped: ""
      rules: "{MAC}"
      sections:
        - path: "$.a"
          mac: "{MAC}"

        - path: "$.b"
          mac: "{MAC}"

      root: "{MAC}"
"""
STANZAS = (Stanza("age:age1x", bytes(3), {"name": "value"}), Stanza("passphrase:", b""))
SECTIONS = {"$.a": bytes(32), "$.b": bytes(32)}
KEYS = (WrappedKey("AAAAAAAA", STANZAS, bytes(32)),)
MACS = (bytes(32), bytes(32))
METADATA = Metadata(bytes(16), (Scope(("$",), ("$.a", "$.b"), KEYS, *MACS, SECTIONS),))
FIELDS = (
    "document scopes paths seal keys id stanzas kek wrapped rules root sections path mac append"
)


def read(text):
    return parse(text).metadata


def refused(old, new, says, error=FormatError):
    """Check that a change makes the metadata unreadable, and return the line that is named."""
    assert old in TEXT
    with pytest.raises(error, match=says) as caught:
        read(TEXT.replace(old, new, 1))
    assert caught.value.hint
    return caught.value.line


def test_all_fields_are_read(parser):
    """Each field comes out as what it means."""
    assert read(TEXT) == METADATA


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format: 1", "format: '1'"),
        ("format: 1", 'format: "\\x31"'),
        (f'document: "{ID}"', f"document: {ID}"),
        (f'document: "{ID}"', f"'document': # c\n    {ID}"),
        ('paths: ["$"]', "paths:\n      - $"),
        ("yamlvault:", "? yamlvault\n:"),
    ],
)
def test_styles_do_not_matter(old, new, parser):
    """Every value is read as text, whatever its style and layout."""
    assert read(TEXT.replace(old, new, 1)) == METADATA


def test_order_of_the_fields_does_not_matter():
    """A tool may have sorted the fields."""
    assert read(TEXT.replace("  format: 1\n", "") + "  format: 1\n") == METADATA


def test_optional_fields():
    """`append` and `context` may be missing; there may be no sections."""
    text = TEXT.replace(f'          append: "{MAC}"\n', "")
    head, _, tail = text.partition("      sections:\n")
    metadata = read(f"{head}      sections: []\n{tail[tail.index('      root') :]}")
    assert metadata.scopes[0].keys[0].append == b""
    assert metadata.scopes[0].sections == {}


@pytest.mark.parametrize("field", FIELDS.split())
def test_unknown_fields(field):
    """A field that nobody knows is refused by its name."""
    refused(f"{field}:", f"{field}x:", f"unknown field '{field}x'")


@pytest.mark.parametrize(
    ("old", "says"),
    [
        (f'  document: "{ID}"\n', "no field `document`"),
        ('      seal: ["$.a", "$.b"]\n', "no field `seal`"),
        (f'      root: "{MAC}"\n', "no field `root`"),
        (f'      rules: "{MAC}"\n', "no field `rules`"),
        ('              wrapped: ""\n', "no field `wrapped`"),
        (f'          mac: "{MAC}"\n', "no field `mac`"),
    ],
)
def test_missing_fields(old, says):
    """A field that was taken out is named."""
    refused(old, "", says)


@pytest.mark.parametrize("line", ["  format: 1\n", f'      root: "{MAC}"\n'])
def test_a_field_given_twice(line):
    """No field stands twice: which one would count?"""
    refused(line, line * 2, "duplicate key", DocumentError)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format: 1", "format: [1]", "other than a text"),
        (f'"{ID}"', f'["{ID}"]', "other than a text"),
        ('paths: ["$"]', 'paths: "$"', "other than a list"),
        ('paths: ["$"]', "paths: []", "empty list"),
        ('seal: ["$.a", "$.b"]', "seal: []", "empty list"),
        ('"name": "value"', "[name]: value", "other than a text"),
    ],
)
def test_values_of_another_kind(old, new, says):
    """A text, a list and a mapping are not taken for each other, and no list is empty."""
    refused(old, new, says)


def test_a_whole_value_of_another_kind():
    """What is no mapping with `format` may be a key of the user's own: the hint says so."""
    for value in ("1", "[]", "~", "", "{}", "text"):
        with pytest.raises(FormatError) as caught:
            read(f"a: 1\nyamlvault: {value}\n")
        assert "name it differently" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format: 1", "format: &x 1"),
        ("format: 1", "format: !!str 1"),
        ("format: 1", "&x format: 1"),
        ("yamlvault:", "yamlvault: &x"),
        ("yamlvault:", "yamlvault: !!map"),
        ('paths: ["$"]', 'paths: &x ["$"]'),
        ('paths: ["$"]', "paths: ! [$]"),
        ('paths: ["$"]', "paths: *y"),
        ('"name": "value"', '"name": *y'),
        ('"name": "value"', '*y : "value"'),
        ("context:", "context: &x"),
    ],
)
def test_tags_anchors_and_aliases_are_refused(old, new):
    """Nothing in the metadata has properties: what would they mean, and to whom?"""
    with pytest.raises(FormatError, match="something other than"):
        read(TEXT.replace(old, new, 1).replace("a: 1", "a: &y 1", 1))


@pytest.mark.parametrize("version", ["2", "0", "01", "1.0", "", "+1", "0x1", "one", "~", "١"])  # noqa: RUF001
def test_other_versions_are_refused_first(version):
    """Of another version nothing else is looked at: it may be made in any way."""
    with pytest.raises(FormatError, match="reads format 1") as caught:
        read(f"yamlvault:\n  new: [field]\n  format: '{version}'\n")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (f'"{ID}"', f'"{ID}A"', "17 bytes here instead of 16"),
        (f'"{ID}"', f'"{ID[:-2]}"', "15 bytes here instead of 16"),
        (f'root: "{MAC}"', f'root: "{MAC}="', "base64url"),
        (f'rules: "{MAC}"', 'rules: "AAAA"', "3 bytes here instead of 32"),
        ('id: "AAAAAAAA"', 'id: "AAAAAAA"', "malformed or stands here twice"),
        ('id: "AAAAAAAA"', 'id: "AAAAAAAAA"', "malformed or stands here twice"),
        ('id: "AAAAAAAA"', 'id: "AAAA+AAA"', "base64url"),
        ('path: "$.b"', 'path: "$.a"', "a section stands here twice"),
    ],
)
def test_malformed_values(old, new, says):
    """Bytes are strict base64url of their length; ids and labels are unique."""
    assert refused(old, new, says) >= 3


def test_data_key_ids_are_unique_in_the_file():
    """Two data keys of one id are refused, in two scopes as in one."""
    start = TEXT.index("    - paths")
    with pytest.raises(FormatError, match="twice"):
        read(TEXT + TEXT[start:])


def test_number_of_paths():
    """Each path is looked for before a MAC is checked: there is a bound on how many."""
    most = ", ".join(f'"$.a{number}"' for number in range(256))
    text = TEXT.replace('paths: ["$"]', f"paths: [{most}]")
    assert len(read(text).scopes[0].paths) == 256
    with pytest.raises(FormatError, match="more than 256 paths"):
        read(text.replace('"$.a0"', '"$.a0", "$.b"'))


def test_number_of_data_keys():
    """Each can cost a request before a MAC is checked: there is a bound on how many."""
    metadata = read(TEXT)
    (scope,) = metadata.scopes
    first = scope.keys[0]

    def with_keys(number):
        keys = tuple(first._replace(id=f"{index:08}") for index in range(number))
        return in_block(metadata._replace(scopes=(scope._replace(keys=keys),)), "\n", 0)

    assert len(read(with_keys(MAX_KEYS)).scopes[0].keys) == MAX_KEYS == 128
    with pytest.raises(FormatError, match="more than 128 data keys"):
        read(with_keys(MAX_KEYS + 1))
