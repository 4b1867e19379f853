"""`yamlvault exec`: the command takes the place of yamlvault, with a section in its environment."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys

import pytest

SECTION = "$.production"
FILE = ("secrets.yml", SECTION)
PEM = "-----BEGIN X-----\nmarker\n-----END X-----\n"


def environment_of(printed: str) -> dict[str, str]:
    """Return what `env -0` has printed."""
    return dict(entry.split("=", 1) for entry in printed.split("\0") if entry)


def test_the_environment(encrypted):
    """The command has what yamlvault had, and the variables of the section."""
    given = {"PLAIN": "x y\n", "HOST": "other"}
    found = environment_of(encrypted.ok("exec", *FILE, "--", "env", "-0", env=given))
    assert found == encrypted.environment | {
        "PLAIN": "x y\n",
        "HOST": "db.internal",
        "PORT": "5432",
        "PASSWORD": "s3cr\tet-marker",
        "PEM": PEM,
    }


def test_the_options_for_names(encrypted):
    """Names are made as for `env`."""
    words = ["--only", "x_*", "--prefix", "x_", "--separator", "__", "--keep-case", "secrets.yml"]
    found = environment_of(encrypted.ok("exec", *words, "--", "env", "-0"))
    names = {"x_default__host", "x_default__port", "x_production__host", "x_production__pem"}
    assert names < found.keys()


def test_no_override(encrypted):
    """With --no-override what the environment has stays, though it is empty."""
    given = {"HOST": "", "PORT": "1"}
    words = ["exec", "--no-override", *FILE, "--", "env", "-0"]
    found = environment_of(encrypted.ok(*words, env=given))
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("", "1", "s3cr\tet-marker")


def test_pristine(encrypted):
    """With --pristine nothing of an application is handed on."""
    given = {"PLAIN": "x", "LC_ALL": "C.UTF-8", "AWS_SECRET_ACCESS_KEY": "y", "TERM": "dumb"}
    words = ["exec", "--pristine", "--only", "PORT", *FILE, "--", "env", "-0"]
    found = environment_of(encrypted.ok(*words, env=given))
    assert found.keys() == {"HOME", "PATH", "LC_ALL", "TERM", "PORT"}


def test_what_opens_the_file_is_not_handed_on(encrypted):
    """The command gets the section, and neither identity nor passphrase unless it is told so."""
    identity = (encrypted.home / ".config/yamlvault/identity.txt").read_text()
    given = {"YAMLVAULT_AGE_KEY": identity, "YAMLVAULT_PASSPHRASE": "p", "YAMLVAULT_TIMEOUT": "9"}
    given["YAMLVAULT_PASSPHRASE_FD"] = "9"
    words = [*FILE, "--", "env", "-0"]
    found = environment_of(encrypted.ok("exec", *words, env=given))
    assert [name for name in found if name.startswith("YAMLVAULT")] == ["YAMLVAULT_TIMEOUT"]
    found = environment_of(encrypted.ok("exec", "--keep-identity", *words, env=given))
    assert found.items() >= given.items()


@pytest.mark.parametrize("locale", [{}, {b"LC_ALL": b"C"}, {b"LANG": b"C.UTF-8"}])
def test_bytes(encrypted, locale):
    """Arguments and variables of any bytes pass unchanged, and no locale is added."""
    raw = bytes(range(1, 256))
    environment = {name.encode(): value.encode() for name, value in encrypted.environment.items()}
    given = environment | locale | {b"RAW": raw, b"a.b": b"\xff"}
    words = ["exec", "--only", "PORT", *FILE, "--"]
    for command, expected in (
        (["printf", "%s", raw], raw),
        (["sh", "-c", 'printf %s "$RAW"'], raw),
    ):
        done = subprocess.run(
            [encrypted.program, *words, *command],
            cwd=encrypted.folder,
            env=given,
            capture_output=True,
            check=True,
        )
        assert done.stdout == expected
    done = subprocess.run(
        [encrypted.program, *words, "env", "-0"],
        cwd=encrypted.folder,
        env=given,
        capture_output=True,
        check=True,
    )
    assert set(done.stdout.split(b"\0")) == {
        *(name + b"=" + value for name, value in (given | {b"PORT": b"5432"}).items()),
        b"",
    }


@pytest.mark.parametrize(
    "words", [["--", "--"], ["-x", "--only", "a"], ["", " "], ["a", "--help", "-v"]]
)
def test_what_stands_behind_the_dashes_is_the_command(encrypted, words):
    """No word behind the first `--` is taken for yamlvault."""
    printed = encrypted.ok("exec", *FILE, "--", "printf", r"%s\0", "x", *words)
    assert printed.split("\0")[1:-1] == words


def test_it_becomes_the_command(encrypted):
    """The command has the process id of yamlvault, and is all that runs."""
    child = subprocess.Popen(
        [encrypted.program, "exec", *FILE, "--", "sh", "-c", "echo $$ $PPID; exec cat"],
        cwd=encrypted.folder,
        env=encrypted.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    printed, _ = child.communicate(b"through\n", timeout=60)
    first, rest = printed.split(b"\n", 1)
    assert first.split() == [str(child.pid).encode(), str(os.getpid()).encode()]
    assert rest == b"through\n"
    assert child.returncode == 0


def test_the_status_is_that_of_the_command(encrypted):
    """What the command ends with, a signal as well, is what the caller sees."""
    assert encrypted.run("exec", *FILE, "--", "sh", "-c", "exit 42").returncode == 42
    killed = encrypted.run("exec", *FILE, "--", "sh", "-c", "kill -TERM $$")
    assert killed.returncode == -signal.SIGTERM


STATE = "cat /proc/self/status; ls -l /proc/self/fd; cat /proc/self/limits"


def _state(printed: str) -> dict[str, object]:
    """Return dispositions, mask, descriptors and limits of `cat`, but for what `ls` has open."""
    lines = printed.splitlines()
    signals = [line for line in lines if line.startswith("Sig") and "SigQ" not in line]
    descriptors = [line.split()[8] for line in lines if " -> " in line and "/proc/" not in line]
    limits = [line for line in lines if line.startswith("Max")]
    return {"signals": signals, "descriptors": descriptors, "limits": limits}


def _blocked() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("prepare", [None, _blocked])
@pytest.mark.parametrize("limit", [0, 4096])
def test_the_command_finds_all_as_yamlvault_found_it(encrypted, prepare, limit):
    """Dispositions, mask, descriptors and limits are those of a command without yamlvault."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard != resource.RLIM_INFINITY and limit > hard:
        pytest.skip("core files are switched off for all that runs here")

    def start() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (limit, hard))
        if prepare is not None:
            prepare()

    reader, writer = os.pipe()
    states = []
    for head in ([], [encrypted.program, "exec", *FILE, "--"]):
        done = subprocess.run(
            [*head, "sh", "-c", STATE],
            cwd=encrypted.folder,
            env=encrypted.environment,
            capture_output=True,
            text=True,
            preexec_fn=start,
            pass_fds=(reader,),
            stdin=subprocess.DEVNULL,
            check=True,
        )
        states.append(_state(done.stdout))
    os.close(reader)
    os.close(writer)
    assert str(reader) in states[0]["descriptors"]
    assert states[0] == states[1]
    if limit:
        assert any("core" in line and "4096" in line for line in states[1]["limits"])


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_closed_streams_stay_closed(encrypted, closed):
    """A standard stream that was closed is closed for the command, and no other file."""
    script = f"test -e /proc/self/fd/{closed} && exit 3; exit 0"
    line = f"exec {closed}>&-; exec {encrypted.program} exec secrets.yml -- sh -c '{script}'"
    done = subprocess.run(
        ["sh", "-c", line], cwd=encrypted.folder, env=encrypted.environment, check=False
    )
    assert done.returncode == 0


def test_a_pipe_that_closes(encrypted):
    """The command ends silently when its reader goes away: SIGPIPE has its default again."""
    line = f"{encrypted.program} exec secrets.yml -- sh -c 'yes; echo $? >&2' | head -n 1"
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=encrypted.folder,
        env=encrypted.environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"y\n"
    assert done.stderr in (b"", b"141\n")


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        (["no-such-program"], 127, "can't run no-such-program: not found"),
        (["./missing"], 127, "can't run ./missing: not found"),
        (["echo hello"], 127, "one word with a space in it"),
        ([""], 127, "an empty name"),
        (["."], 126, "it is a directory"),
        (["./secrets.yml"], 126, "permission denied"),
        (["./bare"], 126, "no program of this machine"),
        (["./lost"], 127, "what it is run by is missing"),
    ],
)
def test_commands_that_can_not_be_run(encrypted, command, status, says):
    """The status is that of a shell, and the message says why."""
    for name, text in (("bare", "\x01\x02"), ("lost", "#!/no/such/interpreter\n")):
        file = encrypted.folder / name
        file.write_text(text)
        file.chmod(0o755)
    assert says in encrypted.refused("exec", *FILE, "--", *command, status=status)


def test_a_value_that_is_too_long(ready):
    """A value beyond what the kernel takes is named, with its size, and not shown."""
    ready.file.write_text(f"short: v\nlong: {'marker' * 25_000}\n")
    ready.ok("encrypt", "secrets.yml")
    error = ready.refused("exec", "secrets.yml", "--", "true", status=126)
    assert "the variable LONG has 150000 bytes" in error
    assert ready.ok("exec", "--only", "SHORT", "secrets.yml", "--", "sh", "-c", "echo $SHORT") == (
        "v\n"
    )


def test_values_that_are_too_long_together(ready):
    """Where no single value is too long, all of them are named as the reason."""
    ready.file.write_text("".join(f"a{number}: {'marker' * 20_000}\n" for number in range(60)))
    ready.ok("encrypt", "secrets.yml")
    error = ready.refused("exec", "secrets.yml", "--", "true", status=126)
    assert "too large together" in error


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["secrets.yml"], 2, "there is no command"),
        (["secrets.yml", SECTION, "--"], 2, "there is no command"),
        (["secrets.yml", "true"], 2, "there is no command"),
        (["secrets.yml", SECTION, "true"], 2, "there is no command"),
        (["secrets.yml", SECTION, "b", "--", "true"], 2, "unrecognized arguments: b"),
        (["secrets.yml", SECTION, "b", "--", "true"], 2, "hint: the command and its arguments"),
        (["secrets.yml", SECTION, "true", "-x"], 2, "hint: it stands behind `--`: yamlvault exec"),
        (["secrets.yml", "--separator", "-", "--", "true"], 2, "make a name, not '-'"),
        (["secrets.yml", "--prefix", "1", "--", "true"], 2, "no name starts with '1'"),
        (["secrets.yml", "--prefix", "é", "--", "true"], 2, "make a name, not"),
        (["--", "true"], 2, "FILE"),
        (["--olny", "A", "secrets.yml", "--", "true"], 2, "--olny"),
        (["secrets.yml", "$.production.host", "--", "echo", "ran"], 1, "is one value"),
        (["secrets.yml", "--only", "HOTS", "--", "echo", "ran"], 1, "no variable is called HOTS"),
        (["missing.yml", "--", "echo", "ran"], 1, "missing.yml: there is no such file"),
        ([".yamlvault.yml", "--", "echo", "ran"], 1, "not encrypted"),
    ],
)
def test_refusals(encrypted, words, status, says):
    """Where something is wrong the command does not run."""
    assert says in encrypted.refused("exec", *words, status=status)


def test_help(encrypted):
    """The help says where the command stands, and needs none."""
    for words in (["exec", "--help"], ["exec", "-h", "--", "x"]):
        text = encrypted.ok(*words)
        assert text.startswith("usage: yamlvault exec [OPTION…] FILE [PATH] -- COMMAND [ARGUMENT…]")


def test_no_identity(encrypted):
    """Without an identity nothing is run."""
    error = encrypted.refused("exec", *FILE, "--", "echo", "ran", env={"HOME": "/nonexistent"})
    assert "identity" in error


def test_a_file_that_was_changed(encrypted):
    """Where the file is not what its writer wrote, nothing is run."""
    encrypted.file.write_text(encrypted.file.read_text().replace("production:", "prod:"))
    assert "is not what was encrypted" in encrypted.refused(
        "exec", "secrets.yml", "$.prod", "--", "echo", "ran"
    )


def test_standard_input_is_the_commands(encrypted):
    """Nothing of standard input is read by yamlvault."""
    assert encrypted.ok("exec", *FILE, "--", "cat", input="all of it\n") == "all of it\n"


def test_nothing_of_python_stays(encrypted):
    """The process is the command's own: no interpreter, no library of yamlvault is mapped."""
    maps = encrypted.ok("exec", *FILE, "--", "cat", "/proc/self/maps")
    assert "python" not in maps
    command = encrypted.ok("exec", *FILE, "--", "cat", "/proc/self/cmdline")
    assert command == "cat\0/proc/self/cmdline\0"
    assert sys.executable not in maps
