"""What templates see: `env`, and data such as `secrets` where it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prehook.render.errors import RenderError
from prehook.render.pair import split

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV = "env"


class Variables(dict[str, str]):
    """The environment; a type of its own, for what is said when a name is missing."""

    def __repr__(self) -> str:
        return "<env>"  # never the values


def build(environment: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context.

    Args:
        environment: The environment variables, to be seen as `env`.
        data: What else is seen, by its name.
    """
    return {**data, ENV: Variables(environment)}


def opened(argument: str) -> Any:
    """Return what a yamlvault file holds.

    Args:
        argument: `FILE` or `FILE:KEYPATH`.

    Raises:
        RenderError: It can't be opened.
    """
    import yamlvault

    name, path = split(argument)
    try:
        return yamlvault.load(name, path=path or None)
    except yamlvault.YamlVaultError as error:
        raise RenderError(
            error.message,
            source=error.source or name,
            line=error.line,
            column=error.column,
            hint=error.hint,
        ) from None
