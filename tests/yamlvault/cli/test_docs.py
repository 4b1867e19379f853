"""The docs say what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yamlvault
from yamlvault.cli.commands import COMMANDS
from yamlvault.cli.commands.git import SUBCOMMANDS
from yamlvault.cli.parser import command_parser, subcommand_parser

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "yamlvault.md").read_text()
REFERENCE = (DOCS / "cli.md").read_text()
GIT_PAGE = (DOCS / "git.md").read_text()
PAGES = [*sorted(DOCS.glob("*.md")), DOCS.parent / "README.md", DOCS.parent / "SECURITY.md"]
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


def lines_of(page: Path) -> list[str]:
    """Return the command lines of yamlvault that stand on a page, in its blocks and its text."""
    text = page.read_text()
    blocks = re.findall(r"^ *```.*?\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    spans = [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose)]
    lines = [line.partition(" # ")[0] for block in blocks for line in block.splitlines()]
    words = r"\byamlvault ((?:[a-z]+|__complete)\b[^|;&<>)]*)"
    # what a program prints is no command line; what is typed begins with a dollar sign
    typed = [line for line in lines if re.match(r"\s*(\$ |- run: |exec |ExecStart=)", line)]
    return [found for line in [*typed, *spans] for found in re.findall(words, line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_can_be_typed(page):
    """Each command and option that a page tells to type is one that there is."""
    for line in lines_of(page):
        name, *words = line.split()
        assert name in COMMANDS, line
        if name == "exec" and "--" in words:
            words = words[: words.index("--")]
        parser = command_parser(name)
        if name == "git" and words and words[0] in SUBCOMMANDS:
            parser = subcommand_parser(name, words[0])
        known = {form for action in parser._actions for form in action.option_strings}
        options = [re.split("[=,]", word)[0] for word in words if re.match(r"--?[a-z]", word)]
        assert [one for one in options if one not in known] == [], line


def test_every_public_name_is_documented():
    """What the package exports stands on the page of the library."""
    missing = [name for name in yamlvault.__all__ if f"`{name}" not in PYTHON_PAGE]
    assert missing == ["__version__"]
