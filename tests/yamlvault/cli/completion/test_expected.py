"""What can stand at the cursor, by what stands in front of it."""

from __future__ import annotations

import pytest

from yamlvault.cli.commands.git import SUBCOMMANDS
from yamlvault.cli.completion.answer import FILES, PROGRAMS, WORDS
from yamlvault.cli.completion.expected import answer


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["exec", "secrets.yml", "--"], PROGRAMS),
        (["exec", "secrets.yml", "$.production", "--"], PROGRAMS),
        (["exec", "secrets.yml", "--", "cat"], FILES),
        (["exec", "secrets.yml", "--", "cat", "--"], FILES),
        (["exec"], FILES),
    ],
)
def test_behind_the_command_of_exec(words, kind):
    """Behind `--` comes a program, and behind that the names of files."""
    assert answer(words, "").kind == kind


@pytest.mark.parametrize("command", ["exec", "env"])
def test_a_section_is_no_dead_end(encrypted, command):
    """The section itself is offered to the commands that want one."""
    found = answer([command, str(encrypted.file)], "$.pro")
    assert found.kind == WORDS
    assert found.candidates[0].value == "$.production"
    found = answer(["get", str(encrypted.file)], "$.pro")
    assert "$.production" not in [one.value for one in found.candidates]


def test_help_of_a_subcommand():
    """Behind the name of a command come its subcommands."""
    found = answer(["help", "git"], "")
    assert [one.value for one in found.candidates] == list(SUBCOMMANDS)
    assert answer(["help", "get"], "").candidates == []
