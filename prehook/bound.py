"""How long a start can take before CMD: the worst case of its steps."""

from __future__ import annotations

from prehook.step import pauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prehook.step import Step

UNBOUNDED = float("inf")


def of_step(step: Step) -> float:
    """Return the seconds that a step can take: all attempts and the pauses between them.

    An attempt that has had its time gets TERM, and KILL at the end of its grace period. A task
    ends itself, and prehook lets it have a second more for that.
    """
    if step.timeout is None:
        return UNBOUNDED
    return (step.timeout + _ending(step)) * (step.retries + 1) + sum(pauses(step))


def of_start(groups: Iterable[Sequence[Step]], limit: float) -> float:
    """Return the seconds that steps can take together.

    Args:
        groups: The steps that run, by groups that run beside each other.
        limit: The deadline of the whole start: what runs then is ended.
    """
    total, ending = 0.0, 0.0
    for group in groups:
        total += max(map(of_step, group), default=0.0)
        ending = max([ending, *map(_ending, group)])
    return min(total, limit + ending)


def _ending(step: Step) -> float:
    return step.slack + step.grace
