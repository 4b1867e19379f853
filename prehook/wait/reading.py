"""A `wait` of a plan."""

from __future__ import annotations

from prehook.errors import PrehookError
from prehook.wait.target import MOST, Target, statuses
from prehook.wait.task import WaitTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.plan.reader import PlanReader
    from prehook.text import Text
    from yamlvault.document.node import Node

FIELDS = ("url", "status", "headers", "ca")


def read(reader: PlanReader, node: Node, place: str) -> WaitTask:
    """Read a target or a list of them: each a URL, or a mapping.

    Raises:
        ConfigError: It is wrong as far as that can be known; with line and column.
    """
    nodes = reader.one_or_more(node)
    if len(nodes) > MOST:
        raise reader.refusal(
            nodes[MOST], f"more than {MOST} targets", "another `wait` can have the rest"
        )
    return WaitTask(place, [_target(reader, one) for one in nodes])


def _target(reader: PlanReader, node: Node) -> Target:
    if reader.is_scalar(node):
        return _checked(reader, node, Target(reader.template(node)))
    fields = reader.fields(node, FIELDS, ("url",))
    target = Target(
        reader.template(fields["url"]),
        _statuses(reader, fields["status"]) if "status" in fields else (),
        _headers(reader, fields["headers"]) if "headers" in fields else None,
        reader.template(fields["ca"]) if "ca" in fields else None,
    )
    return _checked(reader, fields["url"], target)


def _checked(reader: PlanReader, node: Node, target: Target) -> Target:
    try:
        target.check()
    except PrehookError as error:
        raise reader.refusal(node, error.message, error.hint) from None
    return target


def _statuses(reader: PlanReader, node: Node) -> list[range]:
    found: list[range] = []
    for one in reader.one_or_more(node):
        try:
            found += statuses([reader.value_of(one)])
        except PrehookError as error:
            raise reader.refusal(one, error.message, error.hint) from None
    return found


def _headers(reader: PlanReader, node: Node) -> dict[str, Text]:
    headers: dict[str, Text] = {}
    for key, value in reader.entries(node):
        name = reader.text_of(key)
        if name in headers:
            raise reader.refusal(key, f"the header {name} stands there twice")
        headers[name] = reader.template(value)
    return headers
