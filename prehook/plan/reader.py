"""The reader of the values in a plan."""

from __future__ import annotations

from prehook.duration import seconds
from prehook.errors import PrehookError
from prehook.text import Text
from yamlvault.config.node import NodeReader
from yamlvault.document.text import position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node

_HIGHEST_MODE = 0o777


class PlanReader(NodeReader):
    """Reads nodes of a plan; what is wrong is raised as a `ConfigError` with its place.

    Attributes:
        source: The name of the file.
    """

    def __init__(self, text: str, source: str) -> None:
        super().__init__(text)
        self.source = source

    def place(self, node: Node) -> str:
        """Return file and line of a node, as messages have it."""
        return f"{self.source}:{position(self.text, node.start)[0]}"

    def template(self, node: Node) -> Text:
        """Return a text that can name variables."""
        return Text(self.text_of(node), self.place(node))

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
            raise self.refusal(node, f"`{name}` is a number, 0 or more")
        return int(text)

    def mode(self, node: Node) -> int:
        """Return a file mode, written in octal: 0640, "0640" or 640."""
        text = self.value_of(node)
        try:
            mode = int(text, 8)
        except ValueError:
            mode = -1
        if not 0 <= mode <= _HIGHEST_MODE:
            raise self.refusal(node, "an octal mode such as 0640 is expected")
        return mode
