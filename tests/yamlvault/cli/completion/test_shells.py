"""Completion in real shells, on a terminal, with a key pressed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from terminal import Terminal

# what a person has in front of the path, by shell: nothing, an open quotation mark, an escape
BEGINNINGS = {
    "bash": ["", "'$.", '"$.', "$.", "\\$."],
    "zsh": ["", "'$.", '"$.', "$.", "\\$."],
    "fish": ["", "'$.", '"\\$.', "\\$."],  # `$.` is a mistake in fish itself
}
CASES = [(shell, beginning) for shell, all_ in BEGINNINGS.items() for beginning in all_]
KEYS = [
    "plain",
    "a b",
    "it's",
    'say "so"',
    "ümläut ☃",
    "$HOME",
    "${x}",
    "$(id)",
    "`id`",
    "dotted.name",
    "back\\",
    "bang!bang",
    "*",
    "#not a comment",
    "[0]",
    "~",
    "a;b|c&d",
    "<a>",
    "=ls",
    "'",
    '"',
    "",
    " space",
    "-x",
    "null",
]

START = {
    # history expansion is for people; fish and zsh -f have none in a script's sense
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        (
            "bind 'set enable-bracketed-paste off'; PS1='rea''dy> '; "
            "source <(yamlvault completion bash)"
        ),
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        (
            "autoload -Uz compinit; compinit -u -D; source <(yamlvault completion zsh); "
            "unset zle_bracketed_paste; unsetopt prompt_cr prompt_sp; PS1='rea''dy> '"
        ),
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        (
            "yamlvault completion fish | source; set -g fish_greeting; "
            "function fish_prompt; echo -n 'rea''dy> '; end"
        ),
    ),
}


class Shell(Terminal):
    """An interactive shell that has the completion script."""

    def __init__(self, name, session):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        words, first = START[name]
        environment = session.environment | {
            "PATH": f"{Path(session.program).parent}:{os.environ['PATH']}",
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }
        super().__init__(words, session.folder, environment)
        self.type(f"{first}\n")
        self.until("ready> ")

    def tab(self, line: str) -> str:
        """Type a line, press the tabulator and enter; return what is shown then."""
        self.type(f"{line}\t\n")
        return self.until("ready> ")


@pytest.mark.parametrize(("shell", "beginning"), CASES)
def test_every_key_comes_out_right(ready, shell, beginning):
    """The line that a tabulator has completed runs, and prints the value of its key."""
    for number, key in enumerate(KEYS):
        escaped = key.replace("\\", "\\\\").replace('"', '\\"')
        (ready.folder / f"k{number}.yml").write_text(f'"{escaped}": value-of-{number}-ok\n')
    files = [f"k{number}.yml" for number in range(len(KEYS))]
    ready.ok("encrypt", "--kek", ready.ok("keys").strip(), *files)
    with Shell(shell, ready) as terminal:
        for number, key in enumerate(KEYS):
            shown = terminal.tab(f"yamlvault get k{number}.yml {beginning}")
            assert f"value-of-{number}-ok" in shown, key


@pytest.mark.parametrize("shell", BEGINNINGS)
def test_what_is_completed(encrypted, shell):
    """Commands, options, their values, files and key paths are completed."""
    lacking = "the following arguments are required"
    with Shell(shell, encrypted) as terminal:
        assert f"yamlvault encrypt: {lacking}" in terminal.tab("yamlvault encr")
        assert f"yamlvault get: {lacking}" in terminal.tab("yamlvault get --js")
        assert f"yamlvault encrypt: {lacking}" in terminal.tab("yamlvault encrypt --kek=pass")
        assert "usage: yamlvault rotate" in terminal.tab("yamlvault help rot")
        assert "-----BEGIN X-----" in terminal.tab("yamlvault get secr")
        terminal.type("yamlvault get secrets.yml '$.def\tport'\n")  # it goes on to the dot
        assert "5432" in terminal.until("ready> ")


@pytest.mark.parametrize("shell", BEGINNINGS)
def test_nothing_is_said_at_the_prompt(encrypted, shell):
    """Where there is nothing to offer, nothing is shown: neither an error nor a trace."""
    (encrypted.folder / "broken.yml").write_text("a: [\nx: 1\n")
    (encrypted.folder / ".yamlvault.yml").write_text("rules: [\n")
    os.mkfifo(encrypted.folder / "fifo")
    with Shell(shell, encrypted) as terminal:
        for number, typed in enumerate(
            [
                "yamlvault get missing.yml '$.x",
                "yamlvault get broken.yml '$.x",
                "yamlvault get fifo '$.x",
                "yamlvault nonsense '$.x",
                "yamlvault get secrets.yml 'production",
                "yamlvault set --timeout ",
                "yamlvault encrypt --kek=age",
            ]
        ):
            terminal.type(f"{typed}\t\x15echo do''ne{number}\n")  # ^U takes the line away
            shown = terminal.until(f"done{number}").replace(typed, "")
            assert not any(word in shown for word in ("Trace", "yamlvault:", "hint", "rror"))


@pytest.mark.parametrize("shell", BEGINNINGS)
def test_a_name_of_a_file(encrypted, shell):
    """The name of a file is completed and quoted by the shell itself."""
    encrypted.file.rename(encrypted.folder / "my $x 'file'.yml")
    with Shell(shell, encrypted) as terminal:
        assert "s3cr" in terminal.tab("yamlvault get my")
        assert "s3cr" in terminal.tab("yamlvault get ./my")


@pytest.mark.parametrize("shell", BEGINNINGS)
def test_a_program_that_is_not_there(session, shell):
    """Without yamlvault in the PATH the script offers nothing, and says nothing."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    with Shell(shell, session) as terminal:
        set_path = "set -x PATH /nonexistent" if shell == "fish" else "PATH=/nonexistent"
        terminal.type(f"{set_path}\n")
        terminal.until("ready> ")
        terminal.type("yamlvault enc\t\x15echo do''ne\n")
        assert "not found" not in terminal.until("done")
