"""Masks: what must not be shown, taken out of a text."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MARK = "***"


def masked(text: str, hidden: "Iterable[str]") -> str:
    """Return a text with a mark in place of all that is hidden.

    Each is looked for by itself: hardly a line of ours has any of them, and to look for a thousand
    takes less time than to compile one pattern of them. What overlaps is hidden as one, so that
    nothing stays of a longer value that begins or ends as another one does.

    Args:
        text: The text.
        hidden: The texts to be hidden; none is empty.
    """
    spans = [span for one in hidden if one in text for span in _spans(text, one)]
    if not spans:
        return text
    spans.sort()
    parts, done = [], 0
    first, last = spans[0]
    for start, end in spans[1:]:
        if start <= last:
            last = max(last, end)
            continue
        parts += [text[done:first], MARK]
        first, done, last = start, last, end
    return "".join([*parts, text[done:first], MARK, text[last:]])


def _spans(text: str, one: str) -> list[tuple[int, int]]:
    found, start = [], text.find(one)
    while start >= 0:
        found.append((start, start + len(one)))
        start = text.find(one, start + 1)  # it can overlap itself
    return found
