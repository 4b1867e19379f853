"""Renditions: a file as git shows it in a diff, for people (docs/git.md)."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.text import LINE_BREAKS, encode, newline_of
from yamlvault.errors import (
    DocumentError,
    FormatError,
    IntegrityError,
    KEKError,
    KEKUnreachableError,
    NoKeyError,
    YamlVaultError,
)
from yamlvault.format.metadata import name_of
from yamlvault.printable import printable
from yamlvault.review.mask import COMMENT, masked, without_lookalikes
from yamlvault.source import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yamlvault.review.view import View
    from yamlvault.source import Source

# The same words for the same kind of reason: a deadline that is some milliseconds off must not be
# a difference between two versions of a file.
_REASONS: tuple[tuple[type[YamlVaultError], str], ...] = (
    (IntegrityError, "it is not what was encrypted"),
    (FormatError, "its metadata is malformed"),
    (KEKUnreachableError, "its key service can't be reached"),
    (KEKError, "its KEK can't be used"),
    (NoKeyError, "nothing at hand opens it"),
)


class Rendition(NamedTuple):
    """A file for people.

    Attributes:
        data: What is shown of it.
        errors: What is wrong with it.
    """

    data: bytes
    errors: tuple[YamlVaultError, ...] = ()

    def __repr__(self) -> str:
        return "<Rendition>"  # it is plaintext


def render(data: bytes, look: Callable[[Source], View]) -> Rendition:
    """Return the plaintext of a file, with masks where it does not open, and who can open it.

    What is not encrypted in our format comes out as it is: other versions of a file can be
    anything. Metadata is left out but for who can open what: that is what a review is for.

    Args:
        data: The file.
        look: Opens it where it is encrypted.
    """
    try:
        source = read(data)
    except FormatError as error:
        return Rendition(_as_it_is(data), (error,))
    except DocumentError:
        return Rendition(_as_it_is(data))
    if source.metadata is None:
        return Rendition(_as_it_is(data))
    view = look(source)
    text = view.text()
    try:
        text = masked(text) if view.closed else without_lookalikes(text)
    except DocumentError as error:  # without its metadata it is not YAML any more
        return Rendition(_as_it_is(data), (error,))
    wrong = tuple(
        error for error in view.closed.values() if isinstance(error, (IntegrityError, FormatError))
    )
    newline = newline_of(text)
    head = dict.fromkeys(f"not to be trusted: {error.message}" for error in wrong)
    tail = [
        line for number in range(len(source.metadata.scopes)) for line in _scope_lines(view, number)
    ]
    if text and text[-1] not in LINE_BREAKS:
        text += newline
    parts = [_comment(head, newline), text, _comment(tail, newline)]
    return Rendition(encode("".join(parts), bom=source.bom), wrong)


def _as_it_is(data: bytes) -> bytes:
    # Latin-1 has a character for each byte: what is no text stays what it is
    return without_lookalikes(data.decode("latin-1")).encode("latin-1")


def _comment(lines: dict[str, None] | list[str], newline: str) -> str:
    return "".join(f"{COMMENT} {printable(line)}{newline}" for line in lines)


def _scope_lines(view: View, number: int) -> Iterator[str]:
    """Yield what a review of a scope needs: what is sealed in it, and who can open it.

    A value is shown as it was written, sealed or not: that one was added in plaintext, or lost its
    seal, is seen by the number of those that are sealed. A KEK has a line of its own, so that one
    more is one line more.
    """
    if view.source.metadata is None:
        return
    scope = view.source.metadata.scopes[number]
    facts = []
    if view.counts:
        count = view.counts[number]
        facts.append("1 sealed scalar" if count == 1 else f"{count} sealed scalars")
    if scope.seal != scope.paths:
        facts.append(f"seals {', '.join(scope.seal)}")
    if any(key.append for key in scope.keys):
        facts.append("who can't open it may add to it")
    yield f"scope {name_of(scope)}: {'; '.join(facts) or 'not readable'}"
    for key in scope.keys:
        yield f"  data key {key.id} is for"
        for stanza in key.stanzas:
            pairs = ", ".join(f"{name}={value}" for name, value in sorted(stanza.context.items()))
            yield f"    {stanza.kek}{f' ({pairs})' if pairs else ''}"
    if (error := view.closed.get(number)) is not None:
        yield f"  left sealed: {_reason(error)}"


def _reason(error: YamlVaultError) -> str:
    return next((words for kind, words in _REASONS if isinstance(error, kind)), error.message)
