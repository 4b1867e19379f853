"""Endings: the signals that end an edit, and those that are the editor's alone."""

from __future__ import annotations

import signal
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType
    from typing import Any, Self

_ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_OF_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)


class Ended(BaseException):
    """A signal ends the edit. No error: nothing that handles errors may keep it.

    Attributes:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Endings:
    """Within it, signals that would kill us raise `Ended`, so that the copy is removed."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        # inherited as ignored, it would keep the editor's exit status from us (wait(2))
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._set(_ENDINGS, _end)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _set(self, numbers: Iterable[int], handler: Any) -> None:
        for number in numbers:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):  # as nohup leaves it: it stays ignored
                self._before.setdefault(number, before)
                signal.signal(number, handler)

    @contextmanager
    def left_to_the_editor(self) -> Iterator[None]:
        """Let interrupt and quit keys mean what the editor takes them for.

        The kernel sends them to us, too. They are caught, and not ignored: a child inherits
        what is ignored, and gets back what is caught (execve(2)).
        """
        self._set(_OF_THE_KEYBOARD, _nothing)
        try:
            yield
        finally:
            self._set([signal.SIGINT], signal.default_int_handler)
            self._set([signal.SIGQUIT], _end)

    def hold(self) -> None:
        """Let no signal interrupt what follows."""
        self._set((*_ENDINGS, signal.SIGINT), _nothing)


def _end(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    pass
