"""Templates with their targets, as they are written: `SRC:DST`, or `SRC.j2` alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from prehook.render.errors import RenderUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIX = ".j2"
STDOUT = "-"


class Pair(NamedTuple):
    """A template, and the file that it is rendered to."""

    source: str
    target: str


def split(text: str) -> tuple[str, str | None]:
    """Split `FILE:REST` at the first colon, unless there is a file of the whole name."""
    head, colon, rest = text.partition(":")
    if not colon or os.path.exists(text):
        return text, None
    return head, rest


def parse(text: str) -> Pair:
    """Return the template and the target of `SRC[:DST]`.

    Raises:
        RenderUsageError: It has no target.
    """
    source, target = split(text)
    if target == "":
        raise RenderUsageError(
            f"no target behind the colon of {text}", hint="is a variable in it empty?"
        )
    if target is not None:
        return Pair(source, target)
    if not source.endswith(SUFFIX) or source == SUFFIX:
        raise RenderUsageError(
            f"no target for {source}", hint=f"only of SRC{SUFFIX} it is known: write SRC:DST"
        )
    return Pair(source, source.removesuffix(SUFFIX))


def refuse_same_target(pairs: Iterable[Pair]) -> None:
    """Refuse two templates for one file.

    Raises:
        RenderUsageError: There are.
    """
    seen = set()
    for pair in pairs:
        if pair.target == STDOUT:
            continue
        path = os.path.realpath(pair.target)
        if path in seen:
            raise RenderUsageError(f"two templates for {pair.target}")
        seen.add(path)
