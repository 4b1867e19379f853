"""The page docs/yamlvault.md says what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yamlvault
from yamlvault.cli.commands import COMMANDS
from yamlvault.cli.commands.git import SUBCOMMANDS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "yamlvault.md").read_text()
GIT_PAGE = (DOCS / "git.md").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_documented(session, command):
    """Each command has its row, and each option of it stands on the page."""
    assert re.search(rf"^\| `{command}\b", PAGE, re.MULTILINE)
    options = re.findall(r"^  (-[-a-z]+)", session.ok(command, "--help"), re.MULTILINE)
    assert "-h" in options
    missing = [one for one in options if one != "-h" and f"`{one}" not in PAGE]
    assert missing == []


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_and_option_is_documented(session, subcommand):
    """Each subcommand of git has its row on the page of git, and each option of it stands there."""
    assert re.search(rf"^\| `git {subcommand}\b", GIT_PAGE, re.MULTILINE)
    options = re.findall(r"^  (-[-a-z]+)", session.ok("git", subcommand, "--help"), re.MULTILINE)
    assert "-h" in options
    assert [one for one in options if one != "-h" and f"`{one}" not in GIT_PAGE] == []


def test_every_public_name_is_documented():
    """What the package exports stands on the page."""
    missing = [name for name in yamlvault.__all__ if f"`{name}" not in PAGE]
    assert missing == ["__version__"]
