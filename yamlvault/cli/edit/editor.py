"""The editor: which one, how it is started, and how it ended."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys

from yamlvault.cli.edit.endings import Ended
from yamlvault.cli.edit.programs import Program, program
from yamlvault.errors import YamlVaultError
from yamlvault.keyring import AGE_KEY, PASSPHRASE, PASSPHRASE_FD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.cli.edit.endings import Endings

_VARIABLES = ("VISUAL", "EDITOR")
_SECRETS = (AGE_KEY, PASSPHRASE, PASSPHRASE_FD)
_SHELL_ONLY = frozenset("|&;<>()$`*?[]#~!{}\n")
_GRACE = 2.0  # seconds between the signal that ends an editor and the one that it can't refuse


class EditorError(YamlVaultError):
    """The editor can't be started, or ended otherwise than well."""


class Editor:
    """The command that edits a file.

    It is run as git does: by a shell where a shell is needed to understand it.
    """

    def __init__(self, command: str, variable: str) -> None:
        """Take a command apart.

        Raises:
            EditorError: It is none.
        """
        try:
            words = shlex.split(command)
        except ValueError:
            raise EditorError(
                f"{variable} is no command: a quote in it is not closed", hint="correct it"
            ) from None
        self._name = words[0] if words else command
        is_plain = bool(words) and _SHELL_ONLY.isdisjoint(command) and "=" not in words[0]
        if is_plain:
            self._start = words
            self._program = program(shutil.which(self._name) or self._name)
        else:
            self._start = ["/bin/sh", "-c", f'{command} "$@"', "sh"]
            self._program = Program()
        self._hint = f"{variable} names it" if variable else None

    def run(self, file: str, line: int | None, others: list[str], endings: Endings) -> None:
        """Edit a file until the editor ends.

        Args:
            file: The file.
            line: The line to begin at, where the editor knows how to.
            others: Files that are shown too.
            endings: What has the signals.

        Raises:
            EditorError: It can't be started, or its exit status is not 0.
            Ended: A signal ended both.
        """
        words = [*self._start, *self._program.words(file, line), *others]
        environment = {key: value for key, value in os.environ.items() if key not in _SECRETS}
        terminal = _terminal()
        with endings.left_to_the_editor():
            try:
                status = _run(words, environment, endings)
            except OSError as error:
                raise self._refusal(error.strerror or "unknown error") from None
        if status != 0:
            _restore(terminal)
            raise self._failure(status)

    def _failure(self, status: int) -> EditorError:
        if status in (126, 127) and self._start[0] == "/bin/sh":
            return self._refusal("not found" if status == 127 else "not executable")
        how = f"ended with status {status}" if status > 0 else f"was ended by {_name_of(-status)}"
        return EditorError(f"the editor {how}: what it saved was not taken")

    def _refusal(self, why: str) -> EditorError:
        return EditorError(f"the editor {self._name} can't be started: {why}", hint=self._hint)


def find_editor() -> Editor:
    """Return the editor that the user has chosen, or `vi`.

    Raises:
        EditorError: There is none.
    """
    for variable in _VARIABLES:
        command = os.environ.get(variable, "").strip()
        if command:
            return Editor(command, variable)
    if shutil.which("vi") is None:
        raise EditorError(
            "there is no editor: neither VISUAL nor EDITOR is set, and there is no vi",
            hint="name one: EDITOR=nano yamlvault edit FILE",
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise EditorError(
            "there is no terminal here, which vi needs",
            hint="VISUAL or EDITOR names a command that needs none; for one value: yamlvault set "
            "FILE PATH",
        )
    return Editor("vi", "")


def _run(words: list[str], environment: dict[str, str], endings: Endings) -> int:
    """Run a program in our own process group, so that Ctrl-Z stops both, and `fg` continues both.

    Returns:
        Its exit status; below 0, the signal that has ended it.
    """
    child = None
    try:
        child = subprocess.Popen(words, env=environment)  # noqa: S603  the user's editor
        return child.wait()
    except Ended as end:
        endings.hold()
        if child is not None:
            _end(child, end.number)
        raise


def _end(child: subprocess.Popen[bytes], number: int) -> None:
    """End the editor, which may have got the signal, too: it has a terminal to put in order."""
    child.send_signal(number)
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _terminal() -> Any:
    """Return the state of the terminal, None without one."""
    import termios

    try:
        return termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError):
        return None


def _restore(state: Any) -> None:
    """Put the terminal back into a state: who was killed could not do that."""
    import termios

    descriptor = sys.stdin.fileno()
    # from the background it would stop us
    if state is not None and os.tcgetpgrp(descriptor) == os.getpgrp():
        termios.tcsetattr(descriptor, termios.TCSADRAIN, state)


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
