"""Programs: what is known of editors by their names."""

from __future__ import annotations

import os
from typing import NamedTuple


class Program(NamedTuple):
    """How an editor is called.

    Attributes:
        options: What keeps it from writing the text anywhere else, and from coming back at once.
        at_line: The words that open a file at a line, with `{file}` and `{line}` in them.
    """

    options: tuple[str, ...] = ()
    at_line: tuple[str, ...] = ("{file}",)

    def words(self, file: str, line: int | None) -> list[str]:
        """Return the arguments that open a file."""
        if line is None:
            return [*self.options, file]
        place = [word.replace("{line}", str(line)) for word in self.at_line]
        return [*self.options, *(word.replace("{file}", file) for word in place)]


_PLUS = ("+{line}", "{file}")

# `directory`, `backupdir` and `undodir` of a vimrc can name folders on a disk, and registers,
# searches and the command line's history go to viminfo or shada. Before the file is read, and once
# more behind the vimrc and the plugins.
_VIM = (
    *("-n", "-i", "NONE"),
    *("--cmd", "set noswapfile"),
    *("-c", "set noswapfile nobackup nowritebackup patchmode= noundofile viminfo="),
)
_NEOVIM = (*_VIM[:-1], _VIM[-1].replace("viminfo=", "shada="))
_EMACS = ("--eval", "(setq make-backup-files nil auto-save-default nil create-lockfiles nil)")
# it keeps what is being edited in ~/.config/micro/backups
_MICRO = tuple(
    word for option in ("-backup", "-saveundo", "-savehistory") for word in (option, "false")
)

_GOTO = Program(("--wait",), ("--goto", "{file}:{line}"))
_COLON = Program(("--wait",), ("{file}:{line}",))

PROGRAMS = {
    **dict.fromkeys(("vim", "vim.basic", "vim.nox", "vim.tiny", "rvim"), Program(_VIM, _PLUS)),
    **dict.fromkeys(("gvim", "mvim", "vim.gtk3"), Program(("-f", *_VIM), _PLUS)),
    **dict.fromkeys(("nvim",), Program(_NEOVIM, _PLUS)),
    **dict.fromkeys(("emacs", "emacs-nox"), Program(_EMACS, _PLUS)),
    **dict.fromkeys(("micro",), Program(_MICRO, ("{file}", "+{line}"))),
    **dict.fromkeys(
        ("vi", "nvi", "nano", "pico", "emacsclient", "joe", "jed", "mg", "ne", "kak"),
        Program((), _PLUS),
    ),
    **dict.fromkeys(("hx", "helix"), Program((), ("{file}:{line}",))),
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor"), _GOTO),
    **dict.fromkeys(("subl", "zed"), _COLON),
}


def program(path: str) -> Program:
    """Return what is known of an editor; nothing of one that is not known.

    Args:
        path: Its path, or its name alone.
    """
    name = os.path.basename(path)
    if name == "vi":  # a name of vim's where a link says so
        name = os.path.basename(os.path.realpath(path))
        return PROGRAMS.get(name, PROGRAMS["vi"])
    return PROGRAMS.get(name, Program())
