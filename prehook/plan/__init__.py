"""Plans: the steps of a start in a file, strictly read."""

from __future__ import annotations

from prehook.errors import PrehookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.start import Start

_QUOTES = 'put quotes around a text with {{ … }}: "{{ env.NAME }}"'
SCHEMA = "prehook.schema.json"  # beside this module: the JSON Schema of a plan


def add_steps(path: str, start: Start) -> None:
    """Add the steps of a plan to a start.

    Raises:
        PrehookError: It can't be read, or is wrong anywhere; with line and column.
    """
    from prehook.task import reach_packages

    reach_packages()
    from prehook.plan.reading import read
    from prehook.plan.source import content
    from yamlvault.errors import PlacedError

    data = content(path)
    try:
        read(data, path, start)
    except PlacedError as error:
        place = ":".join(str(part) for part in (path, error.line, error.column) if part is not None)
        hint = error.hint
        if error.message == "unknown key ''" or (
            hint is None and _has_expression(data, error.line)
        ):
            hint = _QUOTES
        raise PrehookError(f"{place}: {error.message}", hint=hint) from None


def _has_expression(data: bytes, line: int | None) -> bool:
    return line is not None and b"{{" in b"".join(data.splitlines()[line - 1 : line])


def schema() -> str:
    """Return the JSON Schema of a plan."""
    from os.path import dirname

    with open(f"{dirname(__file__)}/{SCHEMA}", encoding="utf-8") as file:
        return file.read()
