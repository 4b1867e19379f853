"""Help: short, with examples that work."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from terminal import Terminal

from yamlvault.cli import habits
from yamlvault.cli.commands import COMMANDS, GROUPS
from yamlvault.cli.commands.git import SUBCOMMANDS
from yamlvault.cli.parser import module, subcommand_parser

# what stands in a file after `#`, and a command line
_EXAMPLE = re.compile(r"# \S.*\n(?!#)\S.*\n")


def examples(command: str) -> list[tuple[str, str]]:
    """Return the examples of a command: the comment and the command line."""
    lines = getattr(module(command), "EXAMPLES", "").strip().splitlines()
    return list(zip(lines[::2], lines[1::2], strict=True))


def examples_of_git(subcommand: str) -> list[tuple[str, str]]:
    """Return the examples of a subcommand of git."""
    lines = (subcommand_parser("git", subcommand).epilog or "").splitlines()[1:]
    return [
        (comment.strip(), line.strip()) for comment, line in zip(*[iter(lines)] * 2, strict=True)
    ]


# those that somebody types; the others are for git
TYPED = ("install", "uninstall", "status")
EXAMPLES = [(command, line) for command in COMMANDS for _, line in examples(command)]
EXAMPLES += [("git", line) for name in TYPED for _, line in examples_of_git(name)]

# an application that is there and ends well
_APPLICATION = '#!/bin/sh\n[ -n "$PASSWORD" ] && [ "$*" = app:app ]\n'


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
    application = ready.home / "bin" / "gunicorn"
    application.parent.mkdir()
    application.write_text(_APPLICATION)
    application.chmod(0o755)
    ready.environment |= {
        "PATH": f"{application.parent}:{Path(ready.program).parent}:{os.environ['PATH']}",
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


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_help_of_a_subcommand(session, subcommand):
    """`help git SUBCOMMAND` prints what `git SUBCOMMAND --help` does, with examples to be typed."""
    shown = session.ok("help", "git", subcommand)
    assert shown == session.ok("git", subcommand, "--help")
    assert ("\nexamples:\n" in shown) == (subcommand in TYPED)
    assert all(f"yamlvault git {subcommand}" in line for _, line in examples_of_git(subcommand))


def test_help_of_what_is_no_subcommand(session):
    """A subcommand that there is not is an error with a suggestion."""
    error = session.refused("help", "git", "instal", status=2)
    assert error == "yamlvault: git has no subcommand 'instal'\nhint: is `install` meant?\n"
    error = session.refused("help", "get", "install", status=2)
    assert error == "yamlvault: get has no subcommand 'install'\nhint: yamlvault help get\n"


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


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("words", [*([one] for one in COMMANDS), ["git", "install"]])
def test_the_width_of_the_terminal(session, columns, words):
    """Help is as wide as the terminal: the words that a line has fit; of 80, the examples too."""
    shown = session.ok(*words, "--help", env={"COLUMNS": str(columns)})
    lines = (shown if columns == 80 else shown.partition("\nexamples:\n")[0]).splitlines()
    # a word that can't be broken, such as a URI, may stand alone on its line
    assert [one for one in lines if len(one) > columns and len(one.split()) > 2] == []


@pytest.mark.parametrize("columns", [0, 1, 30])
def test_a_terminal_without_a_width(encrypted, columns):
    """Where a terminal says that it has no columns, or one, commands work and help can be read."""
    program, folder = encrypted.program, encrypted.folder
    with Terminal([program, "set", "--help"], folder, encrypted.environment, columns) as terminal:
        status, shown = terminal.end()
    assert (status, "[OPTION…]" in shown) == (0, True)
    words = [program, "get", "secrets.yml", "$.production.password"]
    with Terminal(words, folder, encrypted.environment, columns) as terminal:
        assert terminal.end()[0] == 0


@pytest.mark.parametrize("columns", ["0", "1", "2"])
def test_a_terminal_without_width(session, columns):
    """On a terminal that says it has hardly a column, commands and help work all the same."""
    session.ok("init", env={"COLUMNS": columns})
    session.ok("encrypt", "secrets.yml", env={"COLUMNS": columns})
    assert "--output" in session.ok("encrypt", "--help", env={"COLUMNS": columns})


@pytest.mark.parametrize("command", COMMANDS)
def test_the_order_of_options(session, command):
    """What many commands take alike stands last; the usage has one word for all options."""
    shown = session.ok(command, "--help")
    names = re.findall(r"^  (?:-\w, )?(--[-\w]+)", shown, re.MULTILINE)
    assert "--timeout" not in names or names[-2:] == ["--timeout", "--verbose"]
    usage = shown.partition("\n\n")[0]
    assert ("[OPTION…]" in usage) == (names != ["--help"])
    assert "--timeout" not in usage


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        *(([name, "f.yml"], hint) for name, hint in habits.COMMANDS.items()),
        *(([name, "f.yml"], hint) for name, hint in habits.FRONT.items()),
        (["encrypt", "-i", "f.yml"], habits.OPTIONS["-i"]),
        (["rotate", "--in-place", "f.yml"], habits.OPTIONS["-i"]),
        (["decrypt", "--extract", "x", "f.yml"], "yamlvault get FILE PATH"),
        (["set", "--value-stdin", "f.yml", "$.a"], habits.OPTIONS["--value-stdin"]),
        (["encrypt", "--filename-override=x.yml", "-"], habits.OPTIONS["--filename-override"]),
    ],
)
def test_habits(session, words, hint):
    """Who types what another tool has is told what does that here."""
    assert session.refused(*words, status=2).splitlines()[1] == f"hint: {hint}"


def test_habits_name_what_there_is():
    """No habit has the name of a command or option of ours, and each hint names real commands."""
    assert set(habits.COMMANDS).isdisjoint(COMMANDS)
    for hint in (*habits.COMMANDS.values(), *habits.FRONT.values(), *habits.OPTIONS.values()):
        named = set(re.findall(r"yamlvault ([a-z]+)", hint))
        assert named <= set(COMMANDS), hint


def test_examples_are_pairs():
    """The pattern of the constant holds for all: a comment, then a command line."""
    for command in COMMANDS:
        text = getattr(module(command), "EXAMPLES", "")
        assert _EXAMPLE.sub("", text.lstrip("\n")) == "", command
