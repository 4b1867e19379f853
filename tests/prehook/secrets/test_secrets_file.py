"""Secrets as a file: on a tmpfs, for the user that CMD runs as, gone with a failed start."""

import os
import signal
import stat
import subprocess
import sys

import pytest
from sessions import PREHOOK, eventually, needs_namespace

import yamlvault

MOUNTED = 'mount -t {kind} none "$0" && exec "$@"'


def plan(path, more="", steps=""):
    return (
        "steps:\n  - secrets:\n      file: secrets.yml\n      path: $.staging\n"
        f"      write: {{path: {path}{more}}}\n{steps}"
    )


def in_mount(place, kind, directory, text, *command):
    """Run prehook where a file system is mounted that nobody else sees."""
    directory.mkdir(exist_ok=True)
    place.plan(text)
    script = MOUNTED.format(kind=kind)
    prehook = [PREHOOK, "-q", "-f", "prehook.yml", "--", *command]
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(directory), *prehook],
        cwd=place.directory, env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_on_a_tmpfs(place, tmpfs):
    """The file holds the part, is read by its owner alone, and nothing else is left there."""
    target = tmpfs / "app.yml"
    assert place.ok(plan(target), "cat", str(target)) == ("database:\n  url: postgres://staging\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o400
    assert os.listdir(tmpfs) == ["app.yml"]


def test_short_form_and_json(place, tmpfs):
    """`write: PATH` is enough, and `format` counts for the file, too."""
    target = tmpfs / "app.json"
    text = (
        f"steps:\n  - secrets: {{file: secrets.yml, path: $.staging.database, format: json, "
        f"write: {target}}}\n"
    )
    place.ok(text)
    assert target.read_text() == '{\n  "url": "postgres://staging"\n}\n'


def test_next_start(place, tmpfs):
    """The file of the start before is replaced, whatever its mode."""
    target = tmpfs / "app.yml"
    target.write_text("old")
    target.chmod(0)
    place.ok(plan(target, ", mode: 0440"))
    assert stat.S_IMODE(target.stat().st_mode) == 0o440
    assert "staging" in target.read_text()


@pytest.mark.parametrize("mode", ["0600", "0444", "0500", "0"])
def test_other_modes(place, tmpfs, mode):
    """Nothing but reading by owner and group can be asked for."""
    error = place.refused(plan(tmpfs / "app.yml", f", mode: {mode}"))
    assert "a file with secrets is only read" in error


def test_on_a_disk(place):
    """A directory on a disk is refused, with what to do; nothing is written there."""
    before = sorted(os.listdir(place.directory))
    error = place.refused(plan("app.yml"))
    assert '"app.yml" is not written' in error
    assert "docker run --tmpfs" in error
    assert sorted(os.listdir(place.directory)) == sorted([*before, "prehook.yml"])


def test_a_link_to_a_disk(place, tmpfs):
    """A link on a tmpfs that leads to a disk is refused; one on a disk to a tmpfs is followed."""
    target = place.directory / "target.yml"
    (tmpfs / "link.yml").symlink_to(target)
    assert "is on no tmpfs" in place.refused(plan(tmpfs / "link.yml"))
    assert not target.exists()
    (tmpfs / "directory").symlink_to(place.directory)
    assert "is on no tmpfs" in place.refused(plan(tmpfs / "directory" / "target.yml"))
    assert not target.exists()
    target.symlink_to(tmpfs / "app.yml")
    place.ok(plan("target.yml"))
    assert target.is_symlink()
    assert "staging" in (tmpfs / "app.yml").read_text()


def test_missing_directory(place, tmpfs):
    """A directory that is not there is not made."""
    error = place.refused(plan(tmpfs / "none" / "app.yml"))
    assert "can't be written: No such file or directory" in error
    assert "mount a tmpfs" in error


def test_no_file(place, tmpfs):
    """What is no file is not replaced."""
    (tmpfs / "app").mkdir()
    assert "something else than a file is there" in place.refused(plan(tmpfs / "app"))


@pytest.mark.root
@needs_namespace
def test_owner(place, tmpfs):
    """The file belongs to the user that CMD runs as, who reads it."""
    target = tmpfs / "app.yml"
    script = f'cat {target}; stat -c "%u %g %a" {target}; id -u'
    options = ("--user", "12345:54321")
    found = place.ok(plan(target), "sh", "-c", script, options=options)
    assert found.splitlines()[-2:] == ["12345 54321 400", "12345"]
    assert "staging" in found


@pytest.mark.root
@needs_namespace
def test_file_systems(place, tmp_path):
    """What counts is what the kernel says of the very directory, not its name."""
    directory = tmp_path / "run"
    text = plan(directory / "app.yml")
    done = in_mount(place, "tmpfs", directory, text, "stat", "-fc", "%T", str(directory))
    assert (done.returncode, done.stdout) == (0, "tmpfs\n"), done.stderr
    assert os.listdir(directory) == []
    done = place.run(text)
    assert done.returncode == 125
    assert os.listdir(directory) == []


def test_a_later_step_fails(place, tmpfs):
    """With the start the file goes."""
    target = tmpfs / "app.yml"
    later = f"  - run: {{command: 'cat {target}; exit 7', shell: true}}\n"
    done = place.run(plan(target, steps=later), "echo", "CMD runs")
    assert done.returncode == 7
    assert done.stdout == "database:\n  url: postgres://staging\n"
    assert os.listdir(tmpfs) == []


def test_cmd_cannot_be_run(place, tmpfs):
    """It goes as well if CMD turns out not to be there, or the deadline passes between steps."""
    done = place.run(plan(tmpfs / "app.yml"), "./none")
    assert done.returncode == 127
    assert os.listdir(tmpfs) == []
    place.plan(plan(tmpfs / "app.yml", steps="  - run: sleep 60\n"))
    done = subprocess.run(
        [PREHOOK, "-f", "prehook.yml", "--deadline", "2", "--", "true"],
        cwd=place.directory, env=place.environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 124
    assert os.listdir(tmpfs) == []


def test_term_in_a_later_step(place, tmpfs):
    """TERM while a later hook runs: the file goes."""
    place.plan(plan(tmpfs / "app.yml", steps="  - run: sleep 60\n"))
    process = subprocess.Popen(
        [PREHOOK, "-f", "prehook.yml", "--", "true"],
        cwd=place.directory, env=place.environment, stderr=subprocess.PIPE,
    )  # fmt: skip
    eventually(lambda: os.listdir(tmpfs) == ["app.yml"], "the file")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
    assert os.listdir(tmpfs) == []


ENDED = """
import os, signal, sys
from prehook.secrets import private_file
from prehook.task import Ended

def end(*_):
    raise Ended(signal.SIGTERM)

signal.signal(signal.SIGTERM, end)

def announce(path):
    os.kill(os.getpid(), signal.SIGTERM)

try:
    private_file.write(sys.argv[1], b"secret", 0o400, None, announce)
except Ended:
    print(os.listdir(os.path.dirname(sys.argv[1])))
"""


def test_term_while_it_is_written(tmpfs):
    """Ended at the last moment before the file has its name, nothing of it is left."""
    command = [sys.executable, "-c", ENDED, str(tmpfs / "app.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_ended_before_it_could_tell(place, tmpfs):
    """A step killed when its file was in place already has announced it: the file goes, too."""
    code = """
import os, posix, signal, sys
from prehook.handover import Handover
from prehook.secrets.task import SecretsTask
from prehook.text import Text

handover = Handover({})
task = SecretsTask("x", Text("secrets.yml", "x"))
task.target = Text(sys.argv[1], "x")
task.prepare(handover)
if os.fork() == 0:
    from prehook.journal import Journal
    from prehook.task import Context
    task.work(Context(handover, Journal(), float("inf")))
    os.kill(os.getpid(), signal.SIGKILL)
os.wait()
assert os.path.exists(sys.argv[1])
handover.discard()
"""
    command = [sys.executable, "-c", code, str(tmpfs / "app.yml")]
    subprocess.run(command, cwd=place.directory, env=place.environment, check=True)
    assert os.listdir(tmpfs) == []


def test_equal_data(place, tmpfs):
    """`yamlvault.load` of the descriptor and a YAML reader of the file see the same."""
    import yaml

    place.ok(plan(tmpfs / "app.yml"))
    keyring = yamlvault.Keyring([place.identity.read_text()])
    expected = yamlvault.load(place.file, path="$.staging", keyring=keyring)
    assert yaml.safe_load((tmpfs / "app.yml").read_bytes()) == expected
