"""A terminal of its own for a command, and somebody who types."""

from __future__ import annotations

import os
import pty
import select
import signal
import time

DEADLINE = 60  # seconds


class Screen:
    """A command on a terminal.

    Attributes:
        shown: What it has printed so far.
    """

    def __init__(self, words, folder, environment):
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            try:
                for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_DFL)
                os.chdir(folder)
                os.execve(words[0], words, {"TERM": "xterm", **environment})
            finally:
                os._exit(99)
        self.shown = ""
        self._read_to = 0

    def _read(self, deadline):
        ready, _, _ = select.select([self._terminal], [], [], deadline - time.monotonic())
        assert ready, f"nothing more was printed after: {self.shown[-2000:]!r}"
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # EIO: the last process has closed it
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def until(self, text):
        """Read until the text is printed, behind what was waited for before."""
        deadline = time.monotonic() + DEADLINE
        while text not in self.shown[self._read_to :]:
            assert self._read(deadline), f"it ended before {text!r}: {self.shown!r}"
        self._read_to = self.shown.index(text, self._read_to) + len(text)

    def type(self, text):
        """Type a text."""
        os.write(self._terminal, text.encode())

    def hang_up(self):
        """Close the terminal."""
        os.close(self._terminal)

    def status(self):
        """Wait for the end of the command; return its exit status, below 0 for a signal."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline):
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
