"""Discernment: which scalars of a loaded document were sealed, and which stood beside them."""

from __future__ import annotations

from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Stream


class Discerning:
    """What a loader class inherits from that is to be told which scalars were sealed.

    Attributes:
        sealed: Where these start in the text that it loads.
    """

    sealed: frozenset[int] = frozenset()

    def discern(self, stream: Stream, text: str) -> None:
        """Take note of them.

        Args:
            stream: The nodes of the encrypted file.
            text: The text with what is sealed there in the clear.
        """
        # the nodes are the same ones, in the same order: `opening.plaintext` sees to that
        nodes = zip(stream.nodes, compose(text).nodes, strict=True)
        self.sealed = frozenset(
            after.start
            for before, after in nodes
            if type(before) is Scalar and before.sealed is not None
        )
