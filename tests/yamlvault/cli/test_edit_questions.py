"""`yamlvault edit` on a terminal: what is asked where something goes wrong."""

from __future__ import annotations

import fcntl
import os
import signal
import time

import pytest
from editing import needs_tmpfs
from screen import DEADLINE, Screen

pytestmark = needs_tmpfs

BROKEN = 'replace("5432", "[")'
MENDED = 'replace("[", "5433")'


def done(desk, screen, status=0):
    """Wait for the end; nothing is left in memory, and nothing secret was shown."""
    assert screen.status() == status, screen.shown
    desk.nothing_is_left()
    assert "marker" not in screen.shown
    assert "Traceback" not in screen.shown


def test_edit_again(desk):
    """After an error the copy is edited again as it was saved, and then written."""
    screen = desk.screen(BROKEN, MENDED)
    screen.until("secrets.yml, as edited:")
    screen.until("not valid YAML")
    screen.until("[e]dit again, [g]ive up what you changed? (Enter: edit again)")
    screen.type("\n")
    screen.until("1 scalar sealed")
    done(desk, screen)
    assert "port: 5433" in desk.plaintext()


def test_give_up(desk):
    """Given up, the file is as it was, and that what was typed is gone is said."""
    before = desk.session.files()
    screen = desk.screen(BROKEN)
    screen.until("(Enter: edit again)")
    screen.type("what?\n")
    screen.until("(Enter: edit again)")  # no answer: asked again
    screen.type("g\n")
    screen.until("given up: the file is left as it is, and what was edited is gone")
    done(desk, screen, 1)
    assert desk.session.files() == before


@pytest.mark.parametrize(("keys", "status"), [("\x04", 1), ("\x03", 130), ("\x1c", 131)])
def test_ended_at_a_question(desk, keys, status):
    """The end of the input, and the interrupt and quit keys, end the edit at a question."""
    before = desk.session.files()
    screen = desk.screen(BROKEN)
    screen.until("(Enter: edit again)")
    screen.type(keys)
    done(desk, screen, status)
    assert desk.session.files() == before


def test_hung_up_at_a_question(desk):
    """A terminal that is closed ends it."""
    screen = desk.screen(BROKEN)
    screen.until("(Enter: edit again)")
    screen.hang_up()
    assert os.waitstatus_to_exitcode(os.waitpid(screen.pid, 0)[1]) in (1, 129)
    desk.nothing_is_left()


def test_the_editor_failed(desk):
    """Where the editor failed after it had saved, it can be edited again; else nothing is asked."""
    screen = desk.screen('replace("5432", "5433"); sys.exit(2)', "")
    screen.until("the editor ended with status 2: what it saved was not taken")
    screen.until("(Enter: edit again)")
    screen.type("e\n")
    screen.until("1 scalar sealed")
    done(desk, screen)
    screen = desk.screen("sys.exit(1)")
    screen.until("the editor ended with status 1")
    done(desk, screen, 1)


@pytest.mark.parametrize("remove", ["copy.unlink()", "shutil.rmtree(copy.parent)"])
def test_the_copy_is_gone(desk, remove):
    """A copy that the editor has deleted is written again as it was last seen."""
    screen = desk.screen(BROKEN, f"import shutil; {remove}", MENDED)
    screen.until("(Enter: edit again)")
    screen.type("\n")
    screen.until("the copy can't be read")
    screen.until("(Enter: edit again)")
    screen.type("\n")
    screen.until("1 scalar sealed")
    done(desk, screen)


COMMENTED = """replace('  password: "', '  # password: "')"""


def test_a_secret_in_a_comment(desk):
    """A secret that would stand in plaintext can be written when that is meant."""
    screen = desk.screen(COMMENTED)
    screen.until("as edited:8:16: what was sealed would stand here in plaintext")
    screen.until("[e]dit again, [w]rite it all the same, [g]ive up")
    screen.until("(Enter: edit again)")
    screen.type("w\n")
    screen.until("0 scalars sealed")
    assert screen.status() == 0
    assert "# password" in desk.file.read_text()


def test_what_was_allowed_once(desk):
    """Leave to write a secret in plaintext does not outlive another edit."""
    desk.session.environment["OTHER"] = desk.session.program
    screen = desk.screen(CHANGE + COMMENTED, "")
    screen.until("[w]rite it all the same")
    screen.until("(Enter: edit again)")
    screen.type("w\n")
    screen.until("somebody has changed it meanwhile")
    screen.until("(Enter: merge the two)")
    screen.type("e\n")
    screen.until("[w]rite it all the same")
    screen.until("(Enter: edit again)")
    screen.type("g\n")
    done(desk, screen, 1)


# --- changes on the disk meanwhile


CHANGE = """
import subprocess
place = os.environ.get("PLACE", "$.new")
subprocess.run([os.environ["OTHER"], "set", "secrets.yml", place], input=b"theirs",
               check=True, stderr=subprocess.DEVNULL)
"""


def conflict(desk, *scripts, question, **settings):
    """Edit while somebody else changes the file."""
    desk.session.environment["OTHER"] = desk.session.program
    screen = desk.screen(f'{CHANGE}\nreplace("5432", "5433")', *scripts, **settings)
    screen.until("yamlvault: secrets.yml: somebody has changed it meanwhile")
    screen.until(question)
    screen.until("(Enter: ")
    return screen


BOTH = "[m]erge the two, [e]dit again, [o]verwrite what is there now, [g]ive up"


def test_conflict_merged(desk):
    """Where nothing in the two versions conflicts, both are written."""
    screen = conflict(desk, question=BOTH)
    screen.type("\n")
    screen.until("secrets.yml: merged with what somebody else has written meanwhile")
    done(desk, screen)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433") + "new: theirs\n"


def test_conflict_edit_again(desk):
    """Both in one can be looked at, and edited, before they are written."""
    screen = conflict(
        desk,
        "assert 'new: theirs' in copy.read_text() and 'port: 5433' in copy.read_text()\n"
        "assert len(sys.argv) == 2\n"
        "replace('theirs', 'mine')\n",
        question=BOTH,
    )
    screen.type("e\n")
    screen.until("2 scalars sealed, 3 kept as they were")
    done(desk, screen)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433") + "new: mine\n"


def test_conflict_in_one_value(desk):
    """Where both have changed one value, the copy has marks, and can't be written with them."""
    desk.session.environment["PLACE"] = "$.default.port"
    screen = conflict(
        desk,
        "assert '<<<<<<< your edit\\n  port: 5433\\n' in copy.read_text(), copy.read_text()\n"
        "assert '>>>>>>> on the disk\\n' in copy.read_text()\n",
        "import re\ncopy.write_text(re.sub('(?m)^[<=>]{7}.*\\n(  port: 5433\\n)?', '', "
        "copy.read_text()))",
        question="[e]dit again, [o]verwrite what is there now, [g]ive up",
    )
    screen.type("\n")
    screen.until("not valid YAML")
    screen.until("(Enter: edit again)")
    screen.type("\n")
    screen.until("secrets.yml: nothing was changed")  # theirs was chosen
    done(desk, screen)
    assert desk.plaintext() == desk.session.plain.replace("5432", "theirs")


def test_conflict_overwrite(desk):
    """Overwritten, the other change is gone."""
    screen = conflict(desk, question=BOTH)
    screen.type("o\n")
    screen.until("1 scalar sealed, 3 kept as they were")
    done(desk, screen)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433")


def test_conflict_give_up(desk):
    """Given up, the other change stays."""
    screen = conflict(desk, question=BOTH)
    screen.type("g\n")
    done(desk, screen, 1)
    assert desk.plaintext() == desk.session.plain + "new: theirs\n"


def test_conflict_twice(desk):
    """A third version, written while the second was looked at, is noticed, too."""
    again = CHANGE.replace("theirs", "third").replace("$.new", "$.newer")
    screen = conflict(desk, f"{again}\nreplace('5433', '5434')", question=BOTH)
    screen.type("e\n")
    screen.until("somebody has changed it meanwhile")
    screen.until("(Enter: merge the two)")
    screen.type("o\n")
    screen.until("scalar sealed")
    done(desk, screen)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5434") + "new: theirs\n"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('pathlib.Path("secrets.yml").unlink()', "somebody has deleted it meanwhile"),
        ('pathlib.Path("secrets.yml").write_text("a: b\\n")', "it can't be edited: not encrypted"),
    ],
)
def test_deleted_or_decrypted(desk, change, says):
    """A file that was deleted or decrypted is looked at again, or written as it was edited."""
    screen = desk.screen(f'{change}\nreplace("5432", "5433")')
    screen.until(says)
    screen.until("[t]ry to write it again, [o]verwrite what is there now, [g]ive up")
    screen.until("(Enter: try to write it again)")
    screen.type("t\n")
    screen.until(says)
    screen.until("(Enter: try to write it again)")
    screen.type("o\n")
    screen.until("1 scalar sealed")
    done(desk, screen)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433")


def test_new_file_made_meanwhile(desk):
    """A new file that somebody else has made meanwhile is shown beside the copy, read-only."""
    made = 'import shutil; shutil.copy("secrets.yml", "secrets-2.yml"); copy.write_text("a: 1\\n")'
    screen = desk.screen(
        made, "assert 'port' in pathlib.Path(sys.argv[2]).read_text()", file="secrets-2.yml"
    )
    screen.until("somebody has made it meanwhile")
    screen.until("(Enter: edit again)")
    screen.type("e\n")
    screen.until("1 scalar sealed")
    done(desk, screen)
    assert desk.session.ok("decrypt", "secrets-2.yml") == "a: 1\n"


def test_disk_full(desk):
    """Where the file can't be written at the end, it can be tried again without the editor."""
    if os.geteuid():
        script = 'os.chmod(".", 0o500)'
        said, mend = "can't be written", lambda: desk.session.folder.chmod(0o700)
    else:
        script = 'os.chmod("secrets.yml", 0o400)'
        said, mend = "read-only", lambda: desk.file.chmod(0o600)
    screen = desk.screen(f'replace("5432", "5433"); {script}')
    screen.until(said)
    screen.until("[e]dit again, [t]ry to write it again, [g]ive up")
    screen.until("(Enter: edit again)")
    mend()
    screen.type("t\n")
    screen.until("1 scalar sealed")
    done(desk, screen)
    assert desk.turns == 1


# --- the terminal


def test_raw_mode_is_undone(desk):
    """A terminal that a killed editor left in raw mode is as it was."""
    raw = "import tty; tty.setraw(0); replace('5432', '['); os.kill(os.getpid(), signal.SIGKILL)"
    screen = desk.screen(raw, 'replace("[", "5433")')
    screen.until("was ended by SIGKILL")
    screen.until("(Enter: edit again)")
    screen.type("e\n")  # in raw mode an answer would not end with a line feed
    screen.until("e\r\n")  # nor be shown
    screen.until("1 scalar sealed")
    done(desk, screen)


def test_stopped_and_continued(desk):
    """Ctrl-Z stops the editor and yamlvault, and `fg` lets them go on."""
    bash = "/bin/bash"
    if not os.path.exists(bash):
        pytest.skip("needs bash")
    environment = desk.session.environment | desk.editor(
        "print('starts', flush=True)\nos.kill(0, signal.SIGTSTP)\nreplace('5432', '5433')"
    )
    screen = Screen([bash, "--norc", "-i"], desk.session.folder, environment | {"PS1": "$ "})
    screen.until("$ ")
    screen.type(f"{desk.session.program} edit secrets.yml\n")
    screen.until("starts")
    screen.until("Stopped")
    assert os.listdir(desk.runtime)
    screen.type("fg\n")
    screen.until("1 scalar sealed")
    screen.type("exit $?\n")
    done(desk, screen)
    assert "port: 5433" in desk.plaintext()


def test_terminal_closed_while_editing(desk):
    """A terminal that is closed under the editor ends both."""
    screen = desk.screen("print('runs', flush=True)\nwhile True: signal.pause()\n")
    screen.until("runs")
    screen.hang_up()
    assert os.waitstatus_to_exitcode(os.waitpid(screen.pid, 0)[1]) == 128 + signal.SIGHUP
    desk.nothing_is_left()


def test_terminated_at_a_question(desk):
    """TERM at a question ends it with status 143."""
    screen = desk.screen(BROKEN)
    screen.until("(Enter: edit again)")
    os.kill(screen.pid, signal.SIGTERM)
    done(desk, screen, 143)


def test_interrupted_while_writing(desk):
    """Ctrl-C while it waits for another writer is a question, too: much may have been typed."""
    with open(desk.file, "rb") as file:
        script = (
            "import subprocess\nreplace('5432', '5433')\n"
            "print('edited', flush=True)\nsys.stdin.readline()\n"
        )
        screen = desk.screen(script)
        screen.until("edited")
        fcntl.flock(file, fcntl.LOCK_EX)
        screen.type("\n")
        until_it_waits(screen.pid)
        screen.type("\x03")
        screen.until("yamlvault: secrets.yml: interrupted")
        screen.until("[e]dit again, [t]ry to write it again, [g]ive up")
        screen.until("(Enter: edit again)")
    screen.type("t\n")
    screen.until("1 scalar sealed")
    done(desk, screen)


def until_it_waits(pid):
    """Wait until a process waits for a lock: proc(5), /proc/locks."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        with open("/proc/locks") as file:
            if any(f"-> FLOCK  ADVISORY  WRITE {pid} " in line for line in file):
                return
    raise AssertionError("it never waited")


def test_key_service_out_of_reach(desk):
    """Where a key service can't be reached at the end, what was typed waits for another attempt."""
    (desk.session.folder / ".yamlvault.yml").write_text(
        "rules:\n  - files: new.yml\n    keks: aws-kms:arn:aws:kms:eu-west-1:111122223333:key/"
        "11111111-2222-3333-4444-555555555555\n"
    )
    service = {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
        "YAMLVAULT_TIMEOUT": "2",
    }
    screen = desk.screen('copy.write_text("a: 1\\n")', env=service, file="new.yml")
    for _ in range(2):
        screen.until("can't be reached")
        screen.until("[e]dit again, [t]ry to write it again, [g]ive up")
        screen.until("(Enter: edit again)")
        screen.type("t\n")
    screen.until("(Enter: edit again)")
    screen.type("g\n")
    done(desk, screen, 1)
    assert desk.turns == 1
    assert not (desk.session.folder / "new.yml").exists()
