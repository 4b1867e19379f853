"""The docs say what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yamlvault
from yamlvault.cli.commands import COMMANDS
from yamlvault.cli.commands.git import SUBCOMMANDS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "yamlvault.md").read_text()
REFERENCE = (DOCS / "cli.md").read_text()
GIT_PAGE = (DOCS / "git.md").read_text()
PYTHON_PAGE = (DOCS / "python.md").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_row(command):
    """The page says of each command what it is for, in a line of the table."""
    assert re.search(rf"^\| `{command}` \| \S.* \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(session, command):
    """Each option that `--help` names stands in the command's sections of the reference."""
    sections = re.findall(
        rf"^## {command}\b.*?(?=^## (?!{command} ))", REFERENCE, re.DOTALL | re.MULTILINE
    )
    options = re.findall(
        r"^  (?:-\w(?: \S+)?, )?(--?[-\w]+)", session.ok(command, "--help"), re.MULTILINE
    )
    assert "--help" in options
    missing = [one for one in options if one != "--help" and f"`{one}" not in "".join(sections)]
    assert missing == []


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_and_option_is_documented(session, subcommand):
    """Each subcommand of git has its row on the page of git, and each option of it stands there."""
    assert re.search(rf"^\| `git {subcommand}\b", GIT_PAGE, re.MULTILINE)
    options = re.findall(r"^  (-[-a-z]+)", session.ok("git", subcommand, "--help"), re.MULTILINE)
    assert "-h" in options
    assert [one for one in options if one != "-h" and f"`{one}" not in GIT_PAGE] == []


def test_every_public_name_is_documented():
    """What the package exports stands on the page of the library."""
    missing = [name for name in yamlvault.__all__ if f"`{name}" not in PYTHON_PAGE]
    assert missing == ["__version__"]
