"""What the steps of a plan are called: what PREHOOK_SKIP, logs and traces know them by."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.plan.reader import PlanReader
    from prehook.step import Step
    from yamlvault.document.node import Node


def name(reader: PlanReader, node: Node) -> str:
    """Return the name that a plan gives to a step."""
    text = reader.constant(node)
    if not text.strip() or "," in text or not text.isprintable():
        raise reader.refusal(
            node,
            "a name is one line with something in it, and no comma",
            "PREHOOK_SKIP has names with commas between",
        )
    return text


class Names:
    """The names of a start: each is given once, and a name that is given goes before a default.

    Args:
        steps: The steps in front of the plan.
    """

    def __init__(self, steps: list[Step]) -> None:
        self._places = {step.name: step.place for step in steps if step.name}

    def take(self, reader: PlanReader, node: Node, text: str) -> None:
        """Take a name for the step at a node.

        Raises:
            ConfigError: Another step has it.
        """
        if text in self._places:
            raise reader.refusal(
                node,
                f"{self._places[text]} is called {text!r} already",
                "PREHOOK_SKIP and logs know a step by its name: give one of them another",
            )
        self._places[text] = reader.place(node)

    def default(self, kind: str, place: str) -> str:
        """Return the first free one of `wait`, `wait-2`, `wait-3`."""
        number, text = 1, kind
        while text in self._places:
            number += 1
            text = f"{kind}-{number}"
        self._places[text] = place
        return text
