"""fish: what a word stands for that is being typed."""

from __future__ import annotations


def unquoted(word: str) -> str:
    """Return what a word stands for (fish's manual, Quotes); a quotation mark can be open."""
    characters = []
    quote, is_escaped = "", False
    for one in word:
        if is_escaped:
            if quote and one not in ("\\", quote, "$" if quote == '"' else quote):
                characters.append("\\")
            characters.append(one)
            is_escaped = False
        elif one == "\\":
            is_escaped = True
        elif one == quote:
            quote = ""
        elif not quote and one in ("'", '"'):
            quote = one
        else:
            characters.append(one)
    return "".join(characters)
