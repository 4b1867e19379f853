"""What templates see: `env`, and `secrets` where they were asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prehook.render.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Variables(dict[str, str]):
    """The environment; a type of its own, for what is said when a name is missing."""

    def __repr__(self) -> str:
        return "<env>"  # never the values


def build(secrets: str | None, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the context.

    Args:
        secrets: `FILE` or `FILE:KEYPATH`, or None.
        environment: The environment variables.

    Raises:
        RenderError: The secrets can't be opened.
    """
    context: dict[str, Any] = {"env": Variables(environment)}
    if secrets is not None:
        context["secrets"] = _open_secrets(secrets)
    return context


def split_pair(text: str) -> tuple[str, str | None]:
    """Split `FILE:REST` at the first colon, unless there is a file of the whole name."""
    head, colon, rest = text.partition(":")
    if not colon or os.path.exists(text):
        return text, None
    return head, rest


def _open_secrets(argument: str) -> Any:
    import yamlvault

    name, path = split_pair(argument)
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
