"""Every construct comes back byte for byte, or is refused for a reason that is listed here."""

from collections import Counter
from pathlib import Path

import pytest
import yaml
from untouched import SEALED, assert_only_scalars_changed, sealable

import yamlvault
from yamlvault import AlreadyEncryptedError, DocumentError, FormatError

CONSTRUCTS = Path(__file__).parents[2] / "fixtures" / "constructs"
FILES = {path.stem: path for path in sorted(CONSTRUCTS.glob("*.yml"))}

NOT_YAML = dict.fromkeys(
    (
        "blanks_with_tab",
        "bytes_control",
        "bytes_delete",
        "bytes_nul",
        "bytes_tab_indent",
        "documents_end_only",
        "documents_yaml_directive_20",
        "scalars_at_end",
        "scalars_dash",
    ),
    DocumentError,
)
NOT_UTF8 = dict.fromkeys(
    (
        "bytes_latin1",
        "bytes_surrogate",
        "bytes_truncated_utf8",
        "bytes_utf16_be",
        "bytes_utf16_le",
        "bytes_utf32",
    ),
    DocumentError,
)
DUPLICATE_KEYS = dict.fromkeys(
    (
        "documents_duplicate_in_second",
        "keys_duplicate",
        "keys_duplicate_merge",
        "keys_duplicate_nested",
        "keys_duplicate_quoted",
    ),
    DocumentError,
)
OURS = {
    "bytes_escape_surrogate": DocumentError,  # half of a pair is no character: UTF-8 has none
    "keys_yamlvault": FormatError,  # the key of the metadata
    "scalars_sealed_by_hand": AlreadyEncryptedError,  # a sealed scalar without metadata
}
REFUSED = NOT_YAML | NOT_UTF8 | DUPLICATE_KEYS | OURS

# Where PyYAML's two parsers differ.
NOT_YAML_FOR = {
    "libyaml": {"documents_unknown_directive"},
    "pure": {"bytes_tab_in_plain", "comments_tail_tab", "layout_tab_after_colon"},
}

EXACT = [
    (parser, name)
    for parser, refused in NOT_YAML_FOR.items()
    for name in FILES
    if name not in REFUSED.keys() | refused
]
REFUSALS = [
    (parser, name)
    for parser, refused in NOT_YAML_FOR.items()
    for name in sorted(REFUSED.keys() | refused)
]

# How many constructs the table of the research has in each group ("174 constructs").
AT_LEAST = {
    "comments": 16,
    "blanks": 5,
    "quoting": 8,
    "layout": 13,
    "anchors": 6,
    "tags": 11,
    "documents": 11,
    "empties": 8,
    "keys": 20,
    "blocks": 14,
    "bytes": 15,
    "scalars": 45,
}


@pytest.mark.parametrize(("parser", "name"), EXACT, indirect=["parser"])
def test_construct_is_byte_exact(name, parser, recipient, keyring):
    """Only the scalars are sealed, all of them, and decryption gives the file back."""
    data = FILES[name].read_bytes()
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    text = data.decode().removeprefix("\ufeff")
    assert len(SEALED.findall(encrypted.decode())) == sealable(text, parser)
    assert_only_scalars_changed(data, encrypted)
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data


@pytest.mark.parametrize(("parser", "name"), EXACT, indirect=["parser"])
def test_loading_gives_what_safe_load_gives(name, parser, recipient, keyring):
    """Loading the encrypted file gives the same values of the same types in the same order."""
    data = FILES[name].read_bytes()
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    try:
        expected = list(yaml.load_all(data, loader))
    except (yaml.YAMLError, ValueError):  # a tag that it does not know, a 45th of the month
        with pytest.raises(DocumentError):
            yamlvault.loads_all(encrypted, keyring=keyring)
        return
    # repr tells 1 from 1.0 and from True, shows the order of keys, and ends where an alias recurs
    assert repr(yamlvault.loads_all(encrypted, keyring=keyring)) == repr(expected)
    if len(expected) <= 1:
        one = yaml.load(data, loader)
        assert repr(yamlvault.loads(encrypted, keyring=keyring)) == repr(one)


@pytest.mark.parametrize(("parser", "name"), REFUSALS, indirect=["parser"])
def test_construct_is_refused(name, parser, recipient):
    """A refusal is of the listed class and says where, and nothing else of the file."""
    expected = REFUSED.get(name, DocumentError)
    with pytest.raises(expected) as caught:
        yamlvault.encrypt(FILES[name].read_bytes(), keks=[recipient])
    error = caught.value
    assert type(error) is expected
    assert error.line >= 1
    assert error.column >= 1


@pytest.mark.parametrize("name", sorted(DUPLICATE_KEYS))
def test_duplicate_key_is_named_as_such(name, parser, recipient):
    """The place is that of the second key."""
    with pytest.raises(DocumentError) as caught:
        yamlvault.encrypt(FILES[name].read_bytes(), keks=[recipient])
    assert str(caught.value).endswith("duplicate key")
    assert caught.value.line >= 2


def test_every_group_of_the_table_is_here():
    """There are at least as many constructs as the table has, in each of its groups."""
    counts = Counter(name.split("_")[0] for name in FILES)
    assert {group: counts[group] >= number for group, number in AT_LEAST.items()} == dict.fromkeys(
        AT_LEAST, True
    )
    assert sum(AT_LEAST.values()) == 172  # and two in the native style of the program compared
