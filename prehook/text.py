"""Texts of a plan that can name variables: `tcp://{{ env.DATABASE_HOST }}:5432`."""

from __future__ import annotations

import re

from prehook.errors import PrehookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prehook.environment import Environment

# What nearly all of them are; Jinja itself, 50 ms of a start, is asked for all others
_VARIABLE = re.compile(
    r"(?<!\{)\{\{ *env\.([A-Za-z_][A-Za-z0-9_]*) *"
    r"(?:\| *default\( *(?:'([^'\\\n]*)'|\"([^\"\\\n]*)\") *\) *)?\}\}"
)
_OPENERS = ("{{", "{%", "{#")


class Text:
    """A text that is known when its step begins.

    Attributes:
        source: What was written.
        place: Where: `docker/prehook.yml:12`.
        may_be_empty: Whether it may be empty when it is expanded.
    """

    __slots__ = ("may_be_empty", "place", "source")

    def __init__(self, source: str, place: str, *, may_be_empty: bool = False) -> None:
        self.source = source
        self.place = place
        self.may_be_empty = may_be_empty

    def __repr__(self) -> str:
        return f"<Text {self.source!r}>"

    @property
    def is_constant(self) -> bool:
        """Whether it names no variables."""
        return not any(opener in self.source for opener in _OPENERS)

    def check(self) -> None:
        """Check that it can be expanded, whatever the variables are.

        Raises:
            PrehookError: It is no template, or names something else than `env`.
        """
        if not self._is_simple:
            from prehook.render.errors import RenderError
            from prehook.render.template import check_text

            try:
                check_text(self.source, ("env",))
            except RenderError as error:
                raise self._refusal(error.message, error.hint) from None

    def expand(self, env: Mapping[str, str]) -> str:
        """Return it with the variables put in.

        Raises:
            PrehookError: A variable isn't set, an expression fails, or nothing is left of a text
                that may not be empty.
        """
        if self.is_constant:
            return self.source
        text = self._filled(env) if self._is_simple else self._rendered(env)
        if not text and not self.may_be_empty:
            raise self._refusal(
                "nothing is left of this text: what it names is empty",
                "set the variable, or write {{ env.NAME | default('x', true) }}, "
                "which also stands for an empty one",
            )
        return text

    @property
    def _is_simple(self) -> bool:
        rest = _VARIABLE.sub("", self.source)
        return not any(opener in rest for opener in _OPENERS)

    def _filled(self, env: Mapping[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            name, single, double = found.groups()
            default = double if single is None else single
            if name not in env and default is None:
                raise self._refusal(
                    f'environment variable "{name}" is not set', _similar(name, env)
                )
            return env.get(name, default)

        return _VARIABLE.sub(value, self.source)

    def _rendered(self, env: Mapping[str, str]) -> str:
        from prehook.render.context import Variables
        from prehook.render.errors import RenderError
        from prehook.render.template import render_text

        try:
            return render_text(self.source, {"env": Variables(env)})
        except RenderError as error:
            raise self._refusal(error.message, error.hint) from None

    def _refusal(self, message: str, hint: str | None) -> PrehookError:
        return PrehookError(f"{self.place}: {message}", hint=hint)


def expand_all(
    texts: Iterable[Text], environment: Environment
) -> tuple[list[tuple[Text, str]], list[str]]:
    """Expand texts for `explain`, which goes on where that fails.

    Returns:
        The texts with what they are in the environment, which is not to be shown; and why others
        can't be expanded.
    """
    env = {
        name.decode("utf-8", "surrogateescape"): value.decode("utf-8", "surrogateescape")
        for name, value in environment.items()
    }
    found, problems = [], []
    for text in texts:
        try:
            found.append((text, text.expand(env)))
        except PrehookError as error:
            problems.append(error.message)
    return found, problems


def _similar(name: str, env: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, list(env), n=1)
    if found:
        return f'did you mean "{found[0]}"?'
    return f"set it, or write {{{{ env.{name} | default('…') }}}}"
