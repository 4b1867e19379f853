"""Assignment: one value of a document set, where it stands or as a new entry in its style."""

from __future__ import annotations

from yamlvault.document.compose import compose
from yamlvault.document.new_scalar import Value, name_text
from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.document.quote import json_quoted
from yamlvault.document.span import Properties, skip_blank
from yamlvault.document.splice import Edit, splice
from yamlvault.document.text import LINE_BREAKS, newline_of
from yamlvault.errors import DocumentError, KeyPathError
from yamlvault.format.encoding import encode, path_of
from yamlvault.format.place import check_key_is_free
from yamlvault.format.tags import scalar_tag
from yamlvault.keypath import Name
from yamlvault.selection import matches_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node, Stream
    from yamlvault.keypath import Component, KeyPath

_MERGE_TAG = "tag:yaml.org,2002:merge"
_STEP = 2  # columns by which a new mapping is indented where the file shows no other number


class Assigned:
    """A text in which a value was set.

    Attributes:
        text: The text.
        stream: Its nodes.
        scalar: The scalar that was set.
    """

    def __init__(self, text: str, path: KeyPath) -> None:
        self.text = text
        self.stream = compose(text)
        found = _find(self.stream, path.components)
        if not isinstance(found, Scalar):
            raise _refusal(path)
        self.scalar = found


def assign(stream: Stream, path: KeyPath, value: Value) -> Assigned:
    """Set the value that a path names, or add it with the mappings that are missing.

    Args:
        stream: The nodes of a text without metadata.
        path: Names of keys only, and numbers of items that are there.
        value: The value.

    Raises:
        KeyPathError: The path is no place for a scalar in this document, or the value has the
            form of a sealed scalar.
        DocumentError: It can't be set without changing something else.
    """
    for component in path.components:
        if not isinstance(component, Name):
            raise KeyPathError(f"key path {path.text} does not name one place", hint="name keys")
    if len(stream.documents) > 1:
        raise DocumentError(
            "values are set in files of one document",
            hint="edit the file: put the plaintext there, and run yamlvault encrypt",
        )
    if not path.components:
        raise KeyPathError(
            "$ is the whole document, and no place for one value",
            hint="name a value in it, such as $.production.password",
        )
    try:
        return _assigned(stream, path, value)
    except DocumentError:
        # a comment behind the old value, or no line break, leaves no place for a block scalar
        return _assigned(stream, path, value.on_one_line())


def _assigned(stream: Stream, path: KeyPath, value: Value) -> Assigned:
    edit = _edit(stream, path, value)
    try:
        assigned = Assigned(splice(stream.text, [edit]), path)
    except DocumentError:
        raise _refusal(path) from None
    if assigned.scalar.sealed is not None:
        # a reader would look for the data key that it names (format, 3)
        raise KeyPathError(
            f"the value for {path.text} has the form of a sealed scalar, which no value can have",
            hint="encode it, in base64 for example",
        )
    if not value.is_value_of(assigned.scalar):
        raise _refusal(path)
    before, after = _values(stream), _values(assigned.stream)
    here = path_of(assigned.scalar)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    # where an empty value became a mapping, that value is gone
    if any(key != here and (key in after or not here.startswith(key)) for key in changed):
        raise _refusal(path)
    check_key_is_free(assigned.stream)
    return assigned


def _edit(stream: Stream, path: KeyPath, value: Value) -> Edit:
    text, names = stream.text, [one.text for one in path.components if isinstance(one, Name)]
    if not stream.documents:
        lines = _entry(names, 0, value, newline_of(text))
        return Edit(len(text), len(text), lines)
    node: Node = stream.documents[0].root
    for depth, component in enumerate(path.components):
        child = _child(node, component)
        if child is None:
            return _addition(text, node, path, depth, value)
        node = child
    if isinstance(node.step, Scalar) and scalar_tag(node.step) == _MERGE_TAG:
        raise KeyPathError(
            f"{path.text} is a merge key: what it has is a mapping",
            hint="set a key of the mapping itself, which comes before what is merged",
        )
    if isinstance(node, Alias):
        raise KeyPathError(
            f"{path.text} is an alias, *{node.name}",
            hint=f"set the value where its anchor &{node.name} stands; to replace the alias, edit "
            "the file and run yamlvault encrypt",
        )
    if isinstance(node, Collection):
        raise KeyPathError(
            f"key path {path.text} names a {'mapping' if node.is_mapping else 'list'}",
            hint="name a value in it",
        )
    in_flow = node.parent is not None and node.parent.is_flow
    column = 0 if node.parent is None else node.parent.column
    if node.parent is not None and _is_in_json(node.parent):
        new = value.source or json_quoted(value.value)
    else:
        new = value.written(None if in_flow else column + _STEP, newline_of(text))
    if isinstance(node, Scalar) and node.is_empty and isinstance(node.step, Scalar):
        colon = _colon(text, node.step.end, path)  # its own end differs from parser to parser
        return Edit(colon + 1, colon + 1, f" {new}")
    if isinstance(node, Scalar) and node.anchor is not None:
        found = Properties(text, node.start, node.anchor)
        start = max(found.anchor_end, found.tag_end)
        return Edit(start, node.end, f" {new}")
    return Edit(node.start, node.end, new)


def _addition(text: str, node: Node, path: KeyPath, depth: int, value: Value) -> Edit:
    """Return the edit that adds the entry of what is missing of a path to the node it ends at."""
    missing = [one for one in path.components[depth:] if isinstance(one, Name)]
    if any(one.is_index for one in missing):
        raise KeyPathError(
            f"key path {path.text} names an item that is not there", hint="add it to the list"
        )
    names = [one.text for one in missing]
    newline = newline_of(text)
    if isinstance(node, Collection) and node.is_mapping and node.is_flow:
        key_text = json_quoted if _is_in_json(node) else name_text
        new = value.source or key_text(value.value)
        for name in reversed(names[1:]):
            new = f"{{{key_text(name)}: {new}}}"
        entry = f"{key_text(names[0])}: {new}"
        if not node.children:
            return Edit(node.end - 1, node.end - 1, entry)
        last = node.children[-1]
        if last.end == last.start:  # behind its colon, from which YAML wants the comma apart
            colon = _colon(text, node.children[-2].end, path)
            return Edit(colon + 1, colon + 1, f" , {entry}")
        return Edit(last.end, last.end, f", {entry}")
    if isinstance(node, Collection) and node.is_mapping:
        return _as_lines(text, _end(node), _entry(names, node.column, value, newline))
    if isinstance(node, Scalar) and node.is_empty and isinstance(node.step, Scalar):
        parent = node.parent
        if parent is not None and not parent.is_flow:
            column = parent.column + _indentation(parent)
            lines = _entry(names, column, value, newline)
            return _as_lines(text, node.step.end, lines)
    what = "an alias" if isinstance(node, Alias) else "no mapping"
    raise KeyPathError(
        f"key path {path.text}: there is no {names[0]}, and what it would be added to is {what}",
        hint="name a place in a mapping",
    )


def _colon(text: str, key_end: int, path: KeyPath) -> int:
    """Return where the colon behind a key stands; an entry in braces can have none."""
    colon = skip_blank(text, key_end)
    if text[colon : colon + 1] != ":":
        raise _refusal(path)
    return colon


def _is_in_json(node: Collection) -> bool:
    """Tell whether the document is a flow collection, with the keys that JSON wants around."""
    if any(not isinstance(key, Scalar) or key.style != '"' for key in _keys(node)):
        return False
    return node.is_flow if node.parent is None else _is_in_json(node.parent)


def _keys(node: Collection) -> list[Node]:
    return node.children[::2] if node.is_mapping else []


def _as_lines(text: str, behind: int, lines: str) -> Edit:
    """Insert lines behind the line that an index stands in."""
    index = behind
    while index < len(text) and text[index] not in LINE_BREAKS:
        index += 1
    if index == len(text):
        newline = newline_of(text)
        return Edit(index, index, newline + lines.removesuffix(newline))
    index += 2 if text.startswith("\r\n", index) else 1
    return Edit(index, index, lines)


def _entry(names: list[str], column: int, value: Value, newline: str) -> str:
    """Return the lines of an entry, a mapping in a mapping for each further name."""
    lines = ""
    for name in names[:-1]:
        lines += f"{' ' * column}{name_text(name)}:{newline}"
        column += _STEP
    new = value.written(column + _STEP, newline)
    return f"{lines}{' ' * column}{name_text(names[-1])}: {new}{newline}"


def _end(node: Collection) -> int:
    """Return where the text of the last entry of a block mapping ends."""
    last: Node = node
    while isinstance(last, Collection) and not last.is_flow and last.children:
        key = last.children[-2] if last.is_mapping else None
        last = last.children[-1]
        if isinstance(last, Scalar) and last.is_empty and last.anchor is None and key is not None:
            return key.end
    return last.end


def _indentation(parent: Collection) -> int:
    """Return by how many columns the file indents the mappings in a mapping."""
    for child in parent.values:
        if isinstance(child, Collection) and child.is_mapping and not child.is_flow:
            return child.column - parent.column
    return _STEP


def _child(node: Node, component: Component) -> Node | None:
    if isinstance(node, Collection):
        for child in node.values:
            if matches_step(component, child):
                return child
    return None


def _find(stream: Stream, components: tuple[Component, ...]) -> Node | None:
    node: Node | None = stream.documents[0].root if stream.documents else None
    for component in components:
        node = None if node is None else _child(node, component)
    return node


def _values(stream: Stream) -> dict[bytes, bytes]:
    """Return N of all scalars and aliases by their P (format, 4), but of those in keys."""
    return {
        path_of(node): encode(node)
        for node in stream.nodes
        if not isinstance(node, Collection) and node.encoded is None
    }


def _refusal(path: KeyPath) -> DocumentError:
    return DocumentError(
        f"{path.text} can't be set without changing something else; nothing was written",
        hint="edit the file: put the plaintext there, and run yamlvault encrypt",
    )
