"""Loading: an encrypted file as Python data, opened in memory."""

from __future__ import annotations

import yaml

from yamlvault import keypath
from yamlvault.document.node import STR_TAG, Alias, Collection, Scalar
from yamlvault.errors import DocumentError, KeyPathError, YamlVaultError
from yamlvault.format.tags import scalar_tag
from yamlvault.opening import Lock, open_scopes, plaintext
from yamlvault.source import read, require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from yamlvault.document.node import Node, Step
    from yamlvault.keyring import Keyring
    from yamlvault.source import Source

    Loader = type[yaml.SafeLoader | yaml.CSafeLoader]

_MERGE_TAG = "tag:yaml.org,2002:merge"


def load_documents(
    data: bytes, keyring: Keyring, path: str | None, loader: Loader | None
) -> list[Any]:
    """Return the data of each document, or of the one node that a path names.

    Raises:
        YamlVaultError: As `yamlvault.loads` says.
    """
    source = read(data)
    require_metadata(source)
    wanted = None if path is None else keypath.parse(path)
    text = plaintext(source, open_scopes(source, keyring, _needed(source, wanted)))
    loading = (loader or default_loader())(text)
    try:
        documents = list(_construct(loading, wanted))
    except yaml.MarkedYAMLError as error:
        raise _refusal(error) from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # PyYAML's constructors let these through, of `!!timestamp x` or an endless `<<`; their
        # texts quote the value
        raise DocumentError("a value can't be constructed as what its tag says") from None
    finally:
        loading.dispose()
    if wanted is not None and not documents:
        raise keypath.names_nothing(source.stream, wanted)
    return documents


def default_loader() -> Loader:
    """Return libyaml's safe loader, or the pure one where libyaml is not there."""
    return yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def _needed(source: Source, path: keypath.KeyPath | None) -> set[int] | None:
    """Return the scopes of what a path reaches, aliases and merges followed; None for all."""
    if path is None:
        return None
    owner = Lock(source).map.owner
    owners = {
        owner(node) for document in source.stream.documents for node in _reach(document.root, path)
    }
    return {number for number in owners if number is not None}


def _reach(root: Node, path: keypath.KeyPath) -> Iterator[Node]:
    """Yield all that the value at a path depends on, from below the roots of its scopes.

    That is what the path names and all that is below, mapping keys too, and the aliases and the
    merge keys that lead there: without the MACs of their scopes they could lead elsewhere.
    """
    pending: list[tuple[Node, int]] = [(root, 0)]
    seen: set[tuple[int, int]] = set()  # no MAC is checked yet: each node is followed once
    while pending:
        node, depth = pending.pop()
        if (id(node), depth) in seen:
            continue
        seen.add((id(node), depth))
        if isinstance(node, Alias):
            yield node
            pending.append((node.target, depth))
        elif depth == len(path.components):
            yield node
            if isinstance(node, Collection):
                pending.extend((child, depth) for child in node.children)
        elif isinstance(node, Collection):
            for child in node.values:
                if keypath.matches_step(path.components[depth], child):
                    pending.append((child, depth + 1))
                if _is_merge_key(child.step):
                    merged = list(_merged(child))
                    yield from (node, *merged)
                    pending.extend((item, depth) for item in merged if _is_mapping(item))


def _is_merge_key(key: Step) -> bool:
    if isinstance(key, Alias):
        key = key.target
    return isinstance(key, Scalar) and scalar_tag(key) == _MERGE_TAG


def _is_mapping(node: Node) -> bool:
    return isinstance(node, Collection) and node.is_mapping


def _merged(value: Node) -> Iterator[Node]:
    """Yield the mappings that a merge key brings in, and the aliases and lists around them."""
    pending = [value]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Alias):
            pending.append(node.target)
        elif isinstance(node, Collection) and not node.is_mapping:
            pending.extend(node.children)


def _construct(
    loading: yaml.SafeLoader | yaml.CSafeLoader, path: keypath.KeyPath | None
) -> Iterator[Any]:
    """Yield the data of the documents, or of the node that the path names."""
    while loading.check_node():
        root = loading.get_node()
        if path is None or root is None:
            yield loading.construct_document(root)
            continue
        for node in _select(loading, root, path):
            yield loading.construct_document(node)


def _select(
    loading: yaml.SafeLoader | yaml.CSafeLoader, root: yaml.Node, path: keypath.KeyPath
) -> list[yaml.Node]:
    """Return what a path names among PyYAML's nodes: with merge keys resolved, unlike for -k."""
    nodes = [root]
    for component in path.components:
        nodes = [child for node in nodes for child in _children(loading, node, component)]
    return nodes


def _children(
    loading: yaml.SafeLoader | yaml.CSafeLoader, node: yaml.Node, component: keypath.Component
) -> Iterable[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return [item for number, item in enumerate(node.value) if component.matches_item(number)]
    if not isinstance(node, yaml.MappingNode):
        return []
    if any(key.tag == _MERGE_TAG for key, _ in node.value):
        loading.flatten_mapping(node)
    found = {}
    for key, value in node.value:  # what was merged comes first: a later equal key wins
        is_scalar = isinstance(key, yaml.ScalarNode)
        text = key.value if is_scalar else None
        if component.matches_key(text, is_text=key.tag == STR_TAG):
            found[key.tag, text if is_scalar else id(key)] = value
    return found.values()


def _refusal(error: yaml.MarkedYAMLError) -> YamlVaultError:
    """Say where loading failed, in the decrypted text; PyYAML's own text quotes values."""
    mark = error.problem_mark or error.context_mark
    message = "a value can't be constructed as what its tag says"
    if isinstance(error, yaml.composer.ComposerError):
        message = "an anchor is defined twice, which PyYAML does not load"
    elif error.problem is not None and error.problem.startswith(
        "could not determine a constructor"
    ):
        message = "the loader has no constructor for the tag of a value"
    elif error.problem is not None and "unhashable" in error.problem:
        message = "a mapping or a list is a key, and Python can't hash it"
    return DocumentError(
        message,
        line=None if mark is None else mark.line + 1,
        column=None if mark is None else mark.column + 1,
        hint="the place is that in the decrypted text; `loader=` takes a loader that knows the tag",
    )


def only(documents: list[Any], path: str | None) -> Any:
    """Return the one value.

    Raises:
        KeyPathError: The path names nothing, or several values.
        DocumentError: The stream has several documents.
    """
    if len(documents) == 1:
        return documents[0]
    if path is not None:
        raise KeyPathError(
            f"key path {path} names {len(documents)} values", hint="name exactly one"
        )
    if documents:
        raise DocumentError(
            f"the stream has {len(documents)} documents", hint="use load_all or loads_all"
        )
    return None  # as yaml.safe_load does for a stream without documents
