"""A program on a terminal of its own, driven as a person would."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

SECONDS = 60  # until a test gives up


class Terminal:
    """A program on a pseudo-terminal.

    Args:
        words: The program and its arguments.
        folder: Where it runs.
        environment: Its environment.
        columns: The width of the terminal.

    Attributes:
        shown: What was shown since what was waited for last.
        log: All that was shown.
    """

    def __init__(self, words, folder, environment, columns=200):
        self.shown = self.log = b""
        self._status = None
        self._child, self._end = pty.fork()
        if self._child == 0:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)  # whatever the tests were started with
            os.chdir(folder)
            os.execvpe(words[0], words, environment)
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._status is None:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
        if self._end >= 0:
            os.close(self._end)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child

    def hang_up(self) -> int:
        """Close the terminal, and return the exit status."""
        os.close(self._end)
        self._end = -1
        self._status = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        return self._status

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._end, text.encode())

    def until(self, text: str) -> str:
        """Return what is shown up to and with a text that was not shown before."""
        wanted = text.encode()
        while wanted not in self.shown:
            more = self._read()
            assert more, f"it ended without {text!r}: {self.shown!r}"
            self._show(more)
        before, _, self.shown = self.shown.partition(wanted)
        return (before + wanted).decode(errors="replace")

    def end(self) -> tuple[int, str]:
        """Return the exit status, and what is shown until then."""
        while more := self._read():
            self._show(more)
        self._status = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        return self._status, self.shown.decode(errors="replace")

    def _show(self, more: bytes) -> None:
        self.shown += more
        self.log += more

    def _read(self) -> bytes:
        deadline = time.monotonic() + SECONDS
        ready, _, _ = select.select([self._end], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"it neither goes on nor ends: {self.shown!r}"
        try:
            return os.read(self._end, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # what Linux says of a terminal that nobody has open
                raise
            return b""
