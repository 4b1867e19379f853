"""What the MAC and the associated data of SOPS leave unnoticed is refused here."""

import pytest

import yamlvault

PLAIN = """\
allow: alice
deny: bob
first: ab
second: c
port: 12
flag: true
nothing: null
items: [one]
groups: [[a, b], [c]]
people:
  - name: x
    age: 1
"a:b": v
list:
  - one
  # x
  - two
password: secret
"""


@pytest.fixture(scope="module")
def encrypted(recipient):
    return yamlvault.encrypt(PLAIN, keks=[recipient], seal="$.password").decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("port: 12", "gate: 12", id="key_renamed"),
        pytest.param("allow: alice\ndeny:", "deny: alice\nallow:", id="names_swapped"),
        pytest.param("first: ab\nsecond: c", "first: a\nsecond: bc", id="bytes_moved"),
        pytest.param("port: 12", 'port: "12"', id="number_to_text"),
        pytest.param("flag: true", "flag: True_", id="value_changed"),
        pytest.param("flag: true", "flag: 'true'", id="boolean_to_text"),
        pytest.param("flag: true", "flag: True", id="boolean_spelled_otherwise"),
        pytest.param("port: 12", "port: 12.0", id="integer_to_float"),
        pytest.param("port: 12", "port: 12\nmore: null", id="null_added"),
        pytest.param("nothing: null\n", "", id="null_deleted"),
        pytest.param("port: 12", "port: 12\nmore: ''", id="empty_text_added"),
        pytest.param("port: 12", "port: 12\nmore: []", id="empty_list_added"),
        pytest.param("port: 12", "port: [12]", id="scalar_to_list"),
        pytest.param("items: [one]", "items: one", id="list_to_scalar"),
        pytest.param("[[a, b], [c]]", "[[a], [b, c]]", id="lists_regrouped"),
        pytest.param("    age: 1", "  - age: 1", id="item_split"),
        pytest.param('"a:b": v', "a: {b: v}", id="colon_in_key"),
        pytest.param("  # x\n", '  - ""\n', id="item_in_place_of_a_comment"),
        pytest.param("  format: 1", "  format: 2", id="version_field"),
    ],
)
def test_refused(encrypted, keyring, old, new):
    """The change is refused, though the secret itself is untouched."""
    assert old in encrypted
    with pytest.raises(yamlvault.YamlVaultError):
        yamlvault.loads(encrypted.replace(old, new, 1), keyring=keyring)


@pytest.mark.parametrize("junk", ["junk", ".junk", " junk", "=", "=="])
def test_junk_behind_a_sealed_scalar(encrypted, keyring, junk):
    """What is glued to a sealed scalar makes it invalid."""
    line = next(line for line in encrypted.splitlines() if line.startswith("password:"))
    with pytest.raises(yamlvault.YamlVaultError):
        yamlvault.loads(encrypted.replace(line, line + junk), keyring=keyring)


@pytest.mark.parametrize(
    "new", ["", "  # y\n", "  # x\n  #\n"], ids=["deleted", "changed", "added"]
)
def test_comments_are_free_on_purpose(encrypted, keyring, new):
    """No reader takes a value from a comment (docs/format.md, 8); none becomes an item."""
    text = encrypted.replace("  # x\n", new)
    assert yamlvault.loads(text, keyring=keyring)["list"] == ["one", "two"]
