"""Traces: what is raised shows no plaintext, even to who prints the locals of its frames.

Error pages, error services and test runners do. The frames that read a file hold its text, data
keys and values, so none of them goes out with an error.
"""

from __future__ import annotations

import sys
from functools import wraps

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


def without_locals(function: Callable[P, T]) -> Callable[P, T]:
    """Let the errors of a function out without what its frames, and those below, hold.

    An error of ours says all there is to say, so it starts here, with its hint as a note, which a
    traceback shows (PEP 678). Anything else, a defect or what a loader of the caller's raises,
    keeps its lines and loses their locals.
    """

    @wraps(function)
    def call(*arguments: P.args, **settings: P.kwargs) -> T:
        outer = sys.exception()
        try:
            return function(*arguments, **settings)
        except YamlVaultError as error:
            failure = error
        except BaseException as error:
            del arguments, settings
            _clear(error, outer)
            raise
        del arguments, settings
        note = f"hint: {failure.hint}"
        if failure.hint is not None and note not in getattr(failure, "__notes__", ()):
            failure.add_note(note)
        failure.__cause__ = failure.__context__ = None  # what it was made of has frames, too
        try:
            raise failure.with_traceback(None)
        finally:
            del failure  # or the frame and the error would keep each other alive

    return call


def _clear(error: BaseException, outer: BaseException | None) -> None:
    """Empty the frames of an error and of what it was made of, up to what is the caller's own."""
    from traceback import clear_frames

    seen = {id(outer)}
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            clear_frames(one.__traceback__)
            pending += [one.__cause__, one.__context__]
