"""The step that waits."""

from __future__ import annotations

from prehook.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from prehook.environment import Environment
    from prehook.task import Context
    from prehook.wait.target import Target


class WaitTask(Task):
    """Waits until all of its targets have been there.

    Attributes:
        targets: What it waits for, all at once.
    """

    kind = "wait"
    overlaps = True
    holds_back = True

    def __init__(self, place: str, targets: Sequence[Target]) -> None:
        super().__init__(place)
        self.targets = targets

    def work(self, context: Context) -> None:
        """Wait."""
        from prehook.wait.watch import await_all

        def say(text: str) -> None:
            context.journal.info(f"{self.title()}: {text}", event="waiting", step=self.label)

        await_all([one.probe(context.env) for one in self.targets], context.deadline, say)

    def facts(self) -> list[tuple[str, str]]:
        """Return what it waits for."""
        return [fact for target in self.targets for fact in target.facts()]

    def missing(self, environment: Environment) -> list[str]:
        """Return what is wrong with its texts in an environment."""
        from prehook.text import expand_all

        return expand_all((text for one in self.targets for text in one.texts()), environment)[1]
