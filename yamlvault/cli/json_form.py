"""Data as JSON has it."""

from __future__ import annotations

import json
import math

from yamlvault.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def dump_json(value: Any) -> bytes:
    """Return a value as a JSON document.

    What JSON has no form for is text: dates are ISO 8601, bytes base64, numbers without a value as
    YAML writes them. So are all keys.

    Raises:
        DocumentError: A mapping or list stands in itself, or two keys have the same text.
    """
    text = json.dumps(_formed(value, ()), ensure_ascii=False, indent=2, allow_nan=False)
    # a name of a file can be no UTF-8: what stands for its bytes is an escape, in JSON too
    return text.encode(errors="backslashreplace")


def _formed(value: Any, around: tuple[int, ...]) -> Any:
    if not isinstance(value, (dict, list, tuple, set, frozenset)):
        return plain(value)
    if id(value) in around:
        raise DocumentError(
            "a mapping or a list stands in itself, for which JSON has no form",
            hint="without --json it is printed, with an alias",
        )
    around = (*around, id(value))
    if isinstance(value, dict):
        formed = {_key(key): _formed(one, around) for key, one in value.items()}
        if len(formed) < len(value):
            raise DocumentError(
                "a mapping has keys that are the same text in JSON, such as 1 and '1'",
                hint="without --json it is printed as YAML",
            )
        return formed
    ordered = value if isinstance(value, (list, tuple)) else sorted(value, key=str)
    return [_formed(one, around) for one in ordered]


def _key(key: Any) -> str:
    formed = _formed(key, ())
    return formed if isinstance(formed, str) else json.dumps(formed, ensure_ascii=False)


def plain(value: Any) -> Any:
    """Return a scalar; as text where JSON has no form for it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
