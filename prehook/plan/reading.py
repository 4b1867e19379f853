"""A plan to steps."""

from __future__ import annotations

from importlib import import_module

from prehook.errors import PrehookError
from prehook.plan.conditions import conditions
from prehook.plan.naming import Names, name
from prehook.plan.reader import PlanReader
from prehook.plan.running import FIELDS as RUN_FIELDS
from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.document.text import decode
from yamlvault.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.start import Start
    from prehook.step import Step
    from yamlvault.document.node import Node

# Each is read by a module of its own, of which a start imports only those that its plan needs
KINDS = {
    "run": "prehook.plan.running",
    "wait": "prehook.wait.reading",
    "secrets": "prehook.secrets.reading",
    "render": "prehook.render.reading",
    "assets": "prehook.assets.reading",
}
SETTINGS = (
    "name", "when", "unless", "timeout", "grace", "retries", "backoff", "optional",
)  # fmt: skip
TOP = ("deadline", "steps")


def read(data: bytes, source: str, start: Start) -> None:
    """Add the steps of a plan to a start: all of them, or none.

    Raises:
        YamlVaultError: It is wrong anywhere; with line and column.
    """
    text, _ = decode(data)
    documents = compose(text).documents
    if not documents:
        raise ConfigError("the plan is empty", hint="it is a mapping with a list of `steps`")
    if len(documents) > 1:
        raise ConfigError(f"one document is expected, not {len(documents)}")
    reader = PlanReader(text, source)
    fields = reader.fields(documents[0].root, TOP, ("steps",))
    limit = start.limit
    if "deadline" in fields:
        limit = min(limit, reader.seconds(fields["deadline"], "deadline"))
    steps = _steps(reader, fields["steps"], start)
    start.limit = limit
    start.steps += steps


def _steps(reader: PlanReader, node: Node, start: Start) -> list[Step]:
    names = Names(start.steps)
    steps = []
    for one in reader.items(node):
        step = _step(reader, one, names)
        if step.user is None:
            step.user = start.user
        steps.append(step)
    for step in steps:  # a name that is given goes before a default, wherever it stands
        if not step.name:
            step.name = names.default(step.kind, step.place)
            step.is_named = False
    _refuse_secrets_of_nobody(steps, [*start.steps, *steps])
    if any(step.kind == "secrets" for step in steps):
        from prehook.secrets.clash import refuse_clashes

        refuse_clashes([*start.steps, *steps])
    return steps


def _refuse_secrets_of_nobody(steps: list[Step], all_steps: list[Step]) -> None:
    """Refuse a command that is to have secrets which no step in front of it opens."""
    for step in steps:
        before = all_steps[: all_steps.index(step)]
        if getattr(step, "secrets", False) and not any(one.kind == "secrets" for one in before):
            raise PrehookError(
                f"{step.place}: `secrets: true`, and no secrets step stands in front",
                hint="put one there; the command gets what CMD gets of it",
            )


def _step(reader: PlanReader, node: Node, names: Names) -> Step:
    if not reader.is_mapping(node):
        hint = "- run: python docker/setup.py"
        raise reader.refusal(node, "a step is a mapping of its kind and its settings", hint)
    _refuse_misplaced(reader, node)
    fields = reader.fields(node, (*KINDS, *SETTINGS), ())
    kind, value = _kind(reader, node, fields)
    step: Step = import_module(KINDS[kind]).read(reader, value, reader.place(node))
    if "name" in fields:
        step.name = name(reader, fields["name"])
        names.take(reader, fields["name"], step.name)
    step.conditions = conditions(reader, fields)
    for setting in ("timeout", "grace", "backoff"):
        if setting in fields:
            setattr(step, setting, reader.seconds(fields[setting], setting))
    if "retries" in fields:
        step.retries = reader.count(fields["retries"], "retries")
    if "optional" in fields:
        step.optional = reader.flag(fields["optional"])
    return step


def _refuse_misplaced(reader: PlanReader, node: Node) -> None:
    """Say where settings of `run` belong, which are often written beside it."""
    for key, _ in reader.entries(node):
        name = key.value if isinstance(key, Scalar) else ""
        if name in RUN_FIELDS and name not in KINDS:
            hint = f"it belongs to the command: run: {{command: …, {name}: …}}"
            raise reader.refusal(key, f"unknown key {name!r}", hint)


def _kind(reader: PlanReader, node: Node, fields: dict[str, Node]) -> tuple[str, Node]:
    found = [key for key in fields if key in KINDS]
    if not found:
        raise reader.refusal(node, f"a step is one of {', '.join(KINDS)}: none stands here")
    if len(found) > 1:
        second = fields[found[1]]
        raise reader.refusal(
            second, f"`{found[0]}` and `{found[1]}` in one step", "make two steps of them"
        )
    return found[0], fields[found[0]]
