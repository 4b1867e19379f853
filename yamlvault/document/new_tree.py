"""New trees: how mappings and lists that were not in the document before are written."""

from __future__ import annotations

from yamlvault.document.compose import compose
from yamlvault.document.new_scalar import Value, name_text
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.quote import double_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from yamlvault.document.layout import Layout
    from yamlvault.document.node import Node

    Tree: TypeAlias = "Value | list[Tree] | dict[str, Tree]"

_DASH = 2  # columns from the dash of an item to what it holds


def block_lines(tree: list[Tree] | dict[str, Tree], column: int, layout: Layout) -> str:
    """Return the lines of a collection that is not empty in block style, each with its break.

    Args:
        tree: The collection.
        column: Where its keys or dashes stand.
        layout: That of the file.
    """
    margin = " " * column
    if isinstance(tree, dict):
        return "".join(
            f"{margin}{name_text(key)}:{_behind_key(value, column, layout)}"
            for key, value in tree.items()
        )
    return "".join(f"{margin}- {_behind_dash(item, column, layout)}" for item in tree)


def _behind_key(tree: Tree, column: int, layout: Layout) -> str:
    if isinstance(tree, Value) or not tree:
        return f" {one_node(tree, column + layout.step, layout)}{layout.newline}"
    deeper = column + (layout.step if isinstance(tree, dict) else layout.list_step)
    return layout.newline + block_lines(tree, deeper, layout)


def _behind_dash(tree: Tree, column: int, layout: Layout) -> str:
    deeper = column + _DASH
    if isinstance(tree, Value) or not tree:
        return f"{one_node(tree, deeper, layout)}{layout.newline}"
    return block_lines(tree, deeper, layout)[deeper:]


def one_node(tree: Tree, column: int, layout: Layout) -> str:
    """Return the text of a scalar or an empty collection in block context."""
    if isinstance(tree, Value):
        return tree.written(column, layout.newline)
    return flow_text(tree, name_text)


def flow_text(tree: Tree, quoted: Callable[[str], str]) -> str:
    """Return a tree on one line.

    Args:
        tree: The tree.
        quoted: What writes a text on one line.
    """
    if isinstance(tree, Value):
        return tree.source or quoted(tree.value)
    if isinstance(tree, list):
        return f"[{', '.join(flow_text(item, quoted) for item in tree)}]"
    entries = (f"{quoted(key)}: {flow_text(value, quoted)}" for key, value in tree.items())
    return f"{{{', '.join(entries)}}}"


def node_of(tree: Tree) -> Node:
    """Return the tree as the root of a document of its own."""
    return compose(flow_text(tree, double_quoted)).documents[0].root


def on_one_line(tree: Tree) -> Tree:
    """Return the tree, with each of its scalars to be written on one line."""
    if isinstance(tree, Value):
        return tree.on_one_line()
    if isinstance(tree, list):
        return [on_one_line(item) for item in tree]
    return {key: on_one_line(value) for key, value in tree.items()}


def reads_as(node: Node, tree: Tree) -> bool:
    """Tell whether a node of a document is a tree."""
    if isinstance(tree, Value):
        return isinstance(node, Scalar) and tree.is_value_of(node)
    if not isinstance(node, Collection) or node.tag is not None:
        return False
    if node.is_mapping != isinstance(tree, dict) or len(node.values) != len(tree):
        return False
    trees = tree if isinstance(tree, list) else list(tree.values())
    if isinstance(tree, dict):
        pairs = zip(node.children[::2], tree, strict=True)
        if not all(isinstance(k, Scalar) and Value(name).is_value_of(k) for k, name in pairs):
            return False
    return all(reads_as(child, one) for child, one in zip(node.values, trees, strict=True))
