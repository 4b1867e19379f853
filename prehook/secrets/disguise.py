"""Disguises: the forms in which a secret value can turn up in a message."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Anything shorter stands in every other line by chance, and a mask there would tell what it is
SHORTEST = 4


def disguises(values: Iterable[str | bytes]) -> list[str]:
    """Return the forms of secret values, each once.

    These are the value itself, each line of it where it has several, and what JSON, Python, sh,
    URLs, HTML, base64 (wherever in the encoded bytes it stands) and hexadecimal digits make of it.
    Values and lines of less than four characters are left out.
    """
    found: dict[str, None] = {}
    for value in values:
        text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
        if len(text) < SHORTEST:
            continue
        data = value if isinstance(value, bytes) else text.encode("utf-8", "surrogatepass")
        found.update(dict.fromkeys(_of_text(text)))
        found.update(dict.fromkeys(_of_bytes(data)))
    return [form for form in found if len(form) >= SHORTEST]


def _of_text(text: str) -> Iterator[str]:
    yield text
    lines = text.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines)
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield quoted(text)[1:-1]  # our own lines
    yield text.replace("'", "'\"'\"'")  # shlex.quote
    yield text.replace("'", "'\\''")  # as people and other shells write it
    yield html.escape(text, quote=False)
    escaped = html.escape(text)
    yield escaped
    yield escaped.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")  # as Jinja writes them
    yield escaped.replace("&#x27;", "&apos;")  # as XML has it


def _of_bytes(data: bytes) -> Iterator[str]:
    for form in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield form
        if "%" in form:
            yield _with_small_digits(form)
    for start in range(3):
        form = _within_base64(data, start)
        yield form
        yield form.replace("+", "-").replace("/", "_")
    yield data.hex()
    yield data.hex().upper()


def _with_small_digits(form: str) -> str:
    first, *others = form.split("%")
    return "%".join([first, *(one[:2].lower() + one[2:] for one in others)])


def _within_base64(data: bytes, start: int) -> str:
    """Return the characters that bytes have in the base64 of more, whatever the others are.

    Args:
        data: The bytes.
        start: How many bytes stand in front of them, modulo 3.
    """
    text = b64encode(b"\0" * start + data).decode()
    # a character has 6 bits: those count that have none of the bytes around
    return text[(8 * start + 5) // 6 : 8 * (start + len(data)) // 6]
