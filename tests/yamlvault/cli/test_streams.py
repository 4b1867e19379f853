"""Standard streams that are closed, names that are no text, a person at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

WRONG_BYTES = os.fsdecode(b"\xff")


def shell(session, script, **settings):
    """Run a script in which `$0` is yamlvault."""
    return subprocess.run(
        ["bash", "-c", script, session.program],
        cwd=session.folder,
        env=session.environment | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('"$0" decrypt secrets.yml >&-', "standard output: can't be written: Bad file"),
        ('"$0" --version >&-', "standard output: can't be written: Bad file"),
        ('"$0" get - <&-', "standard input: can't be read: Bad file"),
    ],
)
def test_closed_stream(encrypted, script, says):
    """A closed stream that is needed is an error, as anywhere."""
    done = shell(encrypted, script)
    assert done.returncode == 1
    assert done.stderr.startswith(f"yamlvault: {says}")
    assert done.stderr.count("\n") == 1


def test_closed_stderr_keeps_messages_out_of_the_data(encrypted):
    """Messages for a closed standard error don't go anywhere else."""
    done = shell(encrypted, '"$0" get missing.yml 2>&-')
    assert (done.returncode, done.stdout) == (1, "")
    done = shell(encrypted, '"$0" get secrets.yml "$.default.port" 2>&-')
    assert (done.returncode, done.stdout) == (0, "5432\n")
    encrypted.file.write_text(encrypted.file.read_text() + "new: {t: x}\n")
    done = shell(encrypted, '"$0" encrypt secrets.yml 2>&-')
    assert done.returncode == 0
    assert encrypted.ok("get", "secrets.yml", "$.new.t") == "x\n"


def test_help_in_any_encoding(session):
    """A terminal without the characters of a help text shows others."""
    assert "age:age1\\u2026" in session.ok("encrypt", "-h", env={"PYTHONIOENCODING": "ascii"})


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", WRONG_BYTES, "é "])
def test_any_file_name(ready, name):
    """A file may have any name, and what is said of it stays a line that the terminal shows."""
    name += ".secrets.yml"
    ready.file.rename(ready.folder / name)
    done = ready.run("encrypt", name)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
    assert "4 sealed" in ready.ok("keys", name)


@pytest.mark.parametrize(
    "environment", [{"YAMLVAULT_AGE_KEY": "x\udcff"}, {"YAMLVAULT_PASSPHRASE": "x\udcff"}]
)
def test_environment_that_is_no_text(ready, environment):
    """Keys and passphrases are text."""
    ready.ok("encrypt", "--kek", ready.ok("keys").strip(), "--kek", "passphrase:", "secrets.yml",
             env={"YAMLVAULT_PASSPHRASE": "x"})  # fmt: skip
    error = ready.refused("decrypt", "secrets.yml", env={"YAMLVAULT_AGE_KEY": "#"} | environment)
    assert "not an identity" in error or "not UTF-8" in error


def test_kek_that_is_no_text(session):
    """A recipient is text."""
    assert "not an age recipient" in session.refused(
        "encrypt", "--kek", "age:\udcff", "secrets.yml"
    )


def type_at_prompt(session, typed, *words):
    """Run yamlvault at a terminal; return its status and what the terminal shows.

    Each item of `typed` is sent when a prompt stands there.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(session.folder)
        os.execve(session.program, [session.program, *words], session.environment)
    shown = b""
    left = list(typed)
    while True:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # EIO: the other end is closed
            break
        if left and shown.endswith((b"Passphrase: ", b"Again: ")):
            os.write(terminal, left.pop(0))
    os.close(terminal)
    assert left == []
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_passphrase_at_a_terminal(session):
    """A new passphrase is typed twice, one that opens once; neither is shown."""
    words = ("encrypt", "--kek", "passphrase:", "secrets.yml")
    before = session.file.read_text()
    status, shown = type_at_prompt(session, [b"marker\n", b"other\n"], *words)
    assert (status, "the two passphrases differ" in shown) == (1, True)
    assert session.file.read_text() == before
    status, shown = type_at_prompt(session, [b"marker\n", b"marker\n"], *words)
    assert status == 0, shown
    assert "marker" not in shown
    status, shown = type_at_prompt(session, [b"marker\n"], "get", "secrets.yml", "$.default.port")
    assert (status, shown.endswith("\r\n5432\r\n")) == (0, True)
    status, shown = type_at_prompt(session, [b"wrong-marker\n"], "get", "secrets.yml")
    assert status == 1
    assert "(passphrase: the passphrase is wrong, or the stanza is damaged)" in shown
    assert "hint: run it again, and type the one that the file was encrypted with" in shown
    assert "YAMLVAULT_PASSPHRASE" not in shown


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        (b"\x04", 1, "nothing was typed"),
        (b"\n", 1, "the passphrase is empty"),
        (b"\xff\n", 1, "what was typed is not UTF-8"),
        (b"\x03", 130, ""),
    ],
    ids=["end of file", "empty", "not text", "interrupt"],
)
def test_no_passphrase_at_a_terminal(session, typed, status, says):
    """Who types none gets one error, and the file as it was."""
    before = session.files()
    words = ("encrypt", "--kek", "passphrase:", "secrets.yml")
    done, shown = type_at_prompt(session, [typed], *words)
    assert done == status, shown
    assert says in shown
    assert "Again" not in shown
    assert "YAMLVAULT_PASSPHRASE" not in shown
    assert "internal error" not in shown
    assert session.files() == before


def test_what_standard_input_is_called(ready):
    """Encrypted from standard input, it has one name in messages, also where no rule is for it."""
    done = ready.run("encrypt", "-", "--kek", ready.ok("keys").strip(), input="a: marker\n")
    assert done.stderr.startswith("standard input: 1 scalar sealed")
    error = ready.refused("encrypt", "-", status=2, input="a: marker\n")
    assert error.count("standard input") == 1
    assert "standard input: it has no name that a rule could be for" in error


def test_nothing_is_typed_in_vain(ready):
    """On a terminal `encrypt -` without KEKs refuses before anything is read."""
    outer, inner = os.openpty()
    with open(outer, "rb"), open(inner, "rb") as terminal:  # nothing is ever typed
        assert "name --kek URI" in ready.refused("encrypt", "-", status=2, stdin=terminal)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["--version", "--help", "encrypt --help", "help encrypt"])
def test_a_full_disk_behind_standard_output(session, words, unbuffered):
    """What can't be printed is an error, for help and the version, too, as in containers."""
    done = shell(session, f'"$0" {words} >/dev/full', PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert done.stderr == "yamlvault: standard output: can't be written: No space left on device\n"
