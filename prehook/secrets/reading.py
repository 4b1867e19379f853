"""A `secrets` of a plan."""

from __future__ import annotations

from prehook.secrets.form import FORMS
from prehook.secrets.private_file import ALLOWED
from prehook.secrets.task import SecretsTask
from yamlvault import keypath
from yamlvault.errors import ConfigError, KeyPathError, suggestion
from yamlvault.variable_name import decides_code, is_valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.plan.reader import PlanReader
    from prehook.text import Text
    from yamlvault.document.node import Node

FIELDS = ("file", "path", "as", "fd", "format", "env", "write")
_RESERVED = ("env", "assets")  # which templates have already


def read(reader: PlanReader, node: Node, place: str) -> SecretsTask:
    """Read the name of a file, or a mapping with more.

    Raises:
        ConfigError: It is wrong as far as that can be known; with line and column.
    """
    if reader.is_scalar(node):
        return SecretsTask(place, reader.template(node))
    fields = reader.fields(node, FIELDS, ("file",))
    task = SecretsTask(place, reader.template(fields["file"]))
    if "path" in fields:
        task.path = _path(reader, fields["path"])
    if "as" in fields:
        task.known_as = _known_as(reader, fields["as"])
    if "fd" in fields:
        task.variable = _descriptor(reader, fields["fd"])
    if "format" in fields:
        task.form = _form(reader, fields["format"])
    if "env" in fields:
        _read_variables(reader, fields["env"], task)
    if "write" in fields:
        _read_target(reader, fields["write"], task)
    return task


def _path(reader: PlanReader, node: Node) -> Text:
    text = reader.template(node)
    if text.is_constant:
        try:
            keypath.parse(text.source)
        except KeyPathError as error:
            raise reader.refusal(node, error.message, error.hint) from None
    return text


def _known_as(reader: PlanReader, node: Node) -> str:
    name = reader.text_of(node)
    if not name.isidentifier() or name in _RESERVED:
        hint = "letters, digits and _; not env or assets, which they have already"
        raise reader.refusal(node, f"{name[:40]!r} is no name for templates", hint)
    return name


def _descriptor(reader: PlanReader, node: Node) -> str | None:
    try:
        is_wanted = reader.flag(node)
    except ConfigError:
        return _variable(reader, node)
    if is_wanted:
        hint = "it is handed on in any case: leave `fd` out, or name a variable"
        raise reader.refusal(node, "`fd` is the name of a variable, or false", hint)
    return None


def _form(reader: PlanReader, node: Node) -> str:
    form = reader.text_of(node)
    if form not in FORMS:
        raise reader.refusal(node, "`format` is yaml or json", suggestion(form, FORMS))
    return form


def _read_variables(reader: PlanReader, node: Node, task: SecretsTask) -> None:
    for key, value in reader.entries(node):
        name = _variable(reader, key)
        if name == task.variable:
            raise reader.refusal(key, f"{name} has the number of the descriptor")
        task.variables[name] = _path(reader, value)


def _variable(reader: PlanReader, node: Node) -> str:
    name = reader.variable(node)
    if not is_valid(name):
        hint = "letters, digits and _ make one"
        raise reader.refusal(node, f"{name[:40]!r} is no name of an environment variable", hint)
    if decides_code(name):
        hint = "who may change the secrets would run code of theirs: set it in the image"
        raise reader.refusal(node, f"{name} decides what code runs", hint)
    return name


def _read_target(reader: PlanReader, node: Node, task: SecretsTask) -> None:
    if reader.is_scalar(node):
        task.target = reader.template(node)
        return
    fields = reader.fields(node, ("path", "mode"), ("path",))
    task.target = reader.template(fields["path"])
    if "mode" in fields:
        task.mode = reader.mode(fields["mode"])
        if task.mode & ~ALLOWED or not task.mode:
            hint = "0400 for the user that CMD runs as, 0440 for the group as well"
            raise reader.refusal(fields["mode"], "a file with secrets is only read", hint)
