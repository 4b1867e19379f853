"""What `prehook explain` prints: the start as it would be, with nothing done and nothing opened.

Names and never values: neither of the environment, nor of what stands on a command line behind
the names of files (see `Hook.title`).
"""

from __future__ import annotations

from prehook.execute import program
from prehook.journal import quoted
from prehook.outline import outline
from prehook.signals import GRACE
from prehook.step import Step, pauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment
    from prehook.outline import Outline, StepOutline
    from prehook.start import Start

_INDENT = "   "
_FOREVER = float("inf")


def explanation(start: Start, environment: Environment) -> str:
    """Return the explanation of a start, as text or as JSON.

    Raises:
        PrehookError: PREHOOK_SKIP names a step that there isn't.
    """
    found = outline(start, environment)
    if start.journal.as_json:
        from prehook.explanation_json import as_json

        return as_json(found, start, environment)
    blocks = [_step(one) for one in found.steps]
    blocks.append(_command(start, found, environment))
    blocks.append(_total(start, found))
    return "\n".join(blocks)


def span(seconds: float) -> str:
    """Return a span of time in words: `90 s (1 m 30 s)`."""
    text = f"{seconds:.10g} s"
    if seconds < 60:
        return text
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "m"), (rest, "s")]
    return f"{text} ({' '.join(f'{number:.10g} {unit}' for number, unit in parts if number)})"


def command_facts(start: Start, environment: Environment) -> list[tuple[str, str]]:
    """Return what there is to say of CMD."""
    name = start.command[0]
    facts = [("program", program(name, environment) or f"{quoted(name)} can't be run: not found")]
    if len(start.command) > 1:
        facts.append(("arguments", f"{len(start.command) - 1}, as they are"))
    if start.user:
        facts.append(("user", str(start.user)))
    if start.init:
        facts.append(("init", "prehook stays as an init, with CMD as its child"))
    if start.trace:
        facts.append(("trace", start.trace))
    return facts


def settings(step: Step) -> list[tuple[str, str]]:
    """Return what is said of a step's settings: those that are not as they are by default."""
    facts = [("timeout", "none" if step.timeout is None else span(step.timeout))]
    if step.grace != GRACE:
        facts.append(("grace", span(step.grace)))
    if step.retries:
        waits = ", ".join(f"{pause:g}" for pause in pauses(step)[:6])
        more = ", …" if step.retries > 6 else ""
        facts.append(("retries", f"{step.retries}, after {waits}{more} s"))
    if step.optional:
        facts.append(("optional", "the start goes on when it fails"))
    if step.allow_background:
        facts.append(("background", "what it leaves running may stay"))
    if step.user:
        facts.append(("user", str(step.user)))
    return facts


def _step(one: StepOutline) -> str:
    step = one.step
    place = f", {step.place}" if step.name else ""
    lines = [f"{one.number}. {step.title()} ({step.kind}{place})\n"]
    if one.skipped:
        lines.append(f"{_INDENT}skipped: {_one_line(one.skipped)}\n")
    facts = step.facts()
    facts += [("only if", f"{text}: {_holds(held)}") for text, held in one.conditions]
    facts += settings(step)
    if one.bound != _FOREVER:
        facts.append(("worst case", span(one.bound)))
    if one.beside:
        facts.append(("beside", ", ".join(map(str, one.beside))))
    facts += [("not there", text) for text in one.missing]
    return "".join([*lines, _table(facts)])


def _command(start: Start, found: Outline, environment: Environment) -> str:
    facts = command_facts(start, environment) + found.handed_on
    return f"CMD {quoted(start.command[0])}\n" + _table(facts)


def _total(start: Start, found: Outline) -> str:
    if found.bound == _FOREVER:
        return f"worst case: no bound: {', '.join(found.unbounded)} without a timeout\n"
    text = f"worst case: {span(found.bound)} until CMD starts\n"
    if start.limit != _FOREVER:
        text += f"deadline: {span(start.limit)} for all steps together\n"
    return text


def _holds(held: bool) -> str:  # noqa: FBT001 (it is what is told)
    return "yes" if held else "no"


def _table(facts: list[tuple[str, str]]) -> str:
    width = max((len(name) for name, _ in facts), default=0)
    return "".join(f"{_INDENT}{name:{width}}  {_one_line(text)}\n" for name, text in facts)


def _one_line(text: str) -> str:
    return quoted(text)[1:-1]
