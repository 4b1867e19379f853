import os
import re
import subprocess
import sys

import pytest
from sessions import PREHOOK, needs_namespace, run

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to have rights to lose")


def write(text):
    """Return the arguments of a prehook whose hook appends a text to the file of PREHOOK_ENV."""
    return ["--shell", f"printf '%b' '{text}' >> \"$PREHOOK_ENV\"", "--"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\\n", {"A": "1"}),
        ("A=1", {"A": "1"}),
        ("A=1\\n\\nB=2\\n", {"A": "1", "B": "2"}),
        ("A=", {"A": ""}),
        ('A="x y" # z', {"A": '"x y" # z'}),
        ("A=x<<y", {"A": "x<<y"}),
        ("A=b=c", {"A": "b=c"}),
        ("A=1\\nA=2\\n", {"A": "2"}),
        ("A<<EOF\\none\\n\\n two=2\\nEOF\\nB=2", {"A": "one\n\n two=2", "B": "2"}),
        ("A<<EOF\\nEOF\\n", {"A": ""}),
        ("A<<x=y\\nz\\nx=y\\n", {"A": "z"}),
        ("spring.url=x", {"spring.url": "x"}),
        ("A=a\\rb", {"A": "a\rb"}),
        ("OLD=new", {"OLD": "new"}),
    ],
)
def test_variables_are_handed_on(text, expected):
    """Later hooks and CMD see what a hook has written, and CMD has no PREHOOK_ENV."""
    show = f"{sys.executable} -I -S -c 'import posix; print(sorted(posix.environ.items()))'"
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import posix; print(sorted(posix.environ.items()))",
    ]
    result = run(*write(text), "prehook", show, "--", *command, env={"PATH": "/bin", "OLD": "old"})
    assert result.returncode == 0, result.stderr
    of_hook, of_command = (dict(eval(line)) for line in result.stdout.splitlines())
    assert re.fullmatch(rb"/proc/\d+/fd/\d+", of_hook.pop(b"PREHOOK_ENV"))
    wanted = {"PATH": "/bin", "OLD": "old", **expected}
    for found in (of_hook, of_command):
        found.pop(b"LC_CTYPE", None)  # of the Python that shows them
        assert found == {os.fsencode(name): os.fsencode(value) for name, value in wanted.items()}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("hunter2", 1, "no NAME=value"),
        ("A=1\\nexport B=hunter2", 2, "no NAME=value"),
        ("=hunter2", 1, "no NAME=value"),
        (" A=hunter2", 1, "no NAME=value"),
        ("A<<EOF\\nhunter2", 1, "the line that ends this value is missing"),
        ("A=1\\nB<<\\nhunter2\\n", 2, "the line that ends this value is missing"),
        ("A=hunter2\\0000", 1, "a null byte"),
    ],
)
def test_malformed_lines(text, line, problem):
    """A line that is none is an error that names hook and line, and quotes nothing of it."""
    result = run("--name", "setup", *write(text), "echo", "never")
    assert (result.returncode, result.stdout) == (125, b"")
    assert f"prehook: setup: line {line} of PREHOOK_ENV: {problem}" in result.stderr.decode()
    assert b"hunter2" not in result.stderr


def test_failed_attempt_hands_nothing_on(tmp_path):
    """What an attempt has written that failed is gone, of a retried hook as of an optional one."""
    flag = tmp_path / "flag"
    text = f"echo N=$(ls {flag} 2>&1 | wc -c) >> $PREHOOK_ENV; echo A$$=1 >> $PREHOOK_ENV; "
    text += f"[ -e {flag} ] || {{ touch {flag}; exit 1; }}"
    options = ["--retries", "1", "--backoff", "1ms", "--shell", text, "--", "prehook"]
    result = run(*options, "--optional", "--shell", "echo B=1 >> $PREHOOK_ENV; exit 1", "--", "env")
    names = [line.partition(b"=")[0] for line in result.stdout.splitlines()]
    assert len([name for name in names if re.fullmatch(rb"A\d+", name)]) == 1
    assert b"B" not in names


def test_what_a_hook_starts_can_write(tmp_path):
    """A process that has inherited no descriptor writes by the same name."""
    program = (
        "import subprocess; subprocess.run(['sh', '-c', 'echo A=1 >> $PREHOOK_ENV'], check=True)"
    )
    result = run(f'{sys.executable} -c "{program}"', "--", "sh", "-c", "echo $A")
    assert result.stdout == b"1\n"


def test_path_that_a_hook_sets_counts(script, tmp_path):
    """Later hooks and CMD are looked for in the PATH that was handed on."""
    script("own-program", "#!/bin/sh\necho found $0\n")
    result = run(
        *write(f"PATH={tmp_path}:/usr/bin:/bin"), "prehook", "own-program", "--", "own-program"
    )
    assert result.stdout.decode().split() == ["found", f"{tmp_path}/own-program"] * 2


def test_prehook_within_a_hook():
    """A prehook that a hook runs hands on within itself, and its CMD writes to the outer one."""
    inner = (
        f"{PREHOOK} -q --shell 'echo IN=1 >> $PREHOOK_ENV' -- sh -c 'echo OUT=$IN >> $PREHOOK_ENV'"
    )
    result = run(inner, "--", "sh", "-c", "echo $OUT-$IN-$PREHOOK_ENV")
    assert result.stdout == b"1--\n"


def test_long_value_is_named_when_it_fails():
    """A variable that exec refuses is named, not shown: 126."""
    big = "import os; open(os.environ['PREHOOK_ENV'], 'a').write('BIG=' + 'x' * 140000)"
    result = run("-q", f'{sys.executable} -c "{big}"', "--", "true")
    assert result.returncode == 126
    assert b'the environment variable "BIG" has 140000 bytes' in result.stderr
    assert len(result.stderr) < 1000


PLAN_OF_USERS = """
steps:
  - {run: {command: 'echo PATH=/evil:$PATH >> "$PREHOOK_ENV"', shell: true, user: nobody}}
  - {run: {command: 'echo root $PATH', shell: true}}
  - {run: {command: 'echo nobody $PATH', shell: true, user: nobody}}
"""


@pytest.mark.root
@needs_root
@pytest.mark.parametrize(("user", "command_has_it"), [((), False), (("--user", "nobody"), True)])
def test_hook_of_another_user_decides_nothing_with_more_rights(tmp_path, user, command_has_it):
    """What it hands on reaches hooks and a CMD of its own user, and nobody else: it can be PATH."""
    (tmp_path / "plan.yml").write_text(PLAN_OF_USERS)
    command = ["sh", "-c", "echo CMD $PATH"]
    result = run(*user, "-f", "plan.yml", "--", *command, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = dict(line.split(" ", 1) for line in result.stdout.decode().splitlines())
    assert {name: "/evil" in path for name, path in lines.items()} == {
        "root": False,
        "nobody": True,
        "CMD": command_has_it,
    }


LATE = """\
exec 5>>$PREHOOK_ENV
touch open
(until [ -e second ]; do :; done; echo LATE=1 >&5; touch written) >&- 2>&- &
exit 1
"""


def test_leftover_of_an_earlier_attempt_writes_to_nobody(tmp_path):
    """Each attempt has a file of its own: who still has the old one open hands nothing on."""
    (tmp_path / "late").write_text(LATE)
    hook = (
        "[ -e first ] || { touch first; setsid sh late & until [ -e open ]; do :; done; exit 1; }; "
        "touch second; until [ -e written ]; do :; done"
    )
    options = ["--retries", "1", "--backoff", "1ms", "--timeout", "15s", "--shell", hook]
    result = run(*options, "--", "env", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert b"LATE" not in result.stdout


def test_far_too_much_is_refused():
    """What no environment could hold is not read."""
    hook = "head -c 2000000 /dev/zero | tr '\\0' x >> $PREHOOK_ENV"
    result = run("--name", "big", "--shell", hook, "--", "true")
    assert result.returncode == 125
    assert b"big: 2000000 bytes were written to PREHOOK_ENV, more than 1048576" in result.stderr


def test_closed_stderr_is_not_the_file():
    """Where stderr is closed, no line of ours gets among the variables."""
    script = f"exec {PREHOOK} -v --shell 'echo A=1 >> $PREHOOK_ENV' true -- sh -c 'echo A=$A' 2>&-"
    result = subprocess.run(["sh", "-c", script], capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (0, b"A=1\n")


@pytest.mark.root
@needs_namespace
def test_proc_of_another_namespace():
    """Where /proc counts processes otherwise, the file is handed on by its descriptor."""
    script = ["unshare", "--pid", "--fork", "--kill-child", PREHOOK]
    hook = ["--shell", 'echo A=1 >> "$PREHOOK_ENV"', "--", "sh", "-c", "echo A=$A"]
    result = subprocess.run([*script, *hook], capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (0, b"A=1\n")
