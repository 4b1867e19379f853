"""`yamlvault env`: a section as variables in text."""

from __future__ import annotations

import json
import subprocess

import pytest

SECTION = "$.production"


def test_formats(encrypted):
    """Each format has all variables of the section, with what merge keys bring in."""
    password = "s3cr\tet-marker"
    pem = "-----BEGIN X-----\nmarker\n-----END X-----\n"
    values = {"HOST": "db.internal", "PORT": "5432", "PASSWORD": password, "PEM": pem}
    assert json.loads(encrypted.ok("env", "--format", "json", "secrets.yml", SECTION)) == values
    lines = "".join(f"{name}='{value}'\n" for name, value in values.items())
    assert encrypted.ok("env", "secrets.yml", SECTION) == lines
    exports = lines.replace("HOST=", "export HOST=").replace("\nP", "\nexport P")
    assert encrypted.ok("env", "secrets.yml", SECTION, "--format", "shell") == exports
    only = ["--only", "P[AO]*", "--format", "docker"]
    assert encrypted.ok("env", *only, "secrets.yml", SECTION) == f"PORT=5432\nPASSWORD={password}\n"


def test_into_a_shell(encrypted):
    """The line of the documentation puts the variables into a shell, byte for byte."""
    script = (
        f"eval \"$({encrypted.program} env --format shell secrets.yml '{SECTION}')\"; "
        'printf %s "$PASSWORD$PEM"'
    )
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=encrypted.folder,
        env=encrypted.environment,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"s3cr\tet-marker-----BEGIN X-----\nmarker\n-----END X-----\n"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["secrets.yml", SECTION, "--format", "docker"], 1, "$.production.pem is beyond"),
        (["secrets.yml", "$.production.pem"], 1, "$.production.pem is one value"),
        (["secrets.yml", "$.prodution"], 1, "names nothing"),
        (["secrets.yml", "--only", "HOST"], 1, "no variable is called HOST"),
        (["missing.yml"], 1, "missing.yml: there is no such file"),
        (["secrets.yml", "--format", "xml"], 2, "invalid choice"),
        ([], 2, "FILE"),
    ],
)
def test_refusals(encrypted, words, status, says):
    """What can't be printed is refused with its place, and nothing is printed of the rest."""
    assert says in encrypted.refused("env", *words, status=status)


def test_json_and_a_file(encrypted):
    """`--json` is short for --format json; OUT is private, whatever was there before."""
    printed = encrypted.ok("env", "--format", "json", "secrets.yml", SECTION)
    assert encrypted.ok("env", "--json", "secrets.yml", SECTION) == printed
    target = encrypted.folder / "out.json"
    target.write_text("old")
    target.chmod(0o644)
    assert encrypted.ok("env", "--json", "-o", "out.json", "secrets.yml", SECTION) == ""
    assert target.read_text() == printed
    assert target.stat().st_mode & 0o777 == 0o600
    assert encrypted.ok("env", "--json", "-o", "-", "secrets.yml", SECTION) == printed
    encrypted.refused("env", "--json", "--format", "shell", "secrets.yml", status=2)
    error = encrypted.refused("env", "-o", "no/such", "secrets.yml", SECTION)
    assert error.startswith("yamlvault: no/such: ")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "--separator __ or --keep-case may tell them apart; or rename one"),
        (["--keep-case"], "--separator __ may tell them apart; or rename one"),
        (["--separator", "__"], "--keep-case may tell them apart; or rename one"),
        (["--separator", "__", "--keep-case"], "rename one"),
    ],
)
def test_two_of_one_name(ready, words, hint):
    """What was given already is not offered again."""
    ready.file.write_text("a: {b: 1}\na_b: 2\na__b: 3\n")
    ready.ok("encrypt", "secrets.yml")
    assert ready.refused("env", *words, "secrets.yml").endswith(f"hint: {hint}\n")


def test_standard_input(encrypted):
    """The file may come from standard input."""
    text = encrypted.file.read_text()
    assert encrypted.ok("env", "-", "$.default", input=text) == "HOST='db.internal'\nPORT='5432'\n"


def test_a_closed_scope(team):
    """A whole file needs all scopes, or leaves the closed ones out."""
    team.encrypted()
    assert "scope $.ben" in team.refused("ann", "env", "secrets.yml")
    names = [
        line.partition("=")[0]
        for line in team.ok("ann", "env", "--omit-closed", "secrets.yml").splitlines()
    ]
    assert names == ["NAME", "ANN_HOST", "ANN_PASSWORD", "BOTH_TOKEN"]
