"""Assignment: one value of a document set, where it stands or as a new entry in its style."""

from __future__ import annotations

from yamlvault.document.compose import compose
from yamlvault.document.new_tree import on_one_line, reads_as
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.splice import splice
from yamlvault.editing.placing import child_of, place, refusal
from yamlvault.errors import DocumentError, KeyPathError
from yamlvault.format.encoding import encode, path_of
from yamlvault.format.place import check_key_is_free
from yamlvault.keypath import Name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.new_tree import Tree
    from yamlvault.document.node import Node, Stream
    from yamlvault.keypath import KeyPath


class Assigned:
    """A text in which a value was set.

    Attributes:
        text: The text.
        stream: Its nodes.
        node: What was set.
        scalars: The scalars of it, but for empty ones.
    """

    def __init__(self, text: str, path: KeyPath) -> None:
        self.text = text
        self.stream = compose(text)
        found = find(self.stream, path)
        if found is None:
            raise refusal(path)
        self.node = found
        self.scalars: list[Scalar] = []
        pending = [found]
        while pending:
            node = pending.pop()
            if isinstance(node, Collection):
                pending += reversed(node.values)
            elif isinstance(node, Scalar):
                self.scalars.append(node)


def assign(stream: Stream, path: KeyPath, tree: Tree) -> Assigned:
    """Set what a path names, or add it with the collections that are missing.

    Args:
        stream: The nodes of a text without metadata.
        path: Names of keys, and numbers of items: of those that are there, or the next one.
        tree: A value, or a list or a mapping of such.

    Raises:
        KeyPathError: The path is no place for it in this document, or a value has the form of
            a sealed scalar.
        DocumentError: It can't be set without changing something else.
    """
    check_is_one_place(path)
    if len(stream.documents) > 1:
        raise DocumentError(
            "values are set in files of one document", hint="edit it: yamlvault edit FILE"
        )
    try:
        return _assigned(stream, path, tree)
    except DocumentError:
        # a comment behind the old value, or no line break, leaves no place for a block scalar
        return _assigned(stream, path, on_one_line(tree))


def check_is_one_place(path: KeyPath) -> None:
    """Refuse a path that can name several places, or the whole document.

    Raises:
        KeyPathError: It does.
    """
    for component in path.components:
        if not isinstance(component, Name):
            raise KeyPathError(f"key path {path.text} does not name one place", hint="name keys")
    if not path.components:
        raise KeyPathError(
            "$ is the whole document, and no place for one value",
            hint="name a value in it, such as $.production.password",
        )


def find(stream: Stream, path: KeyPath) -> Node | None:
    """Return the node where a path leads in the first document; None where there is none."""
    node: Node | None = stream.documents[0].root if stream.documents else None
    for component in path.components:
        node = None if node is None else child_of(node, component)
    return node


def _assigned(stream: Stream, path: KeyPath, tree: Tree) -> Assigned:
    edits = place(stream, path, tree)
    try:
        assigned = Assigned(splice(stream.text, edits), path)
    except DocumentError:
        raise refusal(path) from None
    if any(scalar.sealed is not None for scalar in assigned.scalars):
        # a reader would look for the data key that it names (format, 3)
        raise KeyPathError(
            f"the value for {path.text} has the form of a sealed scalar, which no value can have",
            hint="encode it, in base64 for example",
        )
    if not reads_as(assigned.node, tree):
        raise refusal(path)
    before, after = _values(stream), _values(assigned.stream)
    here = path_of(assigned.node)
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key) or key.startswith(here):
            continue
        # where an empty value became a collection, that value is gone
        if key in after or not here.startswith(key):
            raise refusal(path)
    check_key_is_free(assigned.stream)
    return assigned


def _values(stream: Stream) -> dict[bytes, bytes]:
    """Return N by their P (format, 4) of all that has no children, but of what is in keys."""
    return {
        path_of(node): encode(node)
        for node in stream.nodes
        if node.encoded is None and not (isinstance(node, Collection) and node.children)
    }
