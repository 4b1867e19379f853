"""`yamlvault edit` with real editors: how they are found and called, and what they leave behind."""

from __future__ import annotations

import shlex
import shutil
import sys

import pytest
from editing import files_with, needs_tmpfs

pytestmark = needs_tmpfs


def editor(name):
    """Return the path of an editor; skip without it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"there is no {name}")
    return path


def edit(desk, **environment):
    """Edit the file with an editor that needs no terminal."""
    done = desk.session.run("edit", "secrets.yml", env=environment)
    desk.nothing_is_left()
    return done


# --- which, and how it is called


@pytest.mark.parametrize(
    "command",
    [
        "sed -i s/5432/5433/",  # it renames over the file
        "sed  -i  's/port: 5432/port: 5433/'",
        'sed -i "s/port: 5432/port: 5433/"',
        "sh -c 'sed -i s/5432/5433/ \"$1\"' sh",
        'f() { sed -i s/5432/5433/ "$1"; }; f',
        "X=5433 sh -c 'sed -i s/5432/$X/ \"$1\"' sh",
        "$TOOL -i s/5432/5433/",
        "printf '%s\\n' ,s/5432/5433/ w q | ed -s",
        "vim -es -c '%s/5432/5433/' -c wq",
        "vi -es -c '%s/5432/5433/' -c wq",
        "nvim -es -c '%s/5432/5433/' -c wq",
    ],
)
def test_commands(desk, command):
    """The variable holds words as a shell reads them, or what only a shell understands."""
    for name in ("ed", "vim", "vi", "nvim"):
        if name in command.replace("|", " ").split():
            editor(name)
    done = edit(desk, EDITOR=command, TOOL="sed")
    assert done.returncode == 0, done.stderr
    assert "1 scalar sealed" in done.stderr
    assert "port: 5433" in desk.plaintext()


def test_a_path_with_blanks(desk):
    """A program whose name has blanks stands in quotes."""
    tool = desk.scripts / "my editor"
    tool.write_text('#!/bin/sh\n[ "$1" = -x ] && sed -i s/5432/5433/ "$2"\n')
    tool.chmod(0o755)
    assert edit(desk, EDITOR=f"{shlex.quote(str(tool))} -x").returncode == 0
    assert "port: 5433" in desk.plaintext()


def test_which_comes_first(desk):
    """VISUAL comes before EDITOR, and an empty one counts for nothing."""
    assert edit(desk, VISUAL="true", EDITOR="false").returncode == 0
    assert edit(desk, VISUAL="", EDITOR="true").returncode == 0
    assert edit(desk, VISUAL="  ", EDITOR="false").returncode == 1


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("no-such-editor", "the editor no-such-editor can't be started: No such file or directory"),
        ("no-such-editor $HOME", "the editor no-such-editor can't be started: not found"),
        ("/", "the editor / can't be started: Permission denied"),
        ("vim 'x", "VISUAL is no command: a quote in it is not closed"),
    ],
)
def test_no_editor_of_that_name(desk, command, says):
    """An editor that can't be started is a clear error."""
    done = edit(desk, VISUAL=command)
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.splitlines()[-1].startswith("hint: ")


def test_vi_by_default(desk):
    """Without a choice `vi` is started, and without one an editor has to be named."""
    tools = desk.scripts / "bin"
    tools.mkdir()
    done = edit(desk, PATH=str(tools))
    assert done.returncode == 1
    assert "there is no editor: neither VISUAL nor EDITOR is set, and there is no vi" in done.stderr
    (tools / "vi").write_text('#!/bin/sh\n[ $# = 1 ] && exec /bin/sed -i s/5432/5433/ "$1"\n')
    (tools / "vi").chmod(0o755)
    refused = edit(desk, PATH=str(tools))
    assert refused.returncode == 1
    assert "there is no terminal here, which vi needs" in refused.stderr
    assert "VISUAL or EDITOR names a command" in refused.stderr
    terminal = desk.terminal_of([desk.session.program, "edit", "secrets.yml"], {"PATH": str(tools)})
    assert terminal.end()[0] == 0, terminal.log
    assert "port: 5433" in desk.plaintext()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nano", ["+7", "{file}"]),
        ("vi", ["+7", "{file}"]),
        ("code", ["--wait", "--goto", "{file}:7"]),
        ("subl", ["--wait", "{file}:7"]),
        ("hx", ["{file}:7"]),
        ("other", ["{file}"]),
    ],
)
def test_the_line_of_an_error(desk, name, words):
    """An editor that knows how to is told the line of the error."""
    tool, note = desk.scripts / name, desk.scripts / "note"
    tool.write_text(
        f"#!{sys.executable} -IS\n"
        "import pathlib, sys\n"
        f"note = pathlib.Path({str(note)!r})\n"
        "copy = next(pathlib.Path(w) for w in sys.argv[1:] if w.endswith('.yml') or ':' in w)\n"
        "if note.exists():\n"
        "    note.write_text('\\n'.join(sys.argv[1:]))\n"
        "else:\n"
        "    note.touch()\n"
        "    copy.write_text(copy.read_text().replace('5432', '['))\n"
    )
    tool.chmod(0o755)
    terminal = desk.terminal(env={"EDITOR": str(tool)})
    terminal.until("(Enter: edit again)")
    terminal.type("\n")
    terminal.until("as edited:7:5:")
    terminal.until("(Enter: edit again)")
    terminal.type("g\n")
    assert terminal.end()[0] == 1
    (file,) = {word.split(":")[0] for word in note.read_text().splitlines() if "secrets" in word}
    assert note.read_text().splitlines() == [word.format(file=file) for word in words]


# --- what they leave behind


VIMRC = """
set backup backupdir=$HOME/side directory=$HOME/side undofile undodir=$HOME/side patchmode=.orig
set updatecount=1
"""
TYPED = "\x1b:%s/5432/5433/\r:%y a\r/marker\ryy:wq\r"


@pytest.mark.parametrize(
    ("name", "rc", "more"),
    [
        ("vim", ".vimrc", "set nocompatible viminfo='100,<50,s10,h,:50,/50"),
        ("nvim", ".config/nvim/init.vim", "set shada='100,<50,s10,h,:50,/50"),
    ],
)
def test_vim_leaves_nothing(desk, name, rc, more):
    """Vim writes neither swap, backup, undo nor registers, whatever a vimrc says."""
    editor(name)
    side = desk.session.home / "side"
    side.mkdir()
    (desk.session.home / rc).parent.mkdir(parents=True, exist_ok=True)
    (desk.session.home / rc).write_text(f"{VIMRC}{more}\n")
    terminal = desk.terminal(env={"EDITOR": name, "PWD": str(desk.session.folder)})
    terminal.until("secrets.yml")  # it is shown
    terminal.type(TYPED.removesuffix(":wq\r"))
    terminal.until("5433")
    assert files_with("marker", desk.session.folder.parent) == []
    terminal.type(":wq\r")
    assert terminal.end()[0] == 0, terminal.log
    desk.nothing_is_left()
    assert "port: 5433" in desk.plaintext()
    assert list(side.iterdir()) == []
    assert files_with("marker", desk.session.folder.parent) == []
    assert files_with("5433", desk.session.folder.parent) == []


def test_vim_would_leave_something(desk):
    """What keeps vim from it are our options: without them it leaves what the vimrc asks for."""
    editor("vim")
    side = desk.session.home / "side"
    side.mkdir()
    (desk.session.home / ".vimrc").write_text(f"{VIMRC}set nocompatible viminfo='100,<50,s10,h")
    terminal = desk.terminal(env={"EDITOR": "env vim"})  # not known as vim
    terminal.until("secrets.yml")
    terminal.type(TYPED)
    assert terminal.end()[0] == 0, terminal.log
    assert files_with("marker", desk.session.home) != []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("nano", "\x1c5432\r5433\ra\x18y\r"),
        ("emacs", "\x1b%5432\r5433\r!\x18\x13\x18\x03"),
        ("micro", "\x05replaceall 5432 5433\r\x13\x11"),
    ],
)
def test_others_leave_nothing(desk, name, keys):
    """Nano, Emacs and micro as they come write nothing but the copy."""
    editor(name)
    terminal = desk.terminal(env={"EDITOR": f"{name} -nw" if name == "emacs" else name})
    terminal.until("password")  # it is shown
    terminal.type(keys)
    assert terminal.end()[0] == 0, terminal.log[-3000:]
    desk.nothing_is_left()
    assert "port: 5433" in desk.plaintext()
    assert files_with("marker", desk.session.folder.parent) == []


def test_emacs_with_backups_elsewhere(desk):
    """Emacs makes no backup, also where its configuration puts them on a disk."""
    editor("emacs")
    (desk.session.home / ".emacs").write_text(
        '(setq backup-directory-alist \'(("." . "~/side")) make-backup-files t)\n'
        '(setq auto-save-file-name-transforms \'((".*" "~/side/" t)))\n'
    )
    (desk.session.home / "side").mkdir()
    terminal = desk.terminal(env={"EDITOR": "emacs -nw"})
    terminal.until("password")
    terminal.type("\x1b%5432\r5433\r!\x18\x13\x18\x03")
    assert terminal.end()[0] == 0, terminal.log[-3000:]
    assert "port: 5433" in desk.plaintext()
    assert files_with("marker", desk.session.home) == []
