"""Errors say what to do: one line, in the words of the command line."""

from __future__ import annotations

import ast
from pathlib import Path

import pyrage
import pytest

PACKAGE = Path(__file__).parents[3] / "yamlvault"
OLD = "$.production.password"


def hint_of(error: str) -> str:
    """Return the one hint of an error."""
    first, second = error.splitlines()
    assert first.startswith("yamlvault")
    assert second.startswith("hint: ")
    return second.removeprefix("hint: ")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["get", "secrets.yml", "$.prodution"], 1, "is `production` meant?"),
        (["get", "secrets.yml", "$.production.pasword"], 1, "is `password` meant?"),
        (["get", "secrets.yml", "$.production.xyz"], 1, "known are password, pem"),
        (["get", "secrets.yml", "$.a, $.b"], 1, "$.'a,b'"),
        (["get", "--timeout", "0", "secrets.yml"], 2, "yamlvault get --help"),
        (["rotate", "-"], 2, "name a file"),
        (["set", "-", OLD], 2, "name a file"),
        (["set", "secrets.yml", "$"], 1, "name a value in it"),
        (["rewrap", "empty"], 2, "add a pattern"),
        (["init", "--identity", "/dev/null"], 1, "one that is not there is made"),
    ],
)
def test_hints(encrypted, words, status, says):
    """What can be done about a mistake is said, and names that are near it."""
    (encrypted.folder / "empty").mkdir()
    error = encrypted.refused(*words, status=status, input="v")
    assert says in hint_of(error)
    assert "<<" not in error


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("$.hosts[5]", "there is no [5]: the items of that list are [0] to [1]"),
        ("$.hosts.5", "there is no 5: the items of that list are [0] to [1]"),
        ("$.hosts.first", "there is no first: the items of that list are [0] to [1]"),
        ("$.one[1]", "there is no [1]: the one item of that list is [0]"),
        ("$.none[0]", "there is no [0]: that list is empty"),
        ("$.db[0]", "there is no [0]: that is a mapping, and its keys are user, port"),
        ("$.db.user.x", "there is no x"),
    ],
)
def test_items_that_are_not_there(ready, path, hint):
    """Of a list the items are told that it has, of a mapping its keys."""
    ready.file.write_text("hosts: [a, b]\none: [a]\nnone: []\ndb: {user: u, port: 1}\n")
    ready.ok("encrypt", "secrets.yml")
    assert hint_of(ready.refused("get", "secrets.yml", path)) == hint


def test_numbers_and_words(ready):
    """One is one, in what is said of it."""
    ready.file.write_text("a: 1\n")
    ready.ok("encrypt", "secrets.yml")
    assert "1 sealed scalar\n" in ready.ok("keys", "secrets.yml")
    ready.file.write_text(ready.file.read_text() + "b: 2\n")
    assert "1 scalar sealed, 1 kept as it was" in ready.run("encrypt", "secrets.yml").stderr
    assert "2 sealed scalars\n" in ready.ok("keys", "secrets.yml")
    assert ready.run("keys").stderr.startswith("1 age identity in ")
    keys = "\n".join(str(pyrage.x25519.Identity.generate()) for _ in range(2))
    done = ready.run("keys", env={"YAMLVAULT_AGE_KEY": keys})
    assert done.stderr == "2 age identities in YAMLVAULT_AGE_KEY\n"


def test_the_bounds_of_a_timeout(session):
    """A timeout that is none is refused with what is expected."""
    for text in ("0", "-1", "x", "nan", "1e9"):
        error = session.refused("keys", f"--timeout={text}", "f", status=2)
        assert f"a number of seconds above 0 and below 86400 is expected, not '{text}'" in error


@pytest.mark.parametrize("text", ["<<: marker", "<<: [marker]", "x: !marker y"])
def test_a_value_that_no_loader_makes(ready, text):
    """The place is told, with where that text is seen, and no word that the library alone has."""
    ready.file.write_text(f"a:\n  {text}\n")
    ready.ok("encrypt", "secrets.yml")
    error = ready.refused("get", "secrets.yml")
    assert "secrets.yml:2:" in error
    assert "`yamlvault decrypt` prints" in hint_of(error)
    assert "loader" not in error


@pytest.mark.parametrize("output", ["no/such.yml", "folder", "/dev/full"])
@pytest.mark.parametrize("command", ["encrypt", "decrypt"])
def test_the_output_is_named(ready, command, output):
    """Where OUT can't be written, the error names it and not FILE."""
    (ready.folder / "folder").mkdir()
    if command == "decrypt":
        ready.ok("encrypt", "secrets.yml")
    error = ready.refused(command, "-o", output, "secrets.yml")
    assert error.startswith(f"yamlvault: {output}: ")


def test_a_new_key_is_said_to_be_new(encrypted):
    """A mistyped path makes a new key: `set` says so, and what may have been meant."""
    done = encrypted.run("set", "secrets.yml", "$.prodution.password", input="v-marker")
    assert done.returncode == 0
    assert "secrets.yml: $.prodution.password is new\n" in done.stderr
    assert "hint: there was no prodution: is `production` meant?\n" in done.stderr
    done = encrypted.run("set", "secrets.yml", "$.production.new-thing", input="v-marker")
    assert "$.production.new-thing is new\n" in done.stderr
    assert "hint" not in done.stderr
    done = encrypted.run("set", "secrets.yml", "$.default.ports", input="v-marker")
    assert "$.default.ports is new\n" in done.stderr
    assert "hint" not in done.stderr
    done = encrypted.run("set", "secrets.yml", "$.production.pasword", input="v-marker")
    assert "hint: there was no pasword: is `password` meant?\n" in done.stderr
    assert " is new" not in encrypted.run("set", "secrets.yml", OLD, input="v-marker").stderr


def test_usage_errors_have_hints():
    """Each wrong command line that a command itself refuses says what is right."""
    lacking = []
    for file in sorted((PACKAGE / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            is_error = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UsageError"
            if is_error and not any(word.arg == "hint" for word in node.keywords):
                lacking.append(f"{file.name}:{node.lineno}")
    assert lacking == []
