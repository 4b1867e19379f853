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
