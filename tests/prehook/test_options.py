import os
import re
from pathlib import Path

import pytest
from sessions import PREHOOK, run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tiemout", "3", "true", "--", "true"], "unknown option --tiemout"),
        (["--timeout", "--", "true"], "--timeout has no value"),
        (["--timeout"], "--timeout has no value"),
        (["--timeout", "soon", "true", "--", "true"], '--timeout "soon" is not a time'),
        (["--timeout=0", "true", "--", "true"], '--timeout "0" is not a time'),
        (["--timeout", "-3", "true", "--", "true"], '--timeout "-3" is not a time'),
        (["--grace=1d", "true", "--", "true"], '--grace "1d" is not a time'),
        (["--retries", "x", "true", "--", "true"], '--retries "x" is not a number'),
        (["--retries", "1", "--retries", "2", "true", "--", "true"], "--retries is given twice"),
        (["--if", "=x", "true", "--", "true"], "--if has no name"),
        (["--optional=yes", "true", "--", "true"], "--optional takes no value"),
        (["--name", "a,b", "true", "--", "true"], '--name "a,b" can\'t be named'),
        (["--name", "", "true", "--", "true"], '--name "" can\'t be named'),
        (["--name", "a", "true", "true", "--", "true"], "one --name for several hooks"),
        (
            ["--name=a", "true", "--", "prehook", "--name=a", "true", "--", "true"],
            'a step "a" is there already',
        ),
        (["--log", "xml", "true", "--", "true"], "--log is text or json"),
        (["true", "--optional", "--", "true"], "the option --optional stands behind a hook"),
        (["--optional", "--", "true"], "no HOOK in front of --"),
        (["--init", "--optional", "--", "true"], "--optional without a HOOK"),
        (["-f", "plan.yml", "true", "--", "true"], "a HOOK beside --file"),
        (["-f", "plan.yml", "--optional", "--", "true"], "--optional beside --file"),
        (["--shell", "  ", "--", "true"], "hook 1 is empty"),
    ],
)
def test_wrong_options(arguments, message):
    """Each mistake has a message of its own and status 125, and nothing is run."""
    result = run(*[word.replace("true", "echo ran") for word in arguments])
    errors = result.stderr.decode()
    assert (result.returncode, result.stdout) == (125, b"")
    assert errors.startswith(f"prehook: {message}")
    assert "Traceback" not in errors


def test_similar_option_is_suggested():
    """A slip of the fingers is answered with the option that was meant."""
    assert b"hint: did you mean --timeout?" in run("--timout=3", "true", "--", "true").stderr


def test_options_hold_up_to_the_separator():
    """Options hold for all hooks of their prehook, and for none of the next."""
    result = run("--optional", "false", "false", "--", "prehook", "false", "--", "echo", "never")
    assert result.returncode == 1
    lines = result.stderr.decode().splitlines()
    assert ["optional" in line for line in lines] == [True, True, False]


@pytest.mark.parametrize(
    ("option", "environment", "runs"),
    [
        (["--if", "A"], {"A": "1"}, True),
        (["--if", "A"], {"A": ""}, False),
        (["--if", "A"], {}, False),
        (["--if", "A=1"], {"A": "1"}, True),
        (["--if", "A=1"], {"A": "11"}, False),
        (["--if", "A=x=y"], {"A": "x=y"}, True),
        (["--if", "A="], {"A": ""}, True),
        (["--unless", "A"], {"A": "1"}, False),
        (["--unless", "A"], {}, True),
        (["--unless", "A=assets"], {"A": "assets"}, False),
        (["--unless", "A=assets"], {"A": "web"}, True),
        (["--if", "A", "--if", "B"], {"A": "1"}, False),
        (["--if", "A", "--unless", "B"], {"A": "1"}, True),
    ],
)
def test_conditions(option, environment, runs):
    """A hook is for starts whose environment says so; a line tells that it was left out."""
    result = run(*option, "echo hook", "--", "echo", "CMD", env={"PATH": "/bin", **environment})
    assert result.stdout == (b"hook\n" if runs else b"") + b"CMD\n"
    assert (b"skipped (only if " in result.stderr) != runs


def test_condition_does_not_tell_the_value():
    """The line of a skipped hook says what must hold, not what the variable is."""
    result = run("--if", "A=1", "true", "--", "true", env={"A": "hunter2", "PATH": "/bin"})
    assert b"only if A is 1" in result.stderr
    assert b"hunter2" not in result.stderr


def test_skip_by_name():
    """PREHOOK_SKIP leaves out the steps that it names, wherever they stand in the chain."""
    chain = ["--name", "one", "echo 1", "--", "prehook", "--name", "two", "echo 2", "--"]
    for skipped, output in [("one", "2 x"), ("two", "1 x"), (" one , two,", "x"), ("", "1 2 x")]:
        result = run(*chain, "echo", "x", env={**os.environ, "PREHOOK_SKIP": skipped})
        assert result.stdout.decode().split() == output.split()


def test_skip_of_an_unknown_name_is_an_error():
    """What was meant to be skipped must not run because of a slip: nothing is run, 125."""
    result = run(
        "--name", "migrate", "echo ran", "--", "true", env={**os.environ, "PREHOOK_SKIP": "migrat"}
    )
    assert (result.returncode, result.stdout) == (125, b"")
    assert b'no step "migrat"' in result.stderr
    assert b"hint: the steps: migrate" in result.stderr


def test_shell():
    """With --shell the hook is a text for sh, and none of it is in a message."""
    result = run("--shell", "echo $A hunter2 | tr a b; exit 4", "--", "true", env={"A": "a"})
    assert (result.returncode, result.stdout) == (4, b"b hunter2\n")
    assert b"hunter2" not in result.stderr


def test_stdin_is_left_to_a_hook_that_asks():
    """With --stdin a hook reads what CMD would."""
    result = run("--stdin", "head -c 2", "--", "cat", stdin=None, input=b"ab")
    assert result.stdout == b"ab"


def test_cwd(tmp_path):
    """A hook runs in --cwd, and CMD where prehook was started."""
    (tmp_path / "there").mkdir()
    result = run("--cwd", "there", "pwd", "--", "pwd", cwd=tmp_path)
    assert result.stdout.decode().splitlines() == [str(tmp_path / "there"), str(tmp_path)]


def test_cwd_that_is_missing(tmp_path):
    """A directory that isn't there is named, with 125; CMD isn't started."""
    result = run("--cwd", str(tmp_path / "nosuch"), "true", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (125, b"")
    assert b"can't change to the directory" in result.stderr


def test_name_stands_for_the_hook():
    """A hook that has a name is called by it."""
    result = run("--name", "migrate", "sh -c 'exit 3'", "--", "true")
    assert result.stderr == b'prehook: migrate: exited with status 3; "true" is not started\n'


def test_chain_keeps_options_apart(tmp_path):
    """Another prehook in a chain is known with its options too, and its own place is counted."""
    result = run("true", "--", PREHOOK, "--retries", "1", "--backoff", "1ms", "false", "--", "true")
    assert result.returncode == 1
    assert b'hook 2: "false": exited with status 1; attempt 2 of 2' in result.stderr


def test_each_option_is_in_the_docs():
    """What --help names is on the page, and the page names nothing else."""
    from prehook.options import HELP

    page = (Path(__file__).parents[2] / "docs/prehook.md").read_text()
    tables = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    named = set(re.findall(r"(?<![\w-])--[a-z-]+", HELP)) - {"--schema"}
    assert named == set(re.findall(r"(?<![\w-])--[a-z-]+", tables)) - {"--schema"}


def test_many_retries():
    """However many attempts there may be, one that works is enough."""
    assert run("--retries", "9999", "true", "--", "echo", "CMD").stdout == b"CMD\n"
