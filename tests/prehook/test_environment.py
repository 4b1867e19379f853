import os
import re
import subprocess
import sys

import pytest
from sessions import NAMESPACE, PREHOOK, needs_namespace, run

SHOW = ["cat", "/proc/self/environ"]


def block(environment):
    return b"".join(name + b"=" + value + b"\0" for name, value in environment.items())


ENVIRONMENTS = [
    {},
    {b"A": b"1", b"spring.datasource.url": b"x", b"with-dash": b"y", b"%": b"z", b"0": b"n"},
    {b"LINES": b"a\nb=c\nd", b"EMPTY": b"", b"BYTES": b"\xff\xfe\x01", b"EQUALS": b"=a=b="},
    {b"PWD": b"/elsewhere", b"OLDPWD": b"x", b"SHLVL": b"7", b"_": b"under", b"IFS": b"x"},
    {b"LC_ALL": b"C"},
    {b"LC_CTYPE": b"POSIX", b"LANG": b"xx_YY.Z"},
    {b"self": b"1", b"stat": b"2", b"site": b"3", b"python": b"4", b"r": b"5", b"n": b"6"},
    {b"BIG": b"x" * 131000, b"BIG2": b"y" * 100000},
]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("shell", [[], ["bash"], ["bash", "--posix"]], ids=str)
def test_environment_is_byte_exact(environment, shell):
    """Hooks and CMD have the environment that prehook was given: no sh, no Python shows in it.

    A hook has PREHOOK_ENV besides.
    """
    result = subprocess.run(
        [*shell, PREHOOK, "/bin/cat /proc/self/environ", "--", "/bin/cat", "/proc/self/environ"],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert re.sub(rb"PREHOOK_ENV=/proc/\d+/fd/\d+\0", b"", result.stdout) == block(environment) * 2


def test_python_variables_pass_and_do_no_harm(tmp_path):
    """The application's PYTHON* variables would break our interpreter; CMD still gets them."""
    (tmp_path / "site.py").write_text("raise SystemExit('site of the application')")
    (tmp_path / "prehook.py").write_text("raise SystemExit('shadowed')")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONHOME": "/nosuch",
        "PYTHONPATH": str(tmp_path),
        "PYTHONSTARTUP": str(tmp_path / "site.py"),
        "PYTHONOPTIMIZE": "2",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "warn",
        "PYTHONINSPECT": "1",
    }
    result = run("-q", "true", "--", *SHOW, env=environment, cwd=tmp_path)
    assert result.stderr == b""
    assert result.stdout == block({os.fsencode(n): os.fsencode(v) for n, v in environment.items()})


@pytest.mark.root
@needs_namespace
def test_without_proc():
    """Where /proc is missing a start works, with what sh has left of the environment."""
    script = f"umount -l /proc && exec {PREHOOK} -q 'echo hook' -- sh -c 'echo $A'"
    result = subprocess.run(
        [*NAMESPACE, "--mount", "sh", "-c", script],
        env={**os.environ, "A": "1"},
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"hook\n1\n", b"")


@pytest.mark.root
@needs_namespace
def test_read_only_root_without_home_or_user():
    """A random user without passwd entry and HOME, on a read-only root: nothing is needed."""
    script = (
        "mount --make-rprivate / && mount -o remount,bind,ro / && "
        f"exec setpriv --reuid 64321 --regid 64321 --clear-groups {PREHOOK} -q 'id -u' -- id -u"
    )
    result = subprocess.run(
        [*NAMESPACE, "--mount", "sh", "-c", script],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    if b"no Python interpreter" in result.stderr or b"ermission denied" in result.stderr:
        pytest.skip(f"{sys.executable} is out of reach for another user")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"64321\n" * 2, b"")


@pytest.mark.root
@needs_namespace
def test_no_stranger_is_taken_for_us():
    """Where /proc is of another PID namespace, who has our number there is not read."""
    stranger = subprocess.Popen(["sleep", "60"], env={"STRANGER": "1"})
    try:
        script = (
            f"echo {stranger.pid - 1} > /proc/sys/kernel/ns_last_pid; exec {PREHOOK} true -- env"
        )
        result = subprocess.run(
            ["unshare", "--pid", "--fork", "--kill-child", "sh", "-c", script],
            capture_output=True,
            check=True,
            env={"PATH": os.environ["PATH"], "OURS": "1"},
        )
    finally:
        stranger.kill()
        stranger.wait()
    assert b"STRANGER" not in result.stdout
    assert b"OURS=1\n" in result.stdout


def test_variable_without_a_name():
    """An entry that no program could name is left out, and the start works."""
    program = (
        "import ctypes, sys; argv = [one.encode() for one in sys.argv[1:]]\n"
        "array = lambda items: (ctypes.c_char_p * (len(items) + 1))(*items)\n"
        "ctypes.CDLL(None).execve(argv[0], array(argv), array([b'=x', b'A=1', b'PATH=/bin']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, PREHOOK, "-q", "true", "--", "/usr/bin/env"],
        capture_output=True,
        check=True,
    )
    assert b"A=1\n" in result.stdout
