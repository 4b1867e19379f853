"""Clashes: steps of a plan that would hand on something under the same name."""

from __future__ import annotations

from prehook.errors import PrehookError
from prehook.secrets.task import SecretsTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prehook.step import Step


def refuse_clashes(steps: Iterable[Step]) -> None:
    """Refuse steps that would clash in every start.

    Those with conditions can be for different ones: when they do meet, `SecretsTask.take` refuses.

    Raises:
        PrehookError: Two would.
    """
    first: dict[tuple[bool, str], Step] = {}
    for step in steps:
        if not isinstance(step, SecretsTask) or step.conditions:
            continue
        for setting, name in _names(step):
            other = first.setdefault((setting == "as", name), step)
            if other is not step:
                raise PrehookError(
                    f"{step.place}: the step at {other.place} hands on {name} already",
                    hint=f"name something else in `{setting}` of one of them",
                )


def _names(step: SecretsTask) -> Iterator[tuple[str, str]]:
    yield "as", step.known_as
    if step.variable:
        yield "fd", step.variable
    for name in step.variables:
        yield "env", name
