"""Placing: the edits that put a new value where a key path leads, in the style of that place."""

from __future__ import annotations

from yamlvault.document.layout import layout_of
from yamlvault.document.new_scalar import Value, name_text
from yamlvault.document.new_tree import block_lines, flow_text, one_node
from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.document.quote import json_quoted
from yamlvault.document.span import Properties, skip_blank
from yamlvault.document.splice import Edit
from yamlvault.document.text import LINE_BREAKS, line_start, newline_of
from yamlvault.errors import DocumentError, KeyPathError
from yamlvault.format.tags import scalar_tag
from yamlvault.keypath import Name
from yamlvault.selection import matches_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.new_tree import Tree
    from yamlvault.document.node import Node, Stream
    from yamlvault.keypath import Component, KeyPath

_MERGE_TAG = "tag:yaml.org,2002:merge"
_DASH = 2  # columns from a dash to what stands behind it


def place(stream: Stream, path: KeyPath, tree: Tree) -> list[Edit]:
    """Return the edits that put a tree at a path, with the collections that are missing.

    Args:
        stream: The nodes of a text without metadata, of one document or none.
        path: Names of keys, and numbers of items: of those that are there, or the next one.
        tree: The tree.

    Raises:
        KeyPathError: The path is no place for it in this document.
        DocumentError: There is no place in the text for it.
    """
    names = [one for one in path.components if isinstance(one, Name)]
    placing = _Placing(stream, path)
    if not stream.documents:
        lines = block_lines(placing.around(names, tree), 0, placing.layout)
        return [Edit(len(stream.text), len(stream.text), lines)]
    node: Node = stream.documents[0].root
    for depth, name in enumerate(names):
        child = child_of(node, name)
        if child is None:
            return placing.addition(node, names[depth:], tree)
        node = child
    return placing.replacement(node, tree)


def child_of(node: Node, component: Component) -> Node | None:
    """Return the child of a node that a component matches; None where there is none."""
    if isinstance(node, Collection):
        for child in node.values:
            if matches_step(component, child):
                return child
    return None


def refusal(path: KeyPath) -> DocumentError:
    """Return the error for a value that has no place without changing something else."""
    return DocumentError(
        f"{path.text} can't be set without changing something else; nothing was written",
        hint="edit the file: put the plaintext there, and run yamlvault encrypt",
    )


class _Placing:
    """A text, and the path of what is put into it."""

    def __init__(self, stream: Stream, path: KeyPath) -> None:
        self.text = stream.text
        self.path = path
        self.layout = layout_of(stream)

    def around(self, names: Sequence[Name], tree: Tree) -> dict[str, Tree] | list[Tree]:
        """Return the tree in the new collections that names lead through."""
        for name in reversed(names):
            if name.is_index and name.index:
                raise self.no_item(0)
            tree = [tree] if name.is_index else {name.text: tree}
        if isinstance(tree, Value):
            raise KeyPathError("$ is the whole document, and no place for one value")
        return tree

    def no_item(self, length: int) -> KeyPathError:
        return KeyPathError(
            f"key path {self.path.text} names an item that is not there",
            hint=f"the next item of that list is [{length}]",
        )

    def replacement(self, node: Node, tree: Tree) -> list[Edit]:
        """Put a tree in place of a scalar."""
        self.refuse_replacing(node)
        parent = node.parent
        if parent is None or not isinstance(node, Scalar):
            raise refusal(self.path)
        if not parent.is_flow and not isinstance(tree, Value) and tree:
            return self.as_collection(node, parent, tree)
        new = self.inline(parent, tree)
        if node.is_empty and isinstance(node.step, Scalar):
            behind = self.colon(node.step.end) + 1  # its own end differs from parser to parser
            return [Edit(behind, behind, f" {new}")]
        if node.anchor is not None:
            return [Edit(self.behind_properties(node), node.end, f" {new}")]
        return [Edit(node.start, node.end, new)]

    def refuse_replacing(self, node: Node) -> None:
        path = self.path.text
        if isinstance(node.step, Scalar) and scalar_tag(node.step) == _MERGE_TAG:
            raise KeyPathError(
                f"{path} is a merge key: what it has is a mapping",
                hint="set a key of the mapping itself, which comes before what is merged",
            )
        if isinstance(node, Alias):
            raise KeyPathError(
                f"{path} is an alias, *{node.name}",
                hint=f"set the value where its anchor &{node.name} stands; to replace the alias, "
                "edit the file and run yamlvault encrypt",
            )
        if isinstance(node, Collection):
            kind = "mapping" if node.is_mapping else "list"
            raise KeyPathError(
                f"key path {path} names a {kind}",
                hint="name a value in it; to replace it as a whole, yamlvault unset it first",
            )

    def inline(self, parent: Collection, tree: Tree) -> str:
        """Return the text of a tree that stands where a scalar can stand."""
        if parent.is_flow:
            return self.in_flow(parent, tree)
        layout = self.layout.within(parent)
        step = layout.step if parent.is_mapping else _DASH
        return one_node(tree, parent.column + step, layout)

    def in_flow(self, parent: Collection, tree: Tree) -> str:
        if _is_in_json(parent):
            if _has_tag(tree):
                raise KeyPathError("JSON has no binary values", hint="set base64 as a text")
            return flow_text(tree, json_quoted)
        return flow_text(tree, name_text)

    def as_collection(
        self, node: Scalar | Collection, parent: Collection, tree: list[Tree] | dict[str, Tree]
    ) -> list[Edit]:
        """Put a collection in block style in place of a scalar, or of an empty collection."""
        head = line_start(self.text, node.start)
        is_empty = isinstance(node, Scalar) and node.is_empty
        has_own_line = not is_empty and not self.text[head : node.start].strip(" ")
        if node.anchor is None and (has_own_line or not parent.is_mapping):
            # what is first stands where the scalar stood, and the rest below it
            lines = block_lines(tree, node.start - head, self.layout)
            first, newline, rest = lines.partition(self.layout.newline)
            edits = [Edit(node.start, node.end, first[node.start - head :])]
            return edits + ([self.as_lines(node.end, rest)] if newline and rest else [])
        layout = self.layout.within(parent)
        step = layout.step if isinstance(tree, dict) else layout.list_step
        lines = block_lines(tree, parent.column + (step if parent.is_mapping else _DASH), layout)
        if not isinstance(node.step, Scalar):
            raise refusal(self.path)
        if is_empty:
            return [self.as_lines(node.step.end, lines)]
        start = self.colon(node.step.end) + 1
        if isinstance(node, Scalar) and node.anchor is not None:
            start = self.behind_properties(node)
        if self.text[start : node.start].strip(" \t"):
            raise refusal(self.path)  # a comment stands there
        return [Edit(start, node.end, ""), self.as_lines(node.end, lines)]

    def addition(self, node: Node, missing: Sequence[Name], tree: Tree) -> list[Edit]:
        """Put a tree into the node at which a path ends, with the collections around it."""
        first, rest = missing[0], missing[1:]
        inner = self.around(rest, tree) if rest else tree
        if isinstance(node, Collection) and node.is_mapping and not first.is_index:
            if node.is_flow:
                return self.unfolded(node, {first.text: inner}) or [
                    self.flow_entry(node, first.text, inner)
                ]
            lines = block_lines({first.text: inner}, node.column, self.layout.within(node))
            return [self.as_lines(self.end_of(node), lines)]
        if isinstance(node, Collection) and not node.is_mapping and first.index >= 0:
            if first.index != len(node.children):
                raise self.no_item(len(node.children))
            if node.is_flow:
                return [self.flow_entry(node, None, inner)]
            lines = block_lines([inner], node.column, self.layout)
            return [self.as_lines(self.end_of(node), lines)]
        if isinstance(node, Scalar) and node.is_empty and isinstance(node.step, Scalar):
            return self.replacement(node, self.around([first], inner))
        what = "an alias" if isinstance(node, Alias) else "no mapping"
        if first.is_index:
            what = "an alias" if isinstance(node, Alias) else "no list"
        raise KeyPathError(
            f"key path {self.path.text}: there is no {first.text}, and what it would be added to "
            f"is {what}",
            hint="name a place in a mapping, or the next item of a list",
        )

    def unfolded(self, node: Collection, tree: dict[str, Tree]) -> list[Edit] | None:
        """Put a mapping in block style in place of `{}`, which was all that was left of one.

        Returns:
            None where it stands in braces, has properties, or does not stand behind its key.
        """
        parent, key = node.parent, node.step
        if node.children or parent is None or parent.is_flow or not isinstance(key, Scalar):
            return None
        if self.text[key.end : node.end].replace(" ", "") != ":{}":
            return None
        return self.as_collection(node, parent, tree)

    def flow_entry(self, node: Collection, key: str | None, tree: Tree) -> Edit:
        """Add an entry or an item to a collection in flow style."""
        entry = self.in_flow(node, tree)
        if key is not None:
            quoted = json_quoted if _is_in_json(node) else name_text
            entry = f"{quoted(key)}: {entry}"
        if not node.children:
            return Edit(node.end - 1, node.end - 1, entry)
        last = node.children[-1]
        if last.end == last.start and node.is_mapping:
            # behind its colon, from which YAML wants the comma apart
            behind = self.colon(node.children[-2].end) + 1
            return Edit(behind, behind, f" , {entry}")
        return Edit(last.end, last.end, self.flow_lead(node) + entry)

    def flow_lead(self, node: Collection) -> str:
        """Return what stands in front of a new entry: a line of its own, where the last has one."""
        last = node.children[-2 if node.is_mapping else -1]
        start = line_start(self.text, last.start)
        margin = self.text[start : last.start]
        return f",{self.layout.newline}{margin}" if margin.isspace() else ", "

    def behind_properties(self, node: Scalar) -> int:
        found = Properties(self.text, node.start, node.anchor)
        return max(found.anchor_end, found.tag_end)

    def colon(self, key_end: int) -> int:
        """Return where the colon behind a key stands; an entry in braces can have none."""
        colon = skip_blank(self.text, key_end)
        if self.text[colon : colon + 1] != ":":
            raise refusal(self.path)
        return colon

    def end_of(self, node: Node) -> int:
        """Return where the text of a node ends, that of the last entry of a block collection."""
        while isinstance(node, Collection) and not node.is_flow and node.children:
            last = node.children[-1]
            if isinstance(last, Scalar) and last.is_empty and last.anchor is None:
                return self.end_of_empty(node)
            node = last
        return node.end

    def end_of_empty(self, node: Collection) -> int:
        """Return where the text of a block collection ends whose last value is empty."""
        if node.is_mapping:
            return node.children[-2].end
        if len(node.children) == 1:
            return Properties(self.text, node.start, node.anchor).content_start + 1
        return skip_blank(self.text, self.end_of(node.children[-2])) + 1

    def as_lines(self, behind: int, lines: str) -> Edit:
        """Insert lines behind the line that an index stands in."""
        index, text = behind, self.text
        while index < len(text) and text[index] not in LINE_BREAKS:
            index += 1
        if index == len(text):
            newline = newline_of(text)
            return Edit(index, index, newline + lines.removesuffix(newline))
        index += 2 if text.startswith("\r\n", index) else 1
        return Edit(index, index, lines)


def _is_in_json(node: Collection) -> bool:
    """Tell whether the document is a flow collection, with the keys that JSON wants around."""
    if any(not isinstance(key, Scalar) or key.style != '"' for key in _keys(node)):
        return False
    return node.is_flow if node.parent is None else _is_in_json(node.parent)


def _keys(node: Collection) -> list[Node]:
    return node.children[::2] if node.is_mapping else []


def _has_tag(tree: Tree) -> bool:
    return isinstance(tree, Value) and (tree.source or "").startswith("!")
