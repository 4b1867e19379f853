"""`yamlvault edit`: where the plaintext is, and that it is gone on every way out."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time

import pytest
from editing import SECONDS, desk_of, files_with, needs_tmpfs

from yamlvault.filesystem import is_in_memory

pytestmark = needs_tmpfs
needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and mount namespaces"
)


def test_the_copy_is_private_and_in_memory(desk):
    """The copy is 0600 in a fresh 0700 folder on tmpfs, and has the file's name."""
    said = desk.ok(
        "folder = copy.parent\n"
        "assert folder.parent == pathlib.Path(os.environ['XDG_RUNTIME_DIR'])\n"
        "assert os.listdir(folder) == ['secrets.yml']\n"
        "assert folder.stat().st_mode & 0o7777 == 0o700\n"
        "assert copy.stat().st_mode & 0o7777 == 0o600\n"
        "assert folder.stat().st_uid == os.getuid()\n"
    )
    assert "nothing was changed" in said


@pytest.mark.parametrize("mask", [0o000, 0o777])
def test_whatever_the_umask(desk, mask):
    """The modes hold under every umask."""
    script = (
        "assert copy.parent.stat().st_mode & 0o777 == 0o700\n"
        "assert copy.stat().st_mode & 0o777 == 0o600\n"
    )
    desk.ok(script, preexec_fn=lambda: os.umask(mask))


def test_no_plaintext_on_a_disk(desk):
    """While the editor runs, no file outside of memory holds what it shows; and none after it."""
    marker, since = f"marker-{secrets.token_hex(8)}", time.time() - 1
    desk.session.ok("set", "secrets.yml", "$.production.password", input=marker)
    script = (
        "marker = os.environ['MARKER']\n"
        "assert marker in copy.read_text()\n"
        "(copy.parent / 'side').write_text(marker)\n"  # as editors do
        "print('runs', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    child = subprocess.Popen(
        [desk.session.program, "edit", "secrets.yml"],
        cwd=desk.session.folder,
        env=desk.session.environment | desk.editor(script) | {"MARKER": marker},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout.readline() == b"runs\n"
    root = desk.session.folder.parent
    assert len(files_with(marker, desk.runtime)) == 2
    assert files_with(marker, root) == []  # what the home and TMPDIR are in
    assert [name for name in new_files(since) if marker.encode() in contents(name)] == []
    child.communicate(b"\n", timeout=SECONDS)
    assert child.returncode == 0
    desk.nothing_is_left()
    assert files_with(marker, root) == []


def new_files(since):
    """Return the files directly in the folders for temporary files that are new."""
    names = [os.path.join(top, name) for top in ("/tmp", "/var/tmp") for name in os.listdir(top)]
    return [name for name in names if os.path.isfile(name) and os.stat(name).st_mtime >= since]


def contents(name):
    """Return the bytes of a file; none where it is gone or somebody else's."""
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_the_editor_gets_no_key(desk):
    """What opens files is not in the editor's environment, nor an open descriptor."""
    key = (desk.session.home / ".config/yamlvault/identity.txt").read_text()
    reader, writer = os.pipe()
    os.write(writer, b"phrase")
    os.close(writer)
    secret = {
        "YAMLVAULT_AGE_KEY": key,
        "YAMLVAULT_PASSPHRASE": "phrase",
        "YAMLVAULT_PASSPHRASE_FD": str(reader),
        "YAMLVAULT_TIMEOUT": "9",
    }
    desk.ok(
        "assert [n for n in os.environ if n.startswith('YAMLVAULT')] == ['YAMLVAULT_TIMEOUT']\n"
        "assert set(os.listdir('/proc/self/fd')) <= {'0', '1', '2', '3'}\n",
        env=secret,
        pass_fds=[reader],
    )
    os.close(reader)


# --- ways out


def test_editors_that_replace_the_file(desk):
    """An editor may put another file in place of the copy, with backups beside it."""
    desk.ok(
        "os.rename(copy, str(copy) + '~')\n"
        "copy.write_text(pathlib.Path(str(copy) + '~').read_text().replace('5432', '5433'))\n"
        "(copy.parent / 'sub').mkdir(mode=0)\n"
    )
    assert "port: 5433" in desk.plaintext()


STOPS = "print('runs', flush=True)\nwhile True: signal.pause()\n"


def started(desk, script, **settings):
    """Return an edit whose editor runs."""
    child = subprocess.Popen(
        [desk.session.program, "edit", "secrets.yml"],
        cwd=desk.session.folder,
        env=desk.session.environment | desk.editor(script),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )
    assert child.stdout.readline() == "runs\n"
    assert os.listdir(desk.runtime)
    return child


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "script",
    [STOPS, f"signal.signal(15, signal.SIG_IGN); signal.signal(1, signal.SIG_IGN)\n{STOPS}"],
)
def test_ended_by_a_signal(desk, number, script):
    """TERM and HUP end the editor, too, whether it wants or not: status 128+n, nothing is left."""
    before = desk.session.files()
    child = started(desk, script)
    child.send_signal(number)
    out, error = child.communicate(timeout=SECONDS)  # the editor has closed its output: it ended
    assert child.returncode == 128 + number
    assert (out, error) == ("", "")
    assert os.listdir(desk.runtime) == []
    assert desk.session.files() == before


def test_what_the_editor_makes_of_it(desk):
    """An editor gets the very signal, and time to put things in order."""
    note = desk.scripts / "note"
    script = (
        f"def end(number, _): pathlib.Path({str(note)!r}).write_text(str(number)); sys.exit()\n"
        f"signal.signal(1, end)\n{STOPS}"
    )
    child = started(desk, script)
    child.send_signal(signal.SIGHUP)
    child.communicate(timeout=SECONDS)
    assert note.read_text() == "1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_keys_are_the_editors(desk, number, interruptible):
    """INT and QUIT are the editor's while it runs: the edit goes on."""
    note = desk.scripts / "go"
    script = f"until(pathlib.Path({str(note)!r}).exists)\nreplace('5432', '5433')"
    script = f"print('runs', flush=True)\n{script}"
    child = started(desk, script)
    child.send_signal(number)
    note.touch()
    _, error = child.communicate(timeout=SECONDS)
    assert child.returncode == 0, error
    assert "port: 5433" in desk.plaintext()


def test_the_editor_can_be_interrupted(desk, interruptible):
    """INT and QUIT mean for the editor what they meant for us: neither is ignored."""
    desk.ok(
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "assert signal.getsignal(signal.SIGQUIT) is signal.SIG_DFL\n"
        "assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])"
    )


def test_ignored_signals_stay_ignored(desk):
    """Under nohup a hangup ends neither."""
    script = "os.kill(os.getppid(), signal.SIGHUP)\nreplace('5432', '5433')"
    desk.ok(script, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert "port: 5433" in desk.plaintext()


def test_killed(desk):
    """Where yamlvault itself is killed, the copy is removed all the same."""
    note = desk.scripts / "note"
    script = (
        "print('runs', flush=True)\n"
        "os.kill(os.getppid(), signal.SIGKILL)\n"
        "until(lambda: not copy.parent.exists())\n"
        f"pathlib.Path({str(note)!r}).write_text('gone')\n"
    )
    child = subprocess.Popen(
        [desk.session.program, "edit", "secrets.yml"],
        cwd=desk.session.folder,
        env=desk.session.environment | desk.editor(script),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    child.communicate(timeout=SECONDS)  # until the editor, too, has closed it
    assert child.returncode == -signal.SIGKILL
    assert note.read_text() == "gone"
    assert os.listdir(desk.runtime) == []


def test_killed_with_all_its_group(desk):
    """The watcher is in a session of its own: what ends the whole group does not end it."""
    child = started(desk, STOPS, start_new_session=True)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate(timeout=SECONDS)
    desk.nothing_is_left()


def test_no_process_is_left(desk):
    """The watcher ends with the edit."""
    desk.ok("")
    left = []
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    left += [name] if str(desk.runtime).encode() in file.read() else []
            except OSError:
                continue
    assert left == []


# --- places


def test_a_folder_of_somebody_else(encrypted):
    """XDG_RUNTIME_DIR is not believed: on a disk, or where others write, no copy is made."""
    with desk_of(encrypted) as desk:
        for folder, mode in ((desk.session.home, 0o700), (desk.runtime, 0o777)):
            folder.chmod(mode)
            desk.ok(
                f"assert not str(copy).startswith({str(folder)!r})\n"
                "assert str(copy).startswith(('/run/user/', '/dev/shm/'))\n",
                env={"XDG_RUNTIME_DIR": str(folder)},
            )


@needs_namespaces
def test_full_file_system_in_memory(desk):
    """Where there is no room in one place in memory, the next is taken."""
    script = 'at=$XDG_RUNTIME_DIR; mount -t tmpfs -o size=4k none $at && echo x >$at/x && exec "$@"'
    done = in_namespace(
        desk, script, "assert not str(copy).startswith(os.environ['XDG_RUNTIME_DIR'])"
    )
    assert done.returncode == 0, done.stderr
    assert "nothing was changed" in done.stderr


def in_namespace(desk, script, *editors):
    """Edit where a shell script has mounted something before."""
    environment = desk.session.environment | desk.editor(*editors)
    command = [desk.session.program, "edit", "secrets.yml"]
    return subprocess.run(
        [*["unshare", "--mount", "--propagation", "private", "sh", "-c"], script, "sh", *command],
        cwd=desk.session.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
    )


WITHOUT_TMPFS = """
for at in /dev/shm /run /run/user /tmp; do
  while awk -v at=$at '$5 == at' /proc/self/mountinfo | grep -q ' - tmpfs '; do
    umount -l $at || exit 99
  done
done
exec "$@"
"""


def without_tmpfs(desk, script):
    """Edit where no tmpfs is mounted."""
    if is_in_memory(str(desk.session.folder)):
        pytest.skip("the tests themselves are in one")
    done = in_namespace(desk, WITHOUT_TMPFS, script)
    if done.returncode == 99:
        pytest.skip("a tmpfs can't be unmounted")
    return done


@needs_namespaces
def test_without_a_file_system_in_memory(desk):
    """Where no tmpfs is, the copy is a memfd: an editor that writes in place saves it."""
    script = "assert str(copy).startswith('/proc/')\nreplace('5432', '5433')"
    done = without_tmpfs(desk, script)
    assert done.returncode == 0, done.stderr
    assert "must write into the copy" in done.stderr
    assert "port: 5433" in desk.plaintext()


@needs_namespaces
def test_nowhere_in_memory(desk):
    """Where neither is, as on macOS, nothing is written anywhere, and another way is named."""
    hook = desk.scripts / "sitecustomize.py"
    hook.write_text("import os\ndel os.memfd_create\n")
    desk.session.environment["PYTHONPATH"] = str(desk.scripts)
    done = without_tmpfs(desk, "")
    assert done.returncode == 1
    assert done.stderr.startswith("yamlvault: secrets.yml: no place in memory is found")
    assert "hint: change one value: yamlvault set FILE PATH" in done.stderr
    assert desk.turns == 0


@needs_namespaces
def test_a_file_that_is_mounted(desk):
    """A file that is a mount point of its own is written in place."""
    (desk.session.folder / "target.yml").write_bytes(desk.file.read_bytes())
    done = in_namespace(
        desk, 'mount --bind target.yml secrets.yml && exec "$@"', "replace('5432', '5433')"
    )
    assert done.returncode == 0, done.stderr
    assert "port: 5432" in desk.plaintext()
    assert "port: 5433" in desk.session.ok("decrypt", "target.yml")
