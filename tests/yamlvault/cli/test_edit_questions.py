"""`yamlvault edit` on a terminal: what is asked where something goes wrong."""

from __future__ import annotations

import fcntl
import os
import signal
import time

import pytest
from editing import needs_tmpfs
from terminal import SECONDS

pytestmark = needs_tmpfs

BROKEN = 'replace("5432", "[")'
MENDED = 'replace("[", "5433")'


def done(desk, terminal, status=0):
    """Wait for the end; nothing is left in memory, and nothing secret was shown."""
    assert terminal.end()[0] == status, terminal.log
    desk.nothing_is_left()
    assert b"marker" not in terminal.log
    assert b"Traceback" not in terminal.log


def test_edit_again(desk):
    """After an error the copy is edited again as it was saved, and then written."""
    terminal = desk.terminal(BROKEN, MENDED)
    terminal.until("secrets.yml, as edited:")
    terminal.until("not valid YAML")
    terminal.until("[e]dit again, [g]ive up what you changed? (Enter: edit again)")
    terminal.type("\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)
    assert "port: 5433" in desk.plaintext()


def test_give_up(desk):
    """Given up, the file is as it was, and that what was typed is gone is said."""
    before = desk.session.files()
    terminal = desk.terminal(BROKEN)
    terminal.until("(Enter: edit again)")
    terminal.type("what?\n")
    terminal.until("(Enter: edit again)")  # no answer: asked again
    terminal.type("g\n")
    terminal.until("given up: the file is left as it is, and what was edited is gone")
    done(desk, terminal, 1)
    assert desk.session.files() == before


@pytest.mark.parametrize(("keys", "status"), [("\x04", 1), ("\x03", 130), ("\x1c", 131)])
def test_ended_at_a_question(desk, keys, status):
    """The end of the input, and the interrupt and quit keys, end the edit at a question."""
    before = desk.session.files()
    terminal = desk.terminal(BROKEN)
    terminal.until("(Enter: edit again)")
    terminal.type(keys)
    done(desk, terminal, status)
    assert desk.session.files() == before


def test_hung_up_at_a_question(desk):
    """A terminal that is closed ends it."""
    terminal = desk.terminal(BROKEN)
    terminal.until("(Enter: edit again)")
    assert terminal.hang_up() in (1, 129)
    desk.nothing_is_left()


def test_the_editor_failed(desk):
    """Where the editor failed after it had saved, it can be edited again; else nothing is asked."""
    terminal = desk.terminal('replace("5432", "5433"); sys.exit(2)', "")
    terminal.until("the editor ended with status 2: what it saved was not taken")
    terminal.until("(Enter: edit again)")
    terminal.type("e\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)
    terminal = desk.terminal("sys.exit(1)")
    terminal.until("the editor ended with status 1")
    done(desk, terminal, 1)


@pytest.mark.parametrize("remove", ["copy.unlink()", "shutil.rmtree(copy.parent)"])
def test_the_copy_is_gone(desk, remove):
    """A copy that the editor has deleted is written again as it was last seen."""
    terminal = desk.terminal(BROKEN, f"import shutil; {remove}", MENDED)
    terminal.until("(Enter: edit again)")
    terminal.type("\n")
    terminal.until("the copy can't be read")
    terminal.until("(Enter: edit again)")
    terminal.type("\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)


COMMENTED = """replace('  password: "', '  # password: "')"""


def test_a_secret_in_a_comment(desk):
    """A secret that would stand in plaintext can be written when that is meant."""
    terminal = desk.terminal(COMMENTED)
    terminal.until("as edited:8:16: what was sealed would stand here in plaintext")
    terminal.until("[e]dit again, [w]rite it all the same, [g]ive up")
    terminal.until("(Enter: edit again)")
    terminal.type("w\n")
    terminal.until("0 scalars sealed")
    assert terminal.end()[0] == 0
    assert "# password" in desk.file.read_text()


def test_what_was_allowed_once(desk):
    """Leave to write a secret in plaintext does not outlive another edit."""
    desk.session.environment["OTHER"] = desk.session.program
    terminal = desk.terminal(CHANGE + COMMENTED, "")
    terminal.until("[w]rite it all the same")
    terminal.until("(Enter: edit again)")
    terminal.type("w\n")
    terminal.until("somebody has changed it meanwhile")
    terminal.until("(Enter: merge the two)")
    terminal.type("e\n")
    terminal.until("[w]rite it all the same")
    terminal.until("(Enter: edit again)")
    terminal.type("g\n")
    done(desk, terminal, 1)


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
    terminal = desk.terminal(f'{CHANGE}\nreplace("5432", "5433")', *scripts, **settings)
    terminal.until("yamlvault: secrets.yml: somebody has changed it meanwhile")
    terminal.until(question)
    terminal.until("(Enter: ")
    return terminal


BOTH = "[m]erge the two, [e]dit again, [o]verwrite what is there now, [g]ive up"


def test_conflict_merged(desk):
    """Where nothing in the two versions conflicts, both are written."""
    terminal = conflict(desk, question=BOTH)
    terminal.type("\n")
    terminal.until("secrets.yml: merged with what somebody else has written meanwhile")
    done(desk, terminal)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433") + "new: theirs\n"


def test_conflict_edit_again(desk):
    """Both in one can be looked at, and edited, before they are written."""
    terminal = conflict(
        desk,
        "assert 'new: theirs' in copy.read_text() and 'port: 5433' in copy.read_text()\n"
        "assert len(sys.argv) == 2\n"
        "replace('theirs', 'mine')\n",
        question=BOTH,
    )
    terminal.type("e\n")
    terminal.until("2 scalars sealed, 3 kept as they were")
    done(desk, terminal)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433") + "new: mine\n"


def test_conflict_in_one_value(desk):
    """Where both have changed one value, the copy has marks, and can't be written with them."""
    desk.session.environment["PLACE"] = "$.default.port"
    terminal = conflict(
        desk,
        "assert '<<<<<<< your edit\\n  port: 5433\\n' in copy.read_text(), copy.read_text()\n"
        "assert '>>>>>>> on the disk\\n' in copy.read_text()\n",
        "import re\ncopy.write_text(re.sub('(?m)^[<=>]{7}.*\\n(  port: 5433\\n)?', '', "
        "copy.read_text()))",
        question="[e]dit again, [o]verwrite what is there now, [g]ive up",
    )
    terminal.type("\n")
    terminal.until("not valid YAML")
    terminal.until("(Enter: edit again)")
    terminal.type("\n")
    terminal.until("secrets.yml: nothing was changed")  # theirs was chosen
    done(desk, terminal)
    assert desk.plaintext() == desk.session.plain.replace("5432", "theirs")


def test_conflict_overwrite(desk):
    """Overwritten, the other change is gone."""
    terminal = conflict(desk, question=BOTH)
    terminal.type("o\n")
    terminal.until("1 scalar sealed, 3 kept as they were")
    done(desk, terminal)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433")


def test_conflict_give_up(desk):
    """Given up, the other change stays."""
    terminal = conflict(desk, question=BOTH)
    terminal.type("g\n")
    done(desk, terminal, 1)
    assert desk.plaintext() == desk.session.plain + "new: theirs\n"


def test_conflict_twice(desk):
    """A third version, written while the second was looked at, is noticed, too."""
    again = CHANGE.replace("theirs", "third").replace("$.new", "$.newer")
    terminal = conflict(desk, f"{again}\nreplace('5433', '5434')", question=BOTH)
    terminal.type("e\n")
    terminal.until("somebody has changed it meanwhile")
    terminal.until("(Enter: merge the two)")
    terminal.type("o\n")
    terminal.until("scalar sealed")
    done(desk, terminal)
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
    terminal = desk.terminal(f'{change}\nreplace("5432", "5433")')
    terminal.until(says)
    terminal.until("[t]ry to write it again, [o]verwrite what is there now, [g]ive up")
    terminal.until("(Enter: try to write it again)")
    terminal.type("t\n")
    terminal.until(says)
    terminal.until("(Enter: try to write it again)")
    terminal.type("o\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433")


def test_new_file_made_meanwhile(desk):
    """A new file that somebody else has made meanwhile is shown beside the copy, read-only."""
    made = 'import shutil; shutil.copy("secrets.yml", "secrets-2.yml"); copy.write_text("a: 1\\n")'
    terminal = desk.terminal(
        made, "assert 'port' in pathlib.Path(sys.argv[2]).read_text()", file="secrets-2.yml"
    )
    terminal.until("somebody has made it meanwhile")
    terminal.until("(Enter: edit again)")
    terminal.type("e\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)
    assert desk.session.ok("decrypt", "secrets-2.yml") == "a: 1\n"


def test_disk_full(desk):
    """Where the file can't be written at the end, it can be tried again without the editor."""
    if os.geteuid():
        script = 'os.chmod(".", 0o500)'
        said, mend = "can't be written", lambda: desk.session.folder.chmod(0o700)
    else:
        script = 'os.chmod("secrets.yml", 0o400)'
        said, mend = "read-only", lambda: desk.file.chmod(0o600)
    terminal = desk.terminal(f'replace("5432", "5433"); {script}')
    terminal.until(said)
    terminal.until("[e]dit again, [t]ry to write it again, [g]ive up")
    terminal.until("(Enter: edit again)")
    mend()
    terminal.type("t\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)
    assert desk.turns == 1


# --- the terminal


def test_raw_mode_is_undone(desk):
    """A terminal that a killed editor left in raw mode is as it was."""
    raw = "import tty; tty.setraw(0); replace('5432', '['); os.kill(os.getpid(), signal.SIGKILL)"
    terminal = desk.terminal(raw, 'replace("[", "5433")')
    terminal.until("was ended by SIGKILL")
    terminal.until("(Enter: edit again)")
    terminal.type("e\n")  # in raw mode an answer would not end with a line feed
    terminal.until("e\r\n")  # nor be shown
    terminal.until("1 scalar sealed")
    done(desk, terminal)


def test_stopped_and_continued(desk):
    """Ctrl-Z stops the editor and yamlvault, and `fg` lets them go on."""
    bash = "/bin/bash"
    if not os.path.exists(bash):
        pytest.skip("needs bash")
    editor = desk.editor(
        "print('starts', flush=True)\nos.kill(0, signal.SIGTSTP)\nreplace('5432', '5433')"
    )
    terminal = desk.terminal_of([bash, "--norc", "-i"], editor | {"PS1": "$ "})
    terminal.until("$ ")
    terminal.type(f"{desk.session.program} edit secrets.yml\n")
    terminal.until("starts")
    terminal.until("Stopped")
    assert os.listdir(desk.runtime)
    terminal.type("fg\n")
    terminal.until("1 scalar sealed")
    terminal.type("exit $?\n")
    done(desk, terminal)
    assert "port: 5433" in desk.plaintext()


def test_terminal_closed_while_editing(desk):
    """A terminal that is closed under the editor ends both."""
    terminal = desk.terminal("print('runs', flush=True)\nwhile True: signal.pause()\n")
    terminal.until("runs")
    assert terminal.hang_up() == 128 + signal.SIGHUP
    desk.nothing_is_left()


def test_terminated_at_a_question(desk):
    """TERM at a question ends it with status 143."""
    terminal = desk.terminal(BROKEN)
    terminal.until("(Enter: edit again)")
    os.kill(terminal.pid, signal.SIGTERM)
    done(desk, terminal, 143)


def test_interrupted_while_writing(desk):
    """Ctrl-C while it waits for another writer is a question, too: much may have been typed."""
    with open(desk.file, "rb") as file:
        script = (
            "import subprocess\nreplace('5432', '5433')\n"
            "print('edited', flush=True)\nsys.stdin.readline()\n"
        )
        terminal = desk.terminal(script)
        terminal.until("edited")
        fcntl.flock(file, fcntl.LOCK_EX)
        terminal.type("\n")
        until_it_waits(terminal.pid)
        terminal.type("\x03")
        terminal.until("yamlvault: secrets.yml: interrupted")
        terminal.until("[e]dit again, [t]ry to write it again, [g]ive up")
        terminal.until("(Enter: edit again)")
    terminal.type("t\n")
    terminal.until("1 scalar sealed")
    done(desk, terminal)


def until_it_waits(pid):
    """Wait until a process waits for a lock: proc(5), /proc/locks."""
    deadline = time.monotonic() + SECONDS
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
    terminal = desk.terminal('copy.write_text("a: 1\\n")', env=service, file="new.yml")
    for _ in range(2):
        terminal.until("can't be reached")
        terminal.until("[e]dit again, [t]ry to write it again, [g]ive up")
        terminal.until("(Enter: edit again)")
        terminal.type("t\n")
    terminal.until("(Enter: edit again)")
    terminal.type("g\n")
    done(desk, terminal, 1)
    assert desk.turns == 1
    assert not (desk.session.folder / "new.yml").exists()
