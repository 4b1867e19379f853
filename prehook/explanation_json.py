"""An explanation as JSON, for what compares or checks starts."""

from __future__ import annotations

import json

from prehook.execute import program
from prehook.step import pauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prehook.environment import Environment
    from prehook.outline import Outline, StepOutline
    from prehook.start import Start


def as_json(found: Outline, start: Start, environment: Environment) -> str:
    """Return one JSON object; seconds that have no bound are null."""
    whole = {
        "steps": [_step(one) for one in found.steps],
        "command": {
            "name": start.command[0],
            "arguments": len(start.command) - 1,
            "program": program(start.command[0], environment) or None,
            "user": str(start.user) if start.user else None,
            "init": start.init,
            "trace": start.trace,
            "handed_on": [{"name": name, "what": what} for name, what in found.handed_on],
        },
        "deadline": _bounded(start.limit),
        "worst_case": _bounded(found.bound),
        "unbounded": found.unbounded,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _step(one: StepOutline) -> dict[str, Any]:
    step = one.step
    return {
        "number": one.number,
        "name": step.name or None,
        "title": step.title(),
        "kind": step.kind,
        "place": step.place,
        "facts": [{"name": name, "text": text} for name, text in step.facts()],
        "skipped": one.skipped or None,
        "conditions": [{"text": text, "holds": held} for text, held in one.conditions],
        "timeout": step.timeout,
        "grace": step.grace,
        "pauses": pauses(step),
        "optional": step.optional,
        "allow_background": step.allow_background,
        "user": str(step.user) if step.user else None,
        "beside": one.beside,
        "missing": one.missing,
        "worst_case": _bounded(one.bound),
    }


def _bounded(seconds: float) -> float | None:
    return None if seconds == float("inf") else seconds
