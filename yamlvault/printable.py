"""Printable text: what stands in a file, as one line that no terminal obeys."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return a text on one line, with escapes for what a terminal would obey or hide.

    Names and KEK URIs in a file are anybody's: with a line break one could pass for two, and with
    a change of the writing direction for another one.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
