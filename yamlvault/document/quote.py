"""The double-quoted form of a value, that means the same in every place and to every reader."""

from __future__ import annotations

import re

from yamlvault.document.node import STR_TAG

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def double_quoted(value: str) -> str:
    """Return `value` in double quotes on one line (YAML 1.1, 5.7)."""
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08X}"
    return f"\\u{code:04X}" if code > 0xFF else f"\\x{code:02X}"


def json_quoted(value: str) -> str:
    """Return `value` as a JSON string (RFC 8259) that YAML reads as the same."""
    import json

    return json_in_yaml(json.dumps(value, ensure_ascii=False))


def json_in_yaml(text: str) -> str:
    """Return JSON that YAML reads as the same: what it refuses or breaks lines at is escaped."""
    return re.sub(
        "[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]",
        lambda match: f"\\u{ord(match.group()):04x}",
        text,
    )


def canonical(tag: str, value: str) -> str:
    """Return a scalar of this tag and value that stands in any place."""
    if tag == STR_TAG:
        return double_quoted(value)
    return f"!<{tag}> {double_quoted(value)}"
