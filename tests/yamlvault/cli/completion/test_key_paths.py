"""Which key paths of a document complete what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yamlvault.cli.completion.key_paths import KeyPaths, Typed
from yamlvault.document.compose import compose
from yamlvault.keypath import component_text, parse

TEXT = """\
default: &default
  host: 1
  "a.b": 2
production:
  <<: *default
  port: 3
hosts: [x, {name: y}]
empty: {}
alias: *default
"""


def completing(typed, text=TEXT, *, follows=True, is_list=False):
    return KeyPaths(compose(text), follows=follows).completing(typed, is_list=is_list)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["$.default", "$.production", "$.hosts", "$.empty", "$.alias"]),
        ("$", ["$.default", "$.production", "$.hosts", "$.empty", "$.alias"]),
        ("$.d", ["$.default.host", '$.default."a.b"']),
        ("$.default", ["$.default.host", '$.default."a.b"']),
        ("$.default.h", ["$.default.host"]),
        ("$.default.a", ['$.default."a.b"']),
        ("$.default.'a", ["$.default.'a.b'"]),
        ("$.default['a", []),
        ("$.p", ["$.production.host", '$.production."a.b"', "$.production.port"]),
        ("$.alias.h", ["$.alias.host"]),
        ("$.hosts", ["$.hosts[0]", "$.hosts[1]"]),
        ("$.hosts[1", ["$.hosts[1].name"]),
        ("$.hosts.1", ["$.hosts.1.name"]),
        ("$.*.po", ["$.*.port"]),
        ("$./^pro/.po", ["$./^pro/.port"]),
        ("$.e", ["$.empty"]),
        ("$.nothing.x", []),
        ("$.default.host.x", []),
        ("$.default, $.e", []),
    ],
)
def test_completing(typed, found):
    """What is typed goes on with names of keys, quoted in the style it has, and with items."""
    assert completing(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("$.d", ["$.default", "$.default.host", '$.default."a.b"']),
        ("$.default.", ["$.default.host", '$.default."a.b"']),
        ("$.", ["$.default", "$.production", "$.hosts", "$.empty", "$.alias"]),
    ],
)
def test_sections(typed, found):
    """Where a section is meant it comes itself, too: no shell puts a dot behind it."""
    paths = KeyPaths(compose(TEXT), follows=True)
    assert paths.completing(typed, is_list=False, is_section=True) == found


def test_several_paths():
    """Where several paths may stand, the last one is completed, and aliases are not followed."""
    found = completing("$.default, $.e", is_list=True, follows=False)
    assert found == ["$.default, $.empty"]
    assert completing("$.default.'a,b', $.p", is_list=True, follows=False) == [
        "$.default.'a,b', $.production.port"
    ]
    assert completing("$.alias.", is_list=True, follows=False) == []


def test_the_metadata_are_no_key(encrypted):
    """An encrypted file has the keys that its plaintext has, found without any key at hand."""
    from yamlvault.cli.completion.values import paths_of

    names = paths_of(str(encrypted.file), "$.", is_list=False)
    assert names == ["$.default", "$.production"]


def test_keys_that_no_terminal_shows():
    """A key with a control character is not offered: the terminal would obey it."""
    assert completing("$.", '"\\e[31mred": 1\nplain: 2\n') == ["$.plain"]
    assert completing("$.", "a: &a [*a]\n") == completing("$.a", "a: &a [*a]\n")


def test_a_mapping_that_is_merged_into_itself():
    """A hostile file ends, too."""
    assert completing("$.a.", "a: &a\n  <<: *a\n  b: 1\n  c: 2\n") == ["$.a.b", "$.a.c"]


@settings(deadline=None)
@given(st.text(), st.sampled_from(["", "'", '"']))
def test_a_component_names_its_key(name, quote):
    """Whatever a key is called, the component that is written for it is read as its name."""
    if any("\ud800" <= one <= "\udfff" for one in name):
        return
    (component,) = parse(f"${component_text(name, quote)}").components
    assert component.text == name


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4))
def test_the_last_component_is_found(names):
    """However the keys are called, what is typed is divided in front of its last component."""
    components = [component_text(name) for name in names]
    typed = Typed(f"${''.join(components)}")
    assert (typed.stem, typed.last) == ("", components[-1])
