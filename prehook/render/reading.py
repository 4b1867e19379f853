"""The step `render` as a plan has it: one template, a list of them, or a mapping with a mode."""

from __future__ import annotations

from prehook.render.errors import RenderError
from prehook.render.pair import refuse_same_target
from prehook.render.task import RenderTask, file_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.plan.reader import PlanReader
    from yamlvault.document.node import Node

FIELDS = ("templates", "mode")


def read(reader: PlanReader, node: Node, place: str) -> RenderTask:
    """Return the step.

    Raises:
        ConfigError: It is malformed, or a template has no target.
    """
    mode = None
    if reader.is_mapping(node):
        fields = reader.fields(node, FIELDS, FIELDS[:1])
        node = fields["templates"]
        mode = reader.mode(fields["mode"]) if "mode" in fields else None
    nodes = reader.one_or_more(node)
    templates = [reader.template(one) for one in nodes]
    pairs = []
    for template, one in zip(templates, nodes, strict=True):
        if not template.is_constant:
            continue  # what it names is known when the step begins
        try:
            pairs.append(file_pair(template.source))
            refuse_same_target(pairs)
        except RenderError as error:
            raise reader.refusal(one, error.message, error.hint) from None
    return RenderTask(place, templates, mode)
