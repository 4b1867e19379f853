"""PREHOOK_SKIP: steps that a one-off run of an image leaves out."""

from prehook.errors import PrehookError
from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.step import Step


def names(text: bytes, steps: "list[Step]") -> frozenset[str]:
    """Return the names of the steps to be left out.

    Args:
        text: The variable: names with commas between.
        steps: The steps that there are.

    Raises:
        PrehookError: No step has one of the names. What was not to run could run else: a
            migration, in a task that was to do something quite different.
    """
    wanted = [name.strip() for name in text.decode("utf-8", "surrogateescape").split(",")]
    known = [step.name for step in steps if step.name]
    for name in wanted:
        if name and name not in known:
            there = ", ".join(known) if known else "none has a name (--name NAME gives it one)"
            raise PrehookError(
                f"PREHOOK_SKIP: there is no step {quoted(name)}", hint=f"the steps: {there}"
            )
    return frozenset(name for name in wanted if name)
