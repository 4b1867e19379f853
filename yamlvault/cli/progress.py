"""Progress: a bar on standard error where that is a terminal, and plain lines elsewhere."""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, TextIO

_FORMAT = "{n_fmt} of {total_fmt} files |{bar}| {elapsed}, {remaining} left"


class Bar:
    """A bar for a number of files, where there are several and somebody sees it.

    While it is there, what is written to standard error stands above it, whoever writes it.
    """

    def __init__(self, total: int) -> None:
        self._bar: Any = None
        self._stderr = sys.stderr
        if total > 1 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            from tqdm import tqdm  # its import takes longer than a small file

            tqdm.monitor_interval = 0  # no thread that draws in the middle of a line
            self._bar = tqdm(
                total=total,
                file=sys.stderr,
                leave=False,
                dynamic_ncols=True,
                bar_format=_FORMAT,
                mininterval=0,
            )

    def __enter__(self) -> Self:
        if self._bar is not None:
            sys.stderr = _Above(self._bar, self._stderr)
        return self

    def __exit__(self, *_: object) -> None:
        sys.stderr = self._stderr
        if self._bar is not None:
            self._bar.close()

    def advance(self) -> None:
        """Count one file more."""
        if self._bar is not None:
            self._bar.update()


class _Above(io.TextIOBase):
    """Standard error above a bar: the bar makes way for a line, and comes back behind it."""

    def __init__(self, bar: Any, stream: TextIO) -> None:
        self._bar = bar
        self._stream = stream
        self._is_in_line = False

    def write(self, text: str) -> int:
        if not self._is_in_line:
            self._bar.clear()
        written = self._stream.write(text)
        self._is_in_line = not text.endswith("\n")
        if not self._is_in_line:
            self._bar.refresh()
        return written

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()
