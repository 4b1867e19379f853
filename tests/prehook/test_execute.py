import errno
import os
import re
import subprocess
import sys

import pytest
from sessions import PREHOOK, run

SHOW_ARGV = "import sys; sys.stdout.buffer.write(open('/proc/self/cmdline','rb').read())"

CASES = [
    *("missing", "not-in-path", "empty", "interpreter", "crlf", "not-executable"),
    *("directory", "no-shebang", "empty-file", "elf", "below-a-file", "loop"),
]


def cases(script, tmp_path):
    """What cannot be run: path, exit status and what the message says (research, table E7)."""
    return {
        "missing": ("/nosuch/program", 127, "no such file"),
        "not-in-path": ("nosuch-program", 127, "not found in PATH"),
        "empty": ("", 127, "not found in PATH"),
        "interpreter": (script("a", "#!/nosuch/sh\n"), 127, 'interpreter "/nosuch/sh" is missing'),
        "crlf": (script("b", "#!/bin/sh\r\ntrue\r\n"), 127, "CRLF"),
        "not-executable": (script("c", "#!/bin/sh\n", 0o644), 126, "not executable"),
        "directory": (str(tmp_path), 126, "it is a directory"),
        "no-shebang": (script("d", "echo x\n"), 126, "no #! line"),
        "empty-file": (script("e", ""), 126, "empty"),
        "elf": (script("f", b"\x7fELF" + bytes(60)), 126, "another architecture"),
        "below-a-file": (script("g", "#!/bin/sh\n") + "/x", 126, "Not a directory"),
        "loop": (loop(tmp_path), 126, "symbolic links"),
    }


def loop(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    return str(tmp_path / "loop")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("where", ["hook", "command"])
def test_status_by_errno(script, tmp_path, case, where):
    """127 is what is not there, 126 all else, for a hook as for CMD, and the message says why."""
    path, status, message = cases(script, tmp_path)[case]
    if where == "command":
        result = run("-q", "true", "--", path, "arg")
    else:
        result = run(f"'{path}' arg", "--", "echo", "never")
    errors = result.stderr.decode()
    assert (result.returncode, result.stdout) == (status, b"")
    assert message in errors
    assert "Traceback" not in errors
    where = "hook 1: " if where == "hook" else ""
    assert re.match(rf"prehook: {where}.*can.t run ", errors)


def test_too_long_variable_is_named():
    """The message names the variable that is too long, never its value."""
    from prehook.exec_failure import explain

    # A variable of that length can't reach prehook either; a hook will be able to hand one on
    environment = {b"A": b"x", b"BIG": b"hunter2" * 20000}
    error = explain(["cmd"], b"/cmd", OSError(errno.E2BIG, ""), environment)
    assert error.exit_status == 126
    assert '"BIG" has 140000 bytes' in error.message
    assert "hunter2" not in error.message


def test_argv_is_byte_exact():
    """CMD's arguments pass through, whatever their bytes and the locale."""
    arguments = [bytes(range(1, 256)), b"", b"a b", b"$HOME", b"\xff\xfe", "\u2028é".encode(), b"*"]
    command = [sys.executable, "-I", "-S", "-c", SHOW_ARGV, *arguments]
    expected = b"".join(os.fsencode(argument) + b"\0" for argument in command)
    for locale in ({}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "ja_JP.eucJP"}):
        assert run("true", "--", *command, env={"PATH": os.environ["PATH"], **locale}).stdout == (
            expected
        )


def test_hook_words_are_byte_exact():
    """A hook's bytes are passed on too."""
    hook = b"printf %s '\xff\xfe \xc3\xa9'"
    assert run(hook, "--", "true").stdout == b"\xff\xfe \xc3\xa9"


def test_path_search_as_execvp(script, tmp_path):
    """The search goes on behind a file that must not be run, and an empty entry is here."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    script("one/tool", "#!/bin/sh\necho one\n", 0o644)
    script("two/tool", "#!/bin/sh\necho two\n")
    path = f"{tmp_path}/one:{tmp_path}/two:/usr/bin:/bin"
    assert run("true", "--", "tool", env={"PATH": path}).stdout == b"two\n"
    path = ":/usr/bin:/bin"
    assert run("true", "--", "tool", env={"PATH": path}, cwd=tmp_path / "two").stdout == b"two\n"


def test_works_without_path():
    """Without PATH the default of execvp(3) counts."""
    assert run("true", "--", "echo", "x", env={}).stdout == b"x\n"


def test_control_characters_do_not_reach_the_log():
    """A name is shown on one line."""
    errors = run("-q", "true", "--", "a\nb\x1b[31m").stderr.decode()
    assert "\x1b" not in errors
    assert r'"a\nb\x1b[31m"' in errors


def test_umask_is_untouched():
    """The umask is CMD's own affair."""
    command = ["sh", "-c", 'umask 027; exec "$0" "$@"', PREHOOK, "sh -c umask", "--"]
    result = subprocess.run([*command, "sh", "-c", "umask"], capture_output=True, check=True)
    assert result.stdout.split() == [b"0027", b"0027"]
