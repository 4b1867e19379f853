import pytest
from sessions import PREHOOK, run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no -- in front of CMD"),
        (["true"], "no -- in front of CMD"),
        (["--", "true"], "no HOOK in front of --"),
        (["true", "--"], "no CMD after --"),
        (["--nosuch=hunter2", "--", "true"], "unknown option --nosuch"),
        (["python", "-m", "x", "--", "true"], "the option -m stands behind a hook"),
        (["true", "--", "prehook", "--", "true"], "no HOOK in front of --"),
        (["true", "--", "prehook", "true", "--"], "no CMD after --"),
        (["true", "--", "prehook", "a | b", "--", "true"], 'hook 2 has an unquoted "|"'),
    ],
)
def test_wrong_usage(arguments, message, tmp_path):
    """Wrong usage anywhere in a chain is found before any hook runs: 125 and a hint."""
    marker = tmp_path / "ran"
    first = [argument.replace("true", f"touch {marker}") for argument in arguments[:1]]
    result = run(*first, *arguments[1:])
    errors = result.stderr.decode()
    assert result.returncode == 125
    assert errors.startswith(f"prehook: {message}")
    assert errors.count("\nhint: ") == 1
    assert "hunter2" not in errors
    assert not marker.exists()


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option):
    """Help goes to stdout and names every exit status of ours."""
    result = run(option)
    assert result.returncode == 0
    assert result.stdout.startswith(b"usage: prehook ")
    assert all(status in result.stdout for status in (b"125", b"126", b"127", b"128"))


def test_version():
    """The version is that of the distribution."""
    from importlib.metadata import version

    assert run("--version").stdout.decode() == f"prehook {version('prehook-toolkit')}\n"


def test_chain_that_asks_for_help_runs_first():
    """`prehook A -- prehook --version` is no chain: A runs, then that command."""
    result = run("echo a", "--", PREHOOK, "--version")
    assert result.stdout.decode().splitlines()[0] == "a"
    assert result.stdout.decode().splitlines()[1].startswith("prehook ")


def test_command_keeps_its_own_separator():
    """Only the first -- is ours."""
    assert run("true", "--", "echo", "--", "-x", "prehook").stdout == b"-- -x prehook\n"
