"""Leaves: the scalars of a loaded document as texts, numbers as they are written."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from yamlvault.document.compose import MAX_DEPTH
from yamlvault.document.node import MAP_TAG, SEQ_TAG, STR_TAG
from yamlvault.errors import DocumentError
from yamlvault.format.tags import NULL_TAG, NUMBER_TAGS
from yamlvault.keypath import component_text
from yamlvault.loading import default_loader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.loading import Loader

MAX_LEAVES = 10_000  # a few aliases can stand for a million times as many


class Leaf(NamedTuple):
    """A scalar.

    Attributes:
        keys: The keys and the numbers of items that lead to it, as they are written.
        path: The same as a key path.
        text: Its value as text; None for null.
    """

    keys: tuple[str, ...]
    path: str
    text: str | None

    def __repr__(self) -> str:
        return "<Leaf>"  # its text can be a secret


def leaf_loader(root: str) -> Loader:
    """Return a loader class that makes a list of leaves of each node that is to be constructed.

    It reads as `yaml.safe_load` does: aliases and merge keys are followed.

    Args:
        root: The key path of such a node.
    """

    class LeafLoader(default_loader()):  # type: ignore[misc]
        def construct_document(self, node: yaml.Node) -> list[Leaf]:
            return _leaves(self, node, root)

    return LeafLoader


def _leaves(loader: yaml.SafeLoader, node: yaml.Node, path: str) -> list[Leaf]:
    found: list[Leaf] = []
    pending: list[tuple[yaml.Node, tuple[str, ...], str]] = [(node, (), path)]
    seen = 0
    while pending:
        node, keys, path = pending.pop()
        seen += 1
        if seen > 2 * MAX_LEAVES or len(keys) > MAX_DEPTH:
            raise DocumentError(f"more than {MAX_LEAVES} values, aliases followed")
        if isinstance(node, yaml.ScalarNode):
            found.append(Leaf(keys, path, text_of(loader, node, path)))
        else:
            children = _children(loader, node, path)
            pending += [
                (child, (*keys, key), path + step) for key, step, child in reversed(children)
            ]
    return found


def _children(
    loader: yaml.SafeLoader, node: yaml.Node, path: str
) -> list[tuple[str, str, yaml.Node]]:
    if node.tag == SEQ_TAG:
        return [(str(number), f"[{number}]", item) for number, item in enumerate(node.value)]
    if node.tag != MAP_TAG or not isinstance(node, yaml.MappingNode):
        raise _formless(path)
    loader.flatten_mapping(node)
    last: dict[tuple[str, str], yaml.Node] = {}
    for key, value in node.value:  # what was merged comes first: a later equal key wins
        if not isinstance(key, yaml.ScalarNode):
            raise DocumentError(f"a key in {path} is a mapping or a list, and no name")
        last[key.tag, "null" if key.tag == NULL_TAG else key.value] = value
    return [(text, component_text(text), value) for (_, text), value in last.items()]


def text_of(loader: yaml.SafeLoader, node: yaml.ScalarNode, path: str) -> str | None:
    """Return a scalar as text, numbers as they are written; None for null.

    Raises:
        DocumentError: It has a tag that has no form as text.
    """
    tag, text = node.tag, str(node.value)
    if tag == STR_TAG:
        return text
    value = loader.construct_object(node)
    if value is None:
        return None
    if tag in NUMBER_TAGS:
        return text
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    raise _formless(path)


def _formless(path: str) -> DocumentError:
    return DocumentError(
        f"{path} has a tag that has no form as text", hint="write it as a text, a list or a mapping"
    )
