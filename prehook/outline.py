"""The outline of a start: what `prehook explain` says of its steps, put together."""

from __future__ import annotations

from typing import NamedTuple

from prehook.bound import of_start, of_step
from prehook.chain import groups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment
    from prehook.start import Start
    from prehook.step import Step


class StepOutline(NamedTuple):
    """A step in its place.

    Attributes:
        number: Which one it is, from 1.
        step: The step.
        skipped: Why it is left out; empty if it runs.
        conditions: Each condition, and whether it holds.
        beside: The numbers of the steps that run beside it.
        missing: What it needs and isn't there, in words.
        bound: The seconds that it can take; can be infinite.
    """

    number: int
    step: Step
    skipped: str
    conditions: list[tuple[str, bool]]
    beside: list[int]
    missing: list[str]
    bound: float


class Outline(NamedTuple):
    """A start.

    Attributes:
        steps: Its steps.
        bound: The seconds that the steps can take together; can be infinite.
        unbounded: The titles of those that have no bound.
        handed_on: What CMD is handed: what, and what it is.
    """

    steps: list[StepOutline]
    bound: float
    unbounded: list[str]
    handed_on: list[tuple[str, str]]


def outline(start: Start, environment: Environment) -> Outline:
    """Return the outline of a start in an environment.

    Raises:
        PrehookError: PREHOOK_SKIP names a step that there isn't.
    """
    skipped = _names(start, environment)
    reasons = {id(step): _reason(step, skipped, environment) for step in start.steps}
    found: list[StepOutline] = []
    running: list[list[Step]] = []
    for group in groups(start.steps):
        first = len(found) + 1
        numbers = {
            number: step for number, step in enumerate(group, first) if not reasons[id(step)]
        }
        running.append(list(numbers.values()))
        for number, step in enumerate(group, first):
            reason = reasons[id(step)]
            beside = [] if reason else [other for other in numbers if other != number]
            held = [(str(one), one.holds(environment)) for one in step.conditions]
            missing = [] if reason else step.missing(environment)
            found.append(StepOutline(number, step, reason, held, beside, missing, of_step(step)))
    there = [step for group in running for step in group]
    return Outline(
        found,
        of_start(running, start.limit),
        [step.title() for step in there if step.timeout is None],
        [one for step in there for one in step.hands_on()],
    )


def _names(start: Start, environment: Environment) -> frozenset[str]:
    text = environment.get(b"PREHOOK_SKIP", b"")
    if not text:
        return frozenset()
    from prehook.skipping import names

    return names(text, start.steps)


def _reason(step: Step, skipped: frozenset[str], environment: Environment) -> str:
    if step.name in skipped:
        return "PREHOOK_SKIP"
    if not step.conditions:
        return ""
    from prehook.condition import unmet

    condition = unmet(step.conditions, environment)
    return f"only if {condition}" if condition else ""
