"""JSON for other programs: on standard output, or nothing."""

from __future__ import annotations

import json

import pytest

from yamlvault.cli.commands import COMMANDS
from yamlvault.cli.parser import command_parser

# what they print is no data: a script, a help text, a plaintext as it was
_NO_DATA = {"completion", "help", "decrypt"}
_CHANGE_FILES = {"init", "encrypt", "set", "unset", "edit", "rewrap", "rotate", "migrate"}
# a program of its own, what git calls, and what changes git's settings or merges
_OTHERS = {"exec", "git", "merge"}


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - _NO_DATA - _CHANGE_FILES - _OTHERS))
def test_every_command_that_reads_has_json(command):
    """What prints data prints them as JSON on request."""
    options = [one for action in command_parser(command)._actions for one in action.option_strings]
    assert "--json" in options


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-05-06", "2024-05-06"),
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09+00:00"),
        ("!!binary AAEC", "AAEC"),
        (".inf", ".inf"),
        ("-.inf", "-.inf"),
        (".nan", ".nan"),
        ("null", None),
        ("!!set {b, a}", ["a", "b"]),
        ("{2024-05-06: 1, 2: 2, true: 3, null: 4, .inf: 5}", None),
        ("é☃", "é☃"),
    ],
)
def test_get_prints_valid_json(ready, text, value):
    """Whatever a value is, what is printed is JSON as RFC 8259 has it."""
    ready.file.write_text(f"a: {text}\n")
    ready.ok("encrypt", "secrets.yml")
    found = json.loads(ready.ok("get", "--json", "secrets.yml", "$.a"), parse_constant=_refused)
    if text.startswith("{2024"):
        value = {"2024-05-06": 1, "2": 2, "true": 3, "null": 4, ".inf": 5}
    assert found == value


def _refused(name):
    raise AssertionError(f"{name} is no JSON")


@pytest.mark.parametrize("text", ["&x [*x]", "{1: marker, '1': marker}"])
def test_what_json_has_no_form_for(ready, text):
    """Such a value is an error, and nothing is printed."""
    ready.file.write_text(f"a: {text}\n")
    ready.ok("encrypt", "secrets.yml")
    error = ready.refused("get", "--json", "secrets.yml", "$.a")
    assert "JSON" in error
    assert "without --json" in error


def test_keys_of_files(team):
    """`keys --json` says of each file which scopes it has, and which stanzas open here."""
    team.encrypted(append=True)
    (found,) = json.loads(team.ok("ann", "keys", "--json", "secrets.yml"))
    assert (found["file"], found["format"], found["sealed"]) == ("secrets.yml", 1, 3)
    scopes = {scope["paths"][0]: scope for scope in found["scopes"]}
    assert scopes["$.ann"]["seal"] == ["$.ann.password"]
    (key,) = scopes["$.ben"]["data_keys"]
    assert key["append"] is True
    by_kek = {stanza["kek"]: stanza for stanza in key["stanzas"]}
    assert by_kek[team.kek("ben")]["opens"] is False
    assert "no identity" in by_kek[team.kek("ben")]["reason"]
    (key,) = scopes["$.both"]["data_keys"]
    mine = next(one for one in key["stanzas"] if one["kek"] == team.kek("ann"))
    assert mine == {"kek": team.kek("ann"), "context": {}, "opens": True, "reason": None}


def test_keys_at_hand(ready):
    """`keys --json` without a file names the recipients, and where their identities are."""
    found = json.loads(ready.ok("keys", "--json"))
    assert found["keks"] == [ready.ok("keys").strip()]
    assert found["ssh_keys"] == 0
    assert found["source"].endswith("identity.txt")
    assert ready.run("keys", "--json").stderr == ""


def test_an_error_prints_no_json(encrypted):
    """Where one file fails, standard output is empty: half a list would be taken for all."""
    assert "missing.yml" in encrypted.refused("keys", "--json", "secrets.yml", "missing.yml")
    assert "names nothing" in encrypted.refused("get", "--json", "secrets.yml", "$.x")
