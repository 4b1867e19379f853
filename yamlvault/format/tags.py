"""The tag of a scalar (format, 4.1): what any reader of YAML 1.1 or 1.2 could take it for."""

from __future__ import annotations

import re

from yamlvault.document.node import STR_TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Scalar

_PREFIX = "tag:yaml.org,2002:"
NULL_TAG = _PREFIX + "null"
MERGE_TAG = _PREFIX + "merge"
NUMBER_TAGS = (_PREFIX + "int", _PREFIX + "float")

_BOOLEANS = [
    form
    for word in ("y", "n", "yes", "no", "true", "false", "on", "off")
    for form in (word, word.capitalize(), word.upper())
]
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), NULL_TAG),
    **dict.fromkeys(_BOOLEANS, _PREFIX + "bool"),
    "<<": MERGE_TAG,
    "=": _PREFIX + "value",
}
_NUMBER_START = frozenset("0123456789+-.")

# The rows of the table in their order: the first that matches the whole value names the tag.
_NUMBER = r"""(?x)
  (?P<int>   [-+]?(0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])*) )
| (?P<float> [-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?
           | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*
           | [-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN) )
| (?P<timestamp> [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}
      (([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?
      ([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)? )
"""
_NUMBER_TAGS = {name: _PREFIX + name for name in ("int", "float", "timestamp")}
CORE_TAGS = (STR_TAG, *dict.fromkeys(_WORDS.values()), *_NUMBER_TAGS.values())


def plain_tag(value: str) -> str:
    """Return the tag of a plain scalar without a tag of its own."""
    tag = _WORDS.get(value)
    if tag is not None:
        return tag
    if value[0] in _NUMBER_START:
        # compiled at the first number: `re` keeps it, and a file without one starts faster
        match = re.fullmatch(_NUMBER, value)
        if match is not None:
            # the last group to close is the outer one, which names the row
            return _NUMBER_TAGS[match.lastgroup or ""]
    return STR_TAG


def scalar_tag(scalar: Scalar) -> str:
    """Return the tag of a scalar."""
    if scalar.tag is not None and scalar.tag != "!":
        return scalar.tag
    tag = STR_TAG if scalar.style else plain_tag(scalar.value)
    # `! yes` is text for YAML, and true for PyYAML: it stands neither for "yes" nor for yes
    return tag if scalar.tag is None or tag == STR_TAG else "!"
