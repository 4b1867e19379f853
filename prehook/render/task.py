"""The step `render`: templates to config files, all of them or none."""

from __future__ import annotations

import posix
import re

from prehook.errors import PrehookError
from prehook.task import Task, keep_no_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from prehook.environment import Environment
    from prehook.render.pair import Pair
    from prehook.task import Context
    from prehook.text import Text

_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_REMEDIES = {"secrets": "add a secrets step in front of this one"}


class RenderTask(Task):
    """Renders templates with the environment, and with what earlier steps have opened."""

    kind = "render"

    def __init__(self, place: str, templates: Sequence[Text], mode: int | None = None) -> None:
        """Take what is known before the start.

        Args:
            place: Where the step stands.
            templates: Each as `SRC[:DST]`.
            mode: The mode of the files; None to keep that of a file that is there.
        """
        super().__init__(place)
        self._templates = templates
        self._mode = mode

    def facts(self) -> list[tuple[str, str]]:
        """Return the templates with their targets, and the mode of these."""
        mode = "that of the file that is there, else 0644; 0600 where secrets were opened"
        return [
            *(("template", template.source) for template in self._templates),
            ("mode", mode if self._mode is None else f"{self._mode:04o}"),
        ]

    def missing(self, environment: Environment) -> list[str]:
        """Return templates that aren't there, and what is wrong with their names."""
        from prehook.render.pair import split
        from prehook.text import expand_all

        found, problems = expand_all(self._templates, environment)
        for text, expanded in found:
            source = split(expanded)[0]
            if not posix.access(source, posix.F_OK):
                shown = source if text.is_constant else text.source
                problems.append(f"{shown}: no such file")
        return problems

    def work(self, context: Context) -> None:
        """Render all, then write all."""
        from prehook.render.errors import RenderError

        try:
            self._render(context)
        except RenderError as error:
            raise PrehookError(str(error), hint=error.hint) from None

    def _render(self, context: Context) -> None:
        from prehook.render.context import build
        from prehook.render.output import Output, write_all
        from prehook.render.pair import refuse_same_target
        from prehook.render.template import render
        from yamlvault.staged import PRIVATE

        pairs = [file_pair(_names(template, context)) for template in self._templates]
        refuse_same_target(pairs)
        secrets = context.handover.secrets
        data = {name: _data(name, descriptor) for name, descriptor in secrets.items()}
        mode = PRIVATE if self._mode is None and data else self._mode
        values = build(context.env, data)
        owner = context.handover.owner
        ids = (owner.uid, owner.gid) if owner else None
        if data:
            keep_no_core()
        outputs = [
            Output(pair.target, render(pair.source, values, _REMEDIES), mode, ids) for pair in pairs
        ]
        write_all(outputs)
        for pair in pairs:
            text = f"{self.title()}: {pair.source} rendered to {pair.target}"
            context.journal.detail(text, event="rendered", step=self.label)


def _names(template: Text, context: Context) -> str:
    """Return what a template and its target are called.

    A colon that a variable brings would lead to another target.
    """
    expanded = template.expand(context.env)
    if expanded.count(":") != _EXPRESSION.sub("", template.source).count(":"):
        raise PrehookError(
            f"{template.source}: a variable has a colon in it, which would divide SRC:DST anew"
        )
    return expanded


def file_pair(text: str) -> Pair:
    """Return a template and its target, which is a file.

    Raises:
        RenderError: There is no target, or it is stdout.
    """
    from prehook.render.errors import RenderUsageError
    from prehook.render.pair import STDOUT, parse

    pair = parse(text)
    if pair.target == STDOUT:
        raise RenderUsageError(
            "a step renders to files, not to stdout",
            source=pair.source,
            hint="what is rendered would stand in the log of the container",
        )
    return pair


def _data(name: str, descriptor: int) -> Any:
    """Return what a secrets step has opened.

    Read at offsets: the position of the descriptor is shared with all that inherit it.
    """
    import yaml

    parts, offset = [], 0
    while part := posix.pread(descriptor, 1 << 16, offset):
        parts.append(part)
        offset += len(part)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(b"".join(parts), Loader=loader)  # noqa: S506 (both are the safe one)
    except (yaml.YAMLError, ValueError, RecursionError):  # their messages quote
        raise PrehookError(f'what was opened as "{name}" is no YAML that can be read') from None
