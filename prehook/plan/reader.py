"""The reader of the values in a plan."""

from __future__ import annotations

from prehook.duration import seconds
from prehook.errors import PrehookError
from prehook.text import Text
from yamlvault.config.node import NodeReader, real
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import Lines
from yamlvault.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node

_HIGHEST_MODE = 0o777


_NO_EXPRESSION = (
    "they are in wait, secrets, render, assets and the `env` of run; a command has its environment "
    "(`shell: true` and $NAME), and a list of words is taken as it stands"
)


class PlanReader(NodeReader):
    """Reads nodes of a plan; what is wrong is raised as a `ConfigError` with its place.

    Attributes:
        source: The name of the file.
    """

    def __init__(self, text: str, source: str) -> None:
        super().__init__(text)
        self.source = source
        self._lines = Lines(text)

    def place(self, node: Node) -> str:
        """Return file and line of a node, as messages have it."""
        return f"{self.source}:{self._lines.position(node.start)[0]}"

    def refusal(self, node: Node, message: str, hint: str | None = None) -> ConfigError:
        """Return the error for a node."""
        line, column = self._lines.position(node.start)
        return ConfigError(message, line=line, column=column, hint=hint)

    def scalar(self, node: Node) -> Scalar:
        """Return a scalar that is not empty and not null."""
        scalar = super().scalar(node)
        if "\0" in scalar.value:
            raise self.refusal(node, "a null byte, which no argument and no name can hold")
        return scalar

    def constant(self, node: Node) -> str:
        """Return a text that can't name variables, and does not look as if it did."""
        text = self.text_of(node)
        self.refuse_expression(node, text)
        return text

    def refuse_expression(self, node: Node, text: str) -> None:
        """Refuse a template where none is expanded: it would be taken as it stands.

        Raises:
            ConfigError: There is one.
        """
        if "{{" in text or "{%" in text:
            raise self.refusal(node, "no variables are put in here", _NO_EXPRESSION)

    def word(self, node: Node) -> str:
        """Return a text or a number as it is written; in quotes it can be empty."""
        one = real(node)
        if isinstance(one, Scalar) and one.style and one.tag is None and not one.value:
            return ""
        return self.value_of(node)

    def template(self, node: Node) -> Text:
        """Return a text that can name variables, and is not empty when it is expanded."""
        return self._checked(node, Text(self.text_of(node), self.place(node)))

    def variables(self, node: Node) -> dict[str, Text]:
        """Return environment variables with their values, which can name others and be empty."""
        return {
            self.variable(key): self._variable_value(value) for key, value in self.entries(node)
        }

    def variable(self, node: Node) -> str:
        """Return the name of an environment variable."""
        name = self.value_of(node)
        if "=" in name:
            raise self.refusal(node, "the name of a variable has no =")
        return name

    def seconds(self, node: Node, name: str) -> float:
        """Return a span of time in seconds."""
        try:
            return seconds(self.value_of(node), f"`{name}`")
        except PrehookError as error:
            raise self.refusal(node, error.message, error.hint) from None

    def count(self, node: Node, name: str) -> int:
        """Return a number from 0 to 9999."""
        text = self.value_of(node)
        if not (text.isascii() and text.isdigit() and len(text) < 5):
            raise self.refusal(node, f"`{name}` is a number from 0 to 9999")
        return int(text)

    def mode(self, node: Node) -> int:
        """Return a file mode, written in octal: 0640, "0640" or 640."""
        text = self.value_of(node)
        is_octal = text.isascii() and text.isdigit() and not set("89") & set(text)
        if not is_octal or int(text, 8) > _HIGHEST_MODE:
            raise self.refusal(node, "an octal mode such as 0640 is expected")
        return int(text, 8)

    def is_mapping(self, node: Node) -> bool:
        """Tell whether a node is a mapping, or stands for one."""
        one = real(node)
        return isinstance(one, Collection) and one.is_mapping

    def _variable_value(self, node: Node) -> Text:
        return self._checked(node, Text(self.word(node), self.place(node), may_be_empty=True))

    def _checked(self, node: Node, text: Text) -> Text:
        try:
            text.check()
        except PrehookError as error:
            message = error.message.removeprefix(f"{text.place}: ")
            raise self.refusal(node, message, error.hint) from None
        return text
