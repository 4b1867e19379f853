"""Colour: on a terminal, unless somebody wants none."""

from __future__ import annotations

import subprocess

import pytest
from terminal import Terminal

RED, CYAN, PLAIN = "\x1b[1;31m", "\x1b[36m", "\x1b[0m"


def shown(session, *words, **environment):
    """Run yamlvault on a terminal, and return what it shows."""
    everything = session.environment | {"TERM": "xterm"} | environment
    with Terminal([session.program, *words], session.folder, everything) as terminal:
        return terminal.end()[1]


def test_an_error_on_a_terminal(session):
    """The name of the program is red, `hint:` is cyan, and all that they say is plain."""
    text = shown(session, "decrypt", "secrets.yml")
    assert text == (
        f"{RED}yamlvault:{PLAIN} secrets.yml: not encrypted\r\n"
        f"{CYAN}hint:{PLAIN} encrypt it: yamlvault encrypt FILE\r\n"
    )
    assert shown(session, "encrypt").startswith(f"{RED}yamlvault encrypt:{PLAIN} the following")


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "0"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_what_the_environment_wants(session, environment, is_coloured):
    """NO_COLOR that is not empty and a dumb terminal mean none, whatever else is asked for."""
    assert ("\x1b" in shown(session, "decrypt", "secrets.yml", **environment)) is is_coloured


def test_not_where_nobody_looks(session):
    """In a pipe there is none, unless it is asked for."""
    assert "\x1b" not in session.refused("decrypt", "secrets.yml", env={"TERM": "xterm"})
    done = session.run("decrypt", "secrets.yml", env={"FORCE_COLOR": "1"})
    assert done.stderr.startswith(f"{RED}yamlvault:{PLAIN} ")


def test_standard_error_is_what_counts(session):
    """Where standard output is a terminal and standard error is none, errors are plain."""
    script = '"$0" decrypt secrets.yml 2>errors; cat errors'
    environment = session.environment | {"TERM": "xterm"}
    words = ["sh", "-c", script, session.program]
    with Terminal(words, session.folder, environment) as terminal:
        assert "\x1b" not in terminal.end()[1]


def test_a_name_is_no_command_to_the_terminal(session):
    """What a file is called is shown escaped between the colours."""
    name = "\x1b[32mgreen.yml"
    session.file.rename(session.folder / name)
    text = shown(session, "decrypt", name)
    assert "\\x1b[32mgreen.yml: not encrypted" in text
    assert "\x1b[32m" not in text


def test_data_has_no_colour(encrypted):
    """What is printed for machines stays as it is, on a terminal too."""
    assert shown(encrypted, "get", "secrets.yml", "$.default.port") == "5432\r\n"
    done = subprocess.run(
        [encrypted.program, "get", "--json", "secrets.yml"],
        cwd=encrypted.folder,
        env=encrypted.environment | {"FORCE_COLOR": "1"},
        capture_output=True,
        check=True,
    )
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""
