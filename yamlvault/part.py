"""Part: what a key path names in a file, opened once for all that is asked of it."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from yamlvault import keypath
from yamlvault.discernment import Discerning
from yamlvault.document.node import STR_TAG
from yamlvault.errors import KeyPathError
from yamlvault.format.tags import NULL_TAG
from yamlvault.loaded import text_of
from yamlvault.loading import default_loader, load_documents, nodes_at, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from yamlvault.keyring import Keyring
    from yamlvault.loading import Loader

_BOOL_TAG = "tag:yaml.org,2002:bool"


class Part(NamedTuple):
    """A value of a file, with what is asked of it.

    Attributes:
        data: What the safe loader makes of it.
        texts: The text of the scalar at each key path that was asked for.
        secrets: What was sealed of it, as it is written and as it reads. Null, true and false are
            no secrets, since every text has them.
    """

    data: Any
    texts: dict[str, str]
    secrets: list[str | bytes]

    def __repr__(self) -> str:
        return "<Part>"


def open_part(
    data: bytes, keyring: Keyring, path: str | None = None, wanted: Iterable[str] = ()
) -> Part:
    """Open a file, or the value in it that a key path names.

    Args:
        data: An encrypted file.
        keyring: What opens the data keys.
        path: The key path; None for the whole document.
        wanted: Key paths within that value. Each names one scalar, which becomes text as for
            `yamlvault env`.

    Raises:
        KeyPathError: A path is malformed or does not name exactly one value, or a wanted one
            names no scalar, or null.
        YamlVaultError: As `Vault.load`.
    """
    paths = {text: keypath.parse(text) for text in wanted}
    part: Part | None = only(load_documents(data, keyring, path, _part_loader(paths)), path)
    if part is not None:
        return part
    for text in paths:
        raise KeyPathError(f"{text}: there is nothing, the file is empty")
    return Part(None, {}, [])


def _part_loader(wanted: dict[str, keypath.KeyPath]) -> Loader:
    class PartLoader(Discerning, default_loader()):  # type: ignore[misc]
        def construct_document(self, node: yaml.Node) -> Part:
            # before it is constructed: PyYAML forgets then what it has made of a node
            texts = {text: _text_at(self, node, path) for text, path in wanted.items()}
            sealed = [one for one in _scalars(node) if one.start_mark.index in self.sealed]
            secrets = list(dict.fromkeys(form for one in sealed for form in _forms(self, one)))
            return Part(super().construct_document(node), texts, secrets)

    return PartLoader


def _text_at(loader: yaml.SafeLoader, root: yaml.Node, path: keypath.KeyPath) -> str:
    nodes = nodes_at(loader, root, path)
    if len(nodes) != 1:
        count = f"{len(nodes)} values" if nodes else "nothing"
        raise KeyPathError(
            f"key path {path.text} names {count} there",
            hint="name exactly one value; key paths begin at what is opened",
        )
    if not isinstance(nodes[0], yaml.ScalarNode):
        kind = "a mapping" if isinstance(nodes[0], yaml.MappingNode) else "a list"
        raise KeyPathError(f"{path.text} is {kind}, and no value", hint="name a value in it")
    text = text_of(loader, nodes[0], path.text)
    if text is None:
        raise KeyPathError(
            f"{path.text} is null, which no variable can be",
            hint='give it a value; "" is an empty text',
        )
    return text


def _scalars(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Yield the scalars below a node, aliases followed; each once."""
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.MappingNode):
            pending += [value for _, value in reversed(node.value)]
        else:
            pending += reversed(node.value)


def _forms(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Iterator[str | bytes]:
    if node.tag in (NULL_TAG, _BOOL_TAG):
        return
    yield node.value
    if node.tag == STR_TAG:
        return
    value = loader.construct_object(node)
    yield value if isinstance(value, (str, bytes)) else str(value)
    if hasattr(value, "isoformat"):
        yield value.isoformat()
