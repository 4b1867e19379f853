"""Steps of the kind `run`: commands."""

from __future__ import annotations

from prehook.errors import PrehookError
from prehook.hook import Hook
from prehook.words import NO_SHELL, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment
    from prehook.journal import Journal
    from prehook.plan.reader import PlanReader
    from prehook.scene import Scene
    from prehook.terminal import Terminal
    from prehook.text import Text
    from yamlvault.document.node import Node

FIELDS = (
    "command", "shell", "cwd", "stdin", "allow_background", "env", "secrets", "user",
)  # fmt: skip
_SHELL = ["/bin/sh", "-c"]


class Command(Hook):
    """A hook of a plan.

    Attributes:
        texts: Variables that only it gets, as the plan has them.
    """

    def __init__(self, words: list[str], place: str) -> None:
        super().__init__(words, place)
        self.texts: dict[str, Text] = {}

    def launch(
        self, scene: Scene, journal: Journal, terminal: Terminal | None, deadline: float
    ) -> int:
        """Start it with its variables."""
        env = {_text(name): _text(value) for name, value in scene.handover.environment.items()}
        self.environment = {
            _bytes(name): _bytes(text.expand(env)) for name, text in self.texts.items()
        }
        return super().launch(scene, journal, terminal, deadline)

    def facts(self) -> list[tuple[str, str]]:
        """Return what a hook has to say, and the names of its variables."""
        facts = super().facts()
        if self.texts:
            facts.append(("variables", ", ".join(self.texts)))
        return facts

    def missing(self, environment: Environment) -> list[str]:
        """Return its program, its directory and variables if they aren't there."""
        from prehook.text import expand_all

        return super().missing(environment) + expand_all(self.texts.values(), environment)[1]


def read(reader: PlanReader, node: Node, place: str) -> Command:
    """Return the step of a `run`."""
    if not reader.is_mapping(node):
        return Command(_words(reader, node), place)
    fields = reader.fields(node, FIELDS, ("command",))
    if "shell" in fields and reader.flag(fields["shell"]):
        command = Command([*_SHELL, _script(reader, fields["command"])], place)
        command.shell = True
    else:
        command = Command(_words(reader, fields["command"]), place)
    if "cwd" in fields:
        command.cwd = reader.constant(fields["cwd"])
    for name in ("stdin", "allow_background", "secrets"):
        if name in fields:
            setattr(command, name, reader.flag(fields[name]))
    if "env" in fields:
        command.texts = reader.variables(fields["env"])
    if "user" in fields:
        _set_user(reader, fields["user"], command)
    return command


def _words(reader: PlanReader, node: Node) -> list[str]:
    if not reader.is_scalar(node):
        words = [reader.word(one) for one in reader.items(node)]
        if not words[0]:
            raise reader.refusal(node, "the first word of `run` is empty")
        return words
    try:
        return split(reader.constant(node), "`run`")
    except PrehookError as error:
        hint = error.hint
        if hint == NO_SHELL:
            hint = "commands are run without a shell: quote it, or set `shell: true`"
        raise reader.refusal(node, error.message, hint) from None


def _script(reader: PlanReader, node: Node) -> str:
    text = reader.text_of(node) if reader.is_scalar(node) else ""
    if not text.strip():
        raise reader.refusal(node, "with `shell: true` the command is a text for sh")
    return text


def _set_user(reader: PlanReader, node: Node, command: Command) -> None:
    from prehook.identity import identity

    try:
        text = reader.value_of(node)
        reader.refuse_expression(node, text)
        command.user = identity(text)
    except PrehookError as error:
        raise reader.refusal(node, error.message, error.hint) from None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
