"""Progress: a bar on standard error where that is a terminal, and plain lines elsewhere."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class Bar:
    """A bar for a number of files, where there are several and somebody sees it."""

    def __init__(self, total: int) -> None:
        self._bar = None
        if total > 1 and sys.stderr.isatty():
            from tqdm import tqdm  # its import takes longer than a small file

            self._bar = tqdm(total=total, unit="file", file=sys.stderr, leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self) -> None:
        """Count one file more."""
        if self._bar is not None:
            self._bar.update()

    def above(self, print_lines: Callable[[], None]) -> None:
        """Print lines that stay above the bar."""
        if self._bar is not None:
            self._bar.clear()
        print_lines()
        if self._bar is not None:
            self._bar.refresh()
