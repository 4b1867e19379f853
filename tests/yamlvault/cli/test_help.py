"""Help: short, with examples that work."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from yamlvault.cli.commands import COMMANDS, GROUPS
from yamlvault.cli.parser import module

# what stands in a file after `#`, and a command line
_EXAMPLE = re.compile(r"# \S.*\n(?!#)\S.*\n")


def examples(command: str) -> list[tuple[str, str]]:
    """Return the examples of a command: the comment and the command line."""
    lines = getattr(module(command), "EXAMPLES", "").strip().splitlines()
    return list(zip(lines[::2], lines[1::2], strict=True))


EXAMPLES = [(command, line) for command in COMMANDS for _, line in examples(command)]


# both sides have set one value, each to its own
_CONFLICT = """set -e
for side in topic mine; do
  git checkout -q -b $side HEAD~0
  echo $side | yamlvault set secrets.yml '$.production.password' && git commit -q -a -m $side
  git checkout -q -
done
git checkout -q mine
git merge -q topic
"""


@pytest.fixture
def shop(ready):
    """A folder as the examples have it: a git repository with encrypted files, and more."""
    folder = ready.folder
    (folder / "config").mkdir()
    (folder / "config" / "secrets.yml").write_text("token: t-marker\n")
    (folder / "server.pem").write_text("-----BEGIN X-----\nmarker\n-----END X-----\n")
    (ready.home / ".config" / "fish" / "completions").mkdir(parents=True)
    ready.environment |= {
        "PATH": f"{Path(ready.program).parent}:{os.environ['PATH']}",
        "EDITOR": "sed -i '/^[<=>]\\{7\\}/d; /topic/d'",  # settles a conflict
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    return ready


def sh(session, line: str) -> subprocess.CompletedProcess[str]:
    """Run a command line as a person would."""
    return subprocess.run(
        ["sh", "-c", line],
        cwd=session.folder,
        env=session.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("command", "line"), EXAMPLES)
def test_every_example_works(shop, command, line):
    """What an example says can be typed as it stands."""
    if command == "init":
        (shop.folder / ".yamlvault.yml").unlink()
        (shop.home / ".config" / "yamlvault" / "identity.txt").unlink()
    elif command != "encrypt":
        shop.ok("encrypt", "secrets.yml", "config/secrets.yml")
        git = "git init -q . && git add . && git commit -q -m first"
        assert sh(shop, git).returncode == 0
    if command == "merge":
        assert sh(shop, _CONFLICT).returncode == 1
    done = sh(shop, line)
    assert done.returncode == 0, done.stderr
    assert "marker" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(session, command):
    """`--help` ends with the examples: pairs of a comment and a line that has the command in it."""
    assert examples(command), f"yamlvault/cli/commands/{command}.py has no EXAMPLES"
    assert all(comment.startswith("# ") for comment, _ in examples(command))
    assert all(f"yamlvault {command}" in line for _, line in examples(command))
    shown = session.ok(command, "--help")
    _, _, end = shown.partition("\nexamples:\n")
    assert end.replace("\n  ", "\n").strip() == module(command).EXAMPLES.strip()


def test_every_command_has_its_group(session):
    """The overview has each command once, in a group that says something."""
    names = [name for group in GROUPS.values() for name in group]
    assert sorted(names) == sorted(COMMANDS)
    assert "more" not in GROUPS
    shown = session.ok("--help")
    assert all(len(re.findall(rf"^  {name} ", shown, re.MULTILINE)) == 1 for name in names)
    assert session.ok("help") == session.ok("-h") == shown


def test_no_command(session):
    """Without a command the overview goes to standard error, with the status of wrong usage."""
    done = session.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == session.ok("--help")
    assert "begin with:\n  yamlvault init" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(session, command):
    """`help COMMAND` prints what `COMMAND --help` does."""
    assert session.ok("help", command) == session.ok(command, "--help")


def test_help_of_what_is_no_command(session):
    """A mistyped name is an error with a suggestion."""
    error = session.refused("help", "encrpt", status=2)
    assert error == "yamlvault: there is no command 'encrpt'\nhint: is `encrypt` meant?\n"


def test_version(session):
    """--version names the program and its version."""
    assert re.fullmatch(r"yamlvault \d+\.\d+\.\d+\S*\n", session.ok("--version"))


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_uri_is_broken(session, columns, command):
    """However narrow the terminal, a line ends between words and not at a hyphen in one."""
    shown = session.ok(command, "--help", env={"COLUMNS": columns})
    texts = shown.partition("\nexamples:\n")[0].splitlines()
    assert [line for line in texts if re.search(r"\S-$", line)] == []


def test_examples_are_pairs():
    """The pattern of the constant holds for all: a comment, then a command line."""
    for command in COMMANDS:
        text = getattr(module(command), "EXAMPLES", "")
        assert _EXAMPLE.sub("", text.lstrip("\n")) == "", command
