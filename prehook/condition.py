"""Conditions on the environment: whether a step is for this start."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment


class Condition:
    """A variable that is set and not empty, or has one of some values; or the opposite.

    Attributes:
        name: The variable.
        values: What it may be; empty for anything but nothing.
        negated: Whether that must not be so.
    """

    __slots__ = ("name", "negated", "values")

    def __init__(self, name: str, values: tuple[str, ...] = (), *, negated: bool = False) -> None:
        self.name = name
        self.values = values
        self.negated = negated

    def holds(self, environment: "Environment") -> bool:
        """Tell whether it holds."""
        value = environment.get(_encoded(self.name), b"")
        found = value in map(_encoded, self.values) if self.values else bool(value)
        return found != self.negated

    def __str__(self) -> str:
        """Say what must hold, never what the variable is."""
        if not self.values:
            return f"{self.name} is {'not ' if self.negated else ''}set"
        return f"{self.name} is {'not ' if self.negated else ''}{' or '.join(self.values)}"


def parse(text: str, *, negated: bool = False) -> Condition:
    """Return the condition of `NAME` or `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    return Condition(name, (value,) if equals else (), negated=negated)


def unmet(conditions: tuple[Condition, ...], environment: "Environment") -> Condition | None:
    """Return the first condition that doesn't hold."""
    for condition in conditions:
        if not condition.holds(environment):
            return condition
    return None


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
