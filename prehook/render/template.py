"""Rendering one template with Jinja, so strictly that nothing is left out in silence."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import (
    BaseLoader,
    DictLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from prehook.render.context import Variables
from prehook.render.errors import RenderError, from_os_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

# What an expression of a template can raise. Of these only the class is told: their messages
# quote values ("invalid literal for int() with base 10: …").
_RUNTIME_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)

_TEXT = "<template>"  # as Jinja calls what stands in no file


class _NullError(TemplateError):
    """A null was to be written."""


class _Missing(StrictUndefined):
    """Say which name is missing, and which similar one is there: message, line break, hint.

    Attributes:
        names: What a template can see.
        remedies: For names that it could see, what has to be done for it.
        texts: The templates themselves: a name that isn't in them came from a value.
    """

    names: ClassVar[tuple[str, ...]] = ()
    remedies: ClassVar[Mapping[str, str]] = {}
    texts: ClassVar[list[str]] = []

    @property
    def _undefined_message(self) -> str:
        name, of = str(self._undefined_name), self._undefined_obj
        if not any(name in text for text in self.texts):
            return "a name that an expression gives is not there"  # it can be a value
        if self._undefined_hint:  # the sandbox has refused it
            return self._undefined_hint
        if isinstance(of, Variables):
            return f'environment variable "{name}" is not set' + _similar(name, of)
        if of is None:
            return f'"{name}" is asked of a null'
        if isinstance(of, dict):
            return f'there is no "{name}"' + _similar(name, map(str, of))
        if isinstance(of, list | str | int | float | bool):
            return f'there is no "{name}": it is asked of a {type(of).__name__}'
        message = f'"{name}" is not defined'
        if name in self.remedies:
            return f"{message}\n{self.remedies[name]}"
        return message + _similar(name, {*self.names, *self.remedies})


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which remembers what it has read.

    Attributes:
        texts: The templates so far.
    """

    texts: list[str]

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Take note of a template, as it was written."""
        self.texts.append(source)
        return super().preprocess(source, name, filename)


def _similar(name: str, names: Iterable[str]) -> str:
    found = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f'\ndid you mean "{found[0]}"?' if found else ""


def render(path: str, context: dict[str, Any], remedies: Mapping[str, str]) -> bytes:
    """Return the template's text with the context put in.

    Args:
        path: The template.
        context: What it sees.
        remedies: The hints for names that it could see besides.

    Raises:
        RenderError: It can't be read, isn't a template, or asks for what isn't there.
    """
    loader = FileSystemLoader(os.path.dirname(path) or ".")
    missing = {"names": tuple(context), "remedies": remedies}
    environment = _environment(loader, type("Missing", (_Missing,), missing))
    text = _render(environment, path, context)
    return text.encode("utf-8", "surrogateescape")  # the environment's bytes, as they were


def render_text(source: str, context: dict[str, Any]) -> str:
    """Return a template that stands in no file, with the context put in.

    Raises:
        RenderError: As `render`; without a place.
    """
    return _render(_environment(DictLoader({_TEXT: source})), _TEXT, context)


def check_text(source: str, known: Iterable[str]) -> None:
    """Check a template that stands in no file.

    Args:
        source: The template.
        known: The names that it is going to see.

    Raises:
        RenderError: It isn't a template, or asks for another name or another template.
    """
    environment = _environment(DictLoader({}))
    try:
        environment.compile(source)
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        raise RenderError(_syntax(error)) from None
    except (TemplateError, RecursionError, MemoryError, SyntaxError):  # too deep
        raise RenderError("not a Jinja template") from None
    if next(meta.find_referenced_templates(tree), "") != "":
        raise RenderError("a text that stands in no file can't include others")
    names = meta.find_undeclared_variables(tree) - set(known) - set(environment.globals)
    if names:
        name = min(names)
        there = ", ".join(known)
        raise RenderError(
            f'"{name}" is not defined', hint=_similar(name, known).strip() or f"there is {there}"
        )


def _render(environment: _Environment, path: str, context: dict[str, Any]) -> str:
    try:
        return environment.get_template(os.path.basename(path)).render(context)
    except TemplateSyntaxError as error:
        where = os.path.join(os.path.dirname(path), error.name or "")
        raise RenderError(_syntax(error), source=where, line=error.lineno) from None
    except TemplateNotFound as error:
        raise _not_found(path, error, environment) from None
    except OSError as error:
        raise from_os_error(error, "read the template", path) from None
    except UnicodeDecodeError:
        raise RenderError(
            "the template is not UTF-8", source=path, hint="convert it: iconv -t UTF-8"
        ) from None
    except UndefinedError as error:
        message, _, hint = (error.message or "").partition("\n")
        where, line = _place(error.__traceback__, path)
        raise RenderError(message, source=where, line=line, hint=hint or None) from None
    except _NullError as error:
        where, line = _place(error.__traceback__, path)
        raise RenderError(
            _null_message(environment, where, line, context),
            source=where,
            line=line,
            hint="give it a value, or say what to write: {{ … | default('') }}",
        ) from None
    except SecurityError as error:
        where, line = _place(error.__traceback__, path)
        raise RenderError(f"not allowed in a template: {error}", source=where, line=line) from None
    except (TemplateError, *_RUNTIME_ERRORS) as error:
        where, line = _place(error.__traceback__, path)
        raise RenderError(
            f"{type(error).__name__} in an expression",
            source=where,
            line=line,
            hint="a value is of another type than this line expects",
        ) from None


def _environment(loader: BaseLoader, missing: type[_Missing] = _Missing) -> _Environment:
    texts: list[str] = []
    environment = _Environment(
        autoescape=False,  # config files are not HTML
        undefined=type("Missing", (missing,), {"texts": texts}),
        keep_trailing_newline=True,
        finalize=_no_null,
        loader=loader,
        auto_reload=False,
    )
    environment.texts = texts
    environment.filters["default"] = environment.filters["d"] = _default
    return environment


def _no_null(value: Any) -> Any:
    if value is None:
        raise _NullError
    return value


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:  # noqa: FBT001, FBT002 (Jinja's own signature)
    """Jinja's filter, for which a null is missing as well: it would be refused as it is."""
    missing = isinstance(value, Undefined) or value is None
    return default_value if missing or (boolean and not value) else value


def _syntax(error: TemplateSyntaxError) -> str:
    return f"not a Jinja template: {error.message}"


def _not_found(path: str, error: TemplateNotFound, environment: _Environment) -> RenderError:
    if error.name == os.path.basename(path):
        problem = "is a directory" if os.path.isdir(path) else "no such file"
        hint = None if os.path.isabs(path) else f"it is looked for in {os.getcwd()}"
        return RenderError(f"can't read the template: {problem}", source=path, hint=hint)
    where, line = _place(error.__traceback__, path)
    is_written = any(str(error.name) in text for text in environment.texts)
    shown = f' "{error.name}"' if is_written else " of the name that an expression gives"
    return RenderError(
        f"there is no template{shown}",
        source=where,
        line=line,
        hint="included templates are looked for beside the template that is rendered",
    )


def _place(trace: TracebackType | None, path: str) -> tuple[str, int | None]:
    """Return the template and the line of the innermost template frame (Jinja rewrites them)."""
    where, line = path, None
    while trace:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            where = os.path.normpath(trace.tb_frame.f_code.co_filename)
            line = trace.tb_lineno
        trace = trace.tb_next
    return where, line


def _null_message(
    environment: ImmutableSandboxedEnvironment, path: str, line: int | None, context: Any
) -> str:
    """Name what is null: the names on that line that lead to one."""
    if path == _TEXT:
        return "an expression is null"
    with open(path, encoding="utf-8") as file:
        tree = environment.parse(file.read())
    names = []
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if node.lineno == line and isinstance(node, nodes.Expr):
                name, value = _walk(node, context)
                if name and value is None:
                    names.append(name)
    return f"{' or '.join(names) or 'an expression'} is null"


def _walk(node: nodes.Node, context: Any) -> tuple[str, Any]:
    """Return the dotted name that an expression is, and where it leads; "" for all others."""
    if isinstance(node, nodes.Name):
        return node.name, context.get(node.name, node)
    if isinstance(node, nodes.Getattr):
        step: Any = node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        step = node.arg.value
    else:
        return "", node
    name, value = _walk(node.node, context)
    if not name:
        return "", node
    try:
        return f"{name}.{step}", value[step]
    except (LookupError, TypeError):
        return f"{name}.{step}", node
