"""The metadata of an encrypted file: what it is, and its strict reader (format, 2)."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import position
from yamlvault.errors import FormatError
from yamlvault.format.sealed import from_b64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from yamlvault.document.node import Node

KEY = "yamlvault"
_OWN_KEY = (
    f"`{KEY}` is the key of the metadata: restore them from the file's history, or, if the key is "
    "one of your own, name it differently"
)
FORMAT = 1
DOCUMENT_ID_SIZE = 16
MAC_SIZE = 32
KEY_ID_LENGTH = 8
# Each path is looked for among all nodes before a MAC is checked: without a bound a hostile file
# could take as long as it likes (format, 2.2).
MAX_PATHS = 256
MAX_KEYS = 128  # data keys in a file: each costs a request to a key service


class Stanza(NamedTuple):
    """A data key as one KEK wrapped it."""

    kek: str
    wrapped: bytes
    context: Mapping[str, str] = {}


class WrappedKey(NamedTuple):
    """A data key of a scope; any of the stanzas opens it.

    Attributes:
        id: Its id.
        stanzas: The data key as each KEK wrapped it.
        append: Its holder's leave to add data keys behind it (format, 5.5); empty without.
    """

    id: str
    stanzas: tuple[Stanza, ...]
    append: bytes = b""


class Scope(NamedTuple):
    """The subtrees that one list of data keys protects, and their MACs.

    Attributes:
        paths: The key paths of the scope's roots.
        seal: The key paths of what a writer seals.
        keys: The data keys, oldest first.
        rules: The MAC of all of the above.
        root: The root MAC.
        sections: Label to MAC, for each section.
    """

    paths: tuple[str, ...]
    seal: tuple[str, ...]
    keys: tuple[WrappedKey, ...]
    rules: bytes = b""
    root: bytes = b""
    sections: Mapping[str, bytes] = {}


def name_of(scope: Scope) -> str:
    """Return what a message calls a scope."""
    return ", ".join(scope.paths)


class Metadata(NamedTuple):
    """All that a file says about its encryption."""

    document: bytes
    scopes: tuple[Scope, ...]


def read(node: Node, text: str) -> Metadata:
    """Return the metadata that stands in a node.

    Raises:
        FormatError: It is of another version, or not exactly of the form that the format gives.
    """
    return _Reader(text).metadata(node)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.key_ids: set[str] = set()

    def metadata(self, node: Node) -> Metadata:
        self.check_version(node)
        fields = self.fields(node, ("format", "document", "scopes"))
        scopes = tuple(self.scope(item) for item in self.items(fields["scopes"]))
        if sum(len(scope.paths) for scope in scopes) > MAX_PATHS:
            raise self.refusal(node, f"the metadata has more than {MAX_PATHS} paths of scopes")
        if len(self.key_ids) > MAX_KEYS:
            raise self.refusal(node, f"the metadata has more than {MAX_KEYS} data keys")
        return Metadata(self.data(fields["document"], DOCUMENT_ID_SIZE), scopes)

    def check_version(self, node: Node) -> None:
        """Refuse other versions first: nothing else is known of how they are made."""
        for key, value in self.entries(node):
            if key == "format":
                found = self.text_of(value)
                if found != str(FORMAT):
                    shown = found if found.isdecimal() and len(found) < 9 else "version"
                    raise self.refusal(
                        value,
                        f"format {shown} is unknown; this yamlvault reads format {FORMAT}",
                        "a newer yamlvault may have written the file: pip install -U "
                        "prehook-toolkit",
                    )
                return
        raise self.refusal(node, "the metadata has no field `format`", _OWN_KEY)

    def scope(self, node: Node) -> Scope:
        fields = self.fields(node, ("paths", "seal", "keys", "rules", "root", "sections"))
        sections: dict[str, bytes] = {}
        for item in self.items(fields["sections"], allow_none=True):
            section = self.fields(item, ("path", "mac"))
            label = self.text_of(section["path"])
            if "$" not in label:
                # the other MACs have names without one (format, 5.1)
                raise self.refusal(item, "the label of a section is malformed")
            if label in sections:
                raise self.refusal(item, "a section stands here twice")
            sections[label] = self.data(section["mac"], MAC_SIZE)
        return Scope(
            tuple(self.text_of(item) for item in self.items(fields["paths"])),
            tuple(self.text_of(item) for item in self.items(fields["seal"])),
            tuple(self.wrapped_key(item) for item in self.items(fields["keys"])),
            self.data(fields["rules"], MAC_SIZE),
            self.data(fields["root"], MAC_SIZE),
            sections,
        )

    def wrapped_key(self, node: Node) -> WrappedKey:
        fields = self.fields(node, ("id", "stanzas"), optional="append")
        key_id = self.text_of(fields["id"])
        if len(key_id) != KEY_ID_LENGTH or key_id in self.key_ids:
            raise self.refusal(node, "the id of a data key is malformed or stands here twice")
        self.data(fields["id"], None)
        self.key_ids.add(key_id)
        append = self.data(fields["append"], MAC_SIZE) if "append" in fields else b""
        return WrappedKey(key_id, tuple(map(self.stanza, self.items(fields["stanzas"]))), append)

    def stanza(self, node: Node) -> Stanza:
        fields = self.fields(node, ("kek", "wrapped"), optional="context")
        context = {}
        if "context" in fields:
            context = {key: self.text_of(value) for key, value in self.entries(fields["context"])}
        return Stanza(self.text_of(fields["kek"]), self.data(fields["wrapped"], None), context)

    def fields(self, node: Node, names: tuple[str, ...], optional: str = "") -> dict[str, Node]:
        fields = dict(self.entries(node))
        for name in fields:
            if name not in names and name != optional:
                raise self.refusal(node, f"the metadata has an unknown field {name[:20]!r}")
        for name in names:
            if name not in fields:
                raise self.refusal(node, f"the metadata has no field `{name}` here")
        return fields

    def entries(self, node: Node) -> list[tuple[str, Node]]:
        if not isinstance(node, Collection) or not node.is_mapping or _has_properties(node):
            raise self.refusal(
                node, "the metadata has something other than a mapping here", _OWN_KEY
            )
        children = node.children
        return [
            (self.text_of(children[index]), children[index + 1])
            for index in range(0, len(children), 2)
        ]

    def items(self, node: Node, *, allow_none: bool = False) -> list[Node]:
        if not isinstance(node, Collection) or node.is_mapping or _has_properties(node):
            raise self.refusal(node, "the metadata has something other than a list here")
        if not node.children and not allow_none:
            raise self.refusal(node, "the metadata has an empty list here")
        return node.children

    def text_of(self, node: Node) -> str:
        if not isinstance(node, Scalar) or _has_properties(node):
            raise self.refusal(node, "the metadata has something other than a text here")
        return node.value

    def data(self, node: Node, size: int | None) -> bytes:
        text = self.text_of(node)
        try:
            data = from_b64(text)
        except FormatError as error:
            raise self.refusal(node, f"the metadata has {error.message} here") from None
        if size is not None and len(data) != size:
            raise self.refusal(node, f"the metadata has {len(data)} bytes here instead of {size}")
        return data

    def refusal(self, node: Node, message: str, hint: str | None = None) -> FormatError:
        line, column = position(self.text, node.start)
        return FormatError(
            message,
            line=line,
            column=column,
            hint=hint or "restore the file from its history; nothing was changed",
        )


def _has_properties(node: Scalar | Collection) -> bool:
    """Tell whether a node has a tag or an anchor: an alias elsewhere could point to it."""
    return node.tag is not None or node.anchor is not None
