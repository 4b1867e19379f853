"""Texts of a plan that can name variables: `tcp://{{ env.DATABASE_HOST }}:5432`."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# What nearly all of them are; Jinja itself, 60 ms of a start, is asked for all others
_VARIABLE = re.compile(r"\{\{ *env\.([A-Za-z_][A-Za-z0-9_]*) *\}\}")


class Text:
    """A text that is known when its step begins.

    Attributes:
        source: What was written.
        place: Where: `docker/prehook.yml:12`.
    """

    __slots__ = ("place", "source")

    def __init__(self, source: str, place: str) -> None:
        self.source = source
        self.place = place

    def __repr__(self) -> str:
        return f"<Text {self.source!r}>"

    @property
    def is_constant(self) -> bool:
        """Whether it names no variables."""
        return "{{" not in self.source and "{%" not in self.source and "{#" not in self.source

    def expand(self, env: Mapping[str, str]) -> str:
        """Return it with the variables put in.

        Raises:
            PrehookError: A variable isn't set, or it is no template.
        """
        if self.is_constant:
            return self.source
        raise NotImplementedError
