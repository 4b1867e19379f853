"""A file as it was read: its text, its nodes, and its metadata apart from them."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.compose import compose
from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.document.splice import splice
from yamlvault.document.text import decode, position
from yamlvault.errors import NotEncryptedError
from yamlvault.format import metadata as metadata_reader
from yamlvault.format.place import take_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node, Stream
    from yamlvault.document.splice import Edit
    from yamlvault.format.metadata import Metadata


class Source(NamedTuple):
    """A parsed file.

    Attributes:
        text: Its text, without a byte order mark.
        bom: Whether it has one.
        stream: Its nodes without those of the metadata.
        metadata: The metadata; None for a plaintext file.
        removal: The edit that takes the metadata out of the text.
        place: The node that the metadata stood in.
    """

    text: str
    bom: bool
    stream: Stream
    metadata: Metadata | None
    removal: Edit | None
    place: Node | None = None

    def __repr__(self) -> str:
        return "<Source>"  # it can be plaintext

    @property
    def sealed(self) -> list[Scalar]:
        """The sealed scalars."""
        return [
            node for node in self.stream.nodes if type(node) is Scalar and node.sealed is not None
        ]


def read(data: bytes, parser: str | None = None) -> Source:
    """Parse the bytes of a file.

    Raises:
        DocumentError: They are not a YAML stream in UTF-8.
        FormatError: They have metadata that can't be read.
    """
    text, bom = decode(data)
    return parse(text, bom=bom, parser=parser)


def parse(text: str, *, bom: bool = False, parser: str | None = None) -> Source:
    """Parse the text of a file; as `read`."""
    stream = compose(text, parser)
    place = take_out(stream)
    if place is None:
        return Source(text, bom, stream, None, None)
    return Source(
        text, bom, stream, metadata_reader.read(place.node, text), place.removal, place.node
    )


def require_metadata(source: Source) -> Metadata:
    """Return the metadata.

    Raises:
        NotEncryptedError: There is none.
    """
    if source.metadata is not None:
        return source.metadata
    if sealed := source.sealed:
        line, column = position(source.text, sealed[0].start)
        raise NotEncryptedError(
            "a sealed scalar stands here, but the file has no metadata any more",
            line=line,
            column=column,
            hint="restore the top-level key `yamlvault` from the file's history",
        )
    from yamlvault.foreign import tool_of

    if tool := tool_of(source.stream):
        raise NotEncryptedError(
            f"encrypted by {tool.name}, and not by yamlvault",
            hint=f"decrypt it with that tool ({tool.command}), then: yamlvault encrypt FILE",
        )
    raise NotEncryptedError("not encrypted", hint="encrypt it: yamlvault encrypt FILE")


def without_metadata(source: Source, parser: str | None = None) -> Source:
    """Return the source parsed again without its metadata; what is sealed stays so."""
    if source.removal is None:
        return source
    text = splice(source.text, [source.removal])
    return Source(text, source.bom, compose(text, parser), None, None)


def same_structure(first: Stream, second: Stream) -> bool:
    """Tell whether two streams have the same nodes; sealed scalars must have the same text."""
    return len(first.nodes) == len(second.nodes) and all(map(_same, first.nodes, second.nodes))


def _same(first: Node, second: Node) -> bool:
    if isinstance(first, Scalar):
        if not isinstance(second, Scalar) or first.sealed != second.sealed:
            return False
        if first.sealed is not None:
            return first.anchor == second.anchor
        return (
            first.value == second.value
            and first.tag == second.tag
            and first.anchor == second.anchor
            and bool(first.style) == bool(second.style)
        )
    if isinstance(first, Alias):
        return isinstance(second, Alias) and first.name == second.name
    return (
        isinstance(second, Collection)
        and first.is_mapping == second.is_mapping
        and first.tag == second.tag
        and first.anchor == second.anchor
        and len(first.children) == len(second.children)
    )
