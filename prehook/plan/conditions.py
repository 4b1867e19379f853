"""`when` and `unless`: conditions on the environment."""

from __future__ import annotations

from prehook.condition import Condition
from yamlvault.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.plan.reader import PlanReader
    from yamlvault.document.node import Node

_HINT = "a text, a list of texts, true (set and not empty) or false (not set, or empty)"


def conditions(reader: PlanReader, fields: dict[str, Node]) -> tuple[Condition, ...]:
    """Return what must hold: each entry of `when`, and none of `unless`."""
    found = []
    for key, negated in (("when", False), ("unless", True)):
        if key in fields:
            node = fields.pop(key)
            if not reader.is_mapping(node):
                raise reader.refusal(node, f"`{key}` is a mapping", f"{key}: {{MIGRATE: true}}")
            for name, value in reader.entries(node):
                found.append(_condition(reader, reader.variable(name), value, negated=negated))
    return tuple(found)


def _condition(reader: PlanReader, name: str, node: Node, *, negated: bool) -> Condition:
    if reader.is_scalar(node) and (wanted := _flag(reader, node)) is not None:
        return Condition(name, negated=negated == wanted)
    if reader.is_mapping(node):
        raise reader.refusal(node, "a mapping is no condition", _HINT)
    values = tuple(_value(reader, one) for one in reader.one_or_more(node))
    if values == ("",):  # what is not set counts as empty
        return Condition(name, negated=not negated)
    return Condition(name, values, negated=negated)


def _flag(reader: PlanReader, node: Node) -> bool | None:
    try:
        return reader.flag(node)
    except ConfigError:
        return None


def _value(reader: PlanReader, node: Node) -> str:
    """Return a text, or a number as it is written."""
    if not reader.is_scalar(node):
        raise reader.refusal(node, "a text is expected", _HINT)
    text = reader.word(node)
    reader.refuse_expression(node, text)
    is_flag = text.lower() in ("true", "false") and _is_plain(reader, node)
    if is_flag:
        raise reader.refusal(
            node,
            "true and false are written in small letters and stand alone",
            "in quotes they are the texts",
        )
    return text


def _is_plain(reader: PlanReader, node: Node) -> bool:
    try:
        reader.text_of(node)
    except ConfigError:
        return True
    return False
