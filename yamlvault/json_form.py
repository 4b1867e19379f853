"""Data as JSON has it."""

from __future__ import annotations

import json
import math
import re

from yamlvault.errors import DocumentError
from yamlvault.keypath import component_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A string, or a number with an exponent
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|(-?[0-9]+)(\.[0-9]+)?(e[-+][0-9]+)')
# What JSON takes as it is, and YAML only as an escape, or for a line break (YAML 1.1, 5.1 and 5.4)
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def dump_json(value: Any, root: str = "$", hint: str | None = None) -> bytes:
    """Return a value as a JSON document, which readers of YAML read to the same.

    What JSON has no form for is text: dates are ISO 8601, bytes base64, numbers without a value as
    YAML writes them. So are all keys.

    Args:
        value: What the safe loader makes.
        root: The key path of it, for errors.
        hint: What to do about a value that JSON has no form for.

    Raises:
        DocumentError: A mapping or list stands in itself, or two keys have the same text; with
            the key path.
    """
    try:
        formed = _formed(value, (), root)
        text = json.dumps(formed, ensure_ascii=False, indent=2, allow_nan=False)
    except DocumentError as error:
        error.hint = hint
        raise
    except ValueError:  # it would quote the number
        raise DocumentError("a number has more digits than Python writes") from None
    # a name of a file can be no UTF-8: what stands for its bytes is an escape, in JSON too
    return _TOKENS.sub(_for_yaml, text).encode(errors="backslashreplace")


def _for_yaml(token: re.Match[str]) -> str:
    if token[1]:  # 1e+16 is a text in YAML 1.1
        return f"{token[1]}{token[2] or '.0'}{token[3]}"
    return _NOT_IN_YAML.sub(lambda one: f"\\u{ord(one[0]):04x}", token[0])


def _formed(value: Any, around: tuple[int, ...], path: str) -> Any:
    if not isinstance(value, (dict, list, tuple, set, frozenset)):
        return _plain(value)
    if id(value) in around:
        raise DocumentError(f"{path} stands in itself, for which JSON has no form")
    around = (*around, id(value))
    if isinstance(value, dict):
        formed = {}
        for key, one in value.items():
            name = _key(key, path)
            if name in formed:
                raise DocumentError(
                    f"{path} has keys that are the same text in JSON, such as 1 and '1'"
                )
            formed[name] = _formed(one, around, path + component_text(name))
        return formed
    ordered = value if isinstance(value, (list, tuple)) else sorted(value, key=str)
    return [_formed(one, around, f"{path}[{number}]") for number, one in enumerate(ordered)]


def _key(key: Any, path: str) -> str:
    formed = _formed(key, (), path)
    return formed if isinstance(formed, str) else json.dumps(formed, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return a scalar; as text where JSON has no form for it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
