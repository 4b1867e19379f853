"""Loading: an encrypted file as Python data, opened in memory."""

from __future__ import annotations

import yaml

from yamlvault import keypath, selection
from yamlvault.discernment import Discerning
from yamlvault.document.compose import compose
from yamlvault.document.node import Alias, Collection, Scalar
from yamlvault.errors import DocumentError, KeyPathError, NoKeyError, YamlVaultError
from yamlvault.format.tags import MERGE_TAG, NULL_TAG, scalar_tag
from yamlvault.opening import Lock, open_scopes, plaintext, with_readings
from yamlvault.source import read, require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from yamlvault.document.node import Node, Stream
    from yamlvault.gap import Gap
    from yamlvault.keyring import Keyring
    from yamlvault.source import Source

    Loader = type[yaml.SafeLoader | yaml.CSafeLoader]

ERROR, OMIT = "error", "omit"  # what `missing` can be


def load_documents(
    data: bytes, keyring: Keyring, path: str | None, loader: Loader | None, missing: str = ERROR
) -> list[Any]:
    """Return the data of each document, or of the one node that a path names.

    Raises:
        YamlVaultError: As `yamlvault.loads` says.
    """
    if missing not in (ERROR, OMIT):
        raise ValueError(f"missing is {ERROR!r} or {OMIT!r}, not {missing!r}")
    source = read(data)
    has_scopes = len(require_metadata(source).scopes) > 1
    wanted = None if path is None else keypath.parse(path)
    try:
        documents = None
        if has_scopes and (wanted is not None or missing == OMIT):
            documents = _load_a_part(source, keyring, wanted, loader, missing)
        if documents is None:
            text = plaintext(source, open_scopes(source, keyring))
            documents = construct(text, wanted, loader, stream=source.stream) or []
    except NoKeyError:
        if wanted is None or _Reach(source.stream, wanted).ends:
            raise
        # no KeyPathError, which would vouch for it: a caller may have a default for that
        nothing = selection.names_nothing(source.stream, wanted)
        raise NoKeyError(f"{nothing.message}, and not all opens", hint=nothing.hint) from None
    if wanted is not None and not documents:
        raise selection.names_nothing(source.stream, wanted)
    return documents


def _load_a_part(
    source: Source,
    keyring: Keyring,
    path: keypath.KeyPath | None,
    loader: Loader | None,
    missing: str,
) -> list[Any] | None:
    """Return what a path names, with no other scopes opened and checked than it needs.

    Returns:
        None where the loader finds something else there than we: then nothing of it is checked.
    """
    lock = Lock(source)
    reach = None if path is None else _Reach(source.stream, path)
    needed = None if reach is None else _needed(lock, reach)
    if reach is not None and needed is None and missing == ERROR:
        return None
    opened, closed = lock.open_each(keyring, needed)
    if closed and (missing == ERROR or len(closed) == len(needed or lock.metadata.scopes)):
        raise lock.refusal_of(closed)
    for error in closed.values():
        keyring.tell(f"left out: {error.message}")
    from yamlvault.gap import Gap

    gap = Gap(lock, closed)
    text = plaintext(source, with_readings(source.stream, opened))
    checked = None
    if reach is not None:
        # the nodes are the same ones, in the same order: `plaintext` sees to that
        ends = set(map(id, reach.ends))
        nodes = zip(source.stream.nodes, compose(text).nodes, strict=True)
        checked = {after.start for before, after in nodes if id(before) in ends}
    documents = construct(text, path, loader, stream=source.stream, checked=checked, gap=gap)
    if documents == [] and closed:
        raise lock.refusal_of(closed)  # what the path names, or all, is in a closed scope
    return documents


def construct(
    text: str,
    path: keypath.KeyPath | None,
    loader: Loader | None,
    *,
    stream: Stream | None = None,
    checked: set[int] | None = None,
    gap: Gap | None = None,
) -> list[Any] | None:
    """Construct the documents, or what a path names.

    Args:
        text: The decrypted text.
        path: The path.
        loader: A PyYAML loader class.
        stream: The nodes of the encrypted file, for a loader that is `Discerning`.
        checked: Where the nodes start that may be constructed; None for all.
        gap: What is left out.

    Returns:
        The values; None where one of them may not be constructed.
    """
    loading = (loader or default_loader())(text)
    if stream is not None and isinstance(loading, Discerning):
        loading.discern(stream, text)
    try:
        nodes = list(_nodes(loading, path, gap))
        if checked is not None and not {node.start_mark.index for node in nodes} <= checked:
            return None
        return [loading.construct_document(node) for node in nodes]
    except YamlVaultError:  # of a loader of ours: some are ValueErrors
        raise
    except yaml.MarkedYAMLError as error:
        raise _refusal(error) from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # PyYAML's constructors let these through, of `!!timestamp x` or an endless `<<`; their
        # texts quote the value
        raise DocumentError("a value can't be constructed as what its tag says") from None
    finally:
        loading.dispose()


def default_loader() -> Loader:
    """Return libyaml's safe loader, or the pure one where libyaml is not there."""
    return yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Reach:
    """What a path leads to in a stream, aliases and merge keys followed.

    Attributes:
        ends: The nodes that it names.
        nodes: All that the values of these depend on: what stands on the way, what is below, and
            what the aliases there stand for.
    """

    def __init__(self, stream: Stream, path: keypath.KeyPath) -> None:
        self.ends: list[Node] = []
        self.nodes: dict[int, Node] = {}
        seen = set()  # a hostile file can merge in a circle, or the same a million times
        pending = [(document.root, 0, False) for document in stream.documents]
        while pending:
            node, depth, is_merged = pending.pop()
            if (id(node), depth, is_merged) in seen:
                continue
            seen.add((id(node), depth, is_merged))
            self.nodes[id(node)] = node
            if isinstance(node, Alias):
                pending.append((node.target, depth, is_merged))
            elif is_merged and isinstance(node, Collection) and not node.is_mapping:
                pending += [(child, depth, True) for child in node.children]
            elif depth == len(path.components):
                self.ends.append(node)
            elif isinstance(node, Collection):
                pending += _steps(node, path.components[depth], depth)
        self._add_below()

    def _add_below(self) -> None:
        pending, seen = list(self.ends), set()
        while pending:
            node = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            self.nodes[id(node)] = node
            if isinstance(node, Alias):
                pending.append(node.target)
            elif isinstance(node, Collection):
                pending += node.children


def _steps(
    node: Collection, component: keypath.Component, depth: int
) -> Iterator[tuple[Node, int, bool]]:
    """Yield what a component leads to, and what is merged and can have it: with their depths."""
    merged, found = [], []
    for child in node.values:
        if isinstance(child.step, Scalar) and scalar_tag(child.step) == MERGE_TAG:
            merged.append((child, depth, True))
        elif selection.matches_step(component, child):
            found.append((child, depth + 1, False))
    yield from found
    # a key of the mapping's own comes before what is merged: a name needs no more than that
    if not (found and isinstance(component, keypath.Name)):
        yield from merged


def _needed(lock: Lock, reach: _Reach) -> set[int] | None:
    """Return the scopes that a path needs; None for all of them.

    What is in no scope comes from a file whose scopes were checked: where none is needed, the
    metadata may say so because somebody changed it.
    """
    owners = {lock.map.owner(node) for node in reach.nodes.values()}
    return {number for number in owners if number is not None} or None


def _nodes(
    loading: yaml.SafeLoader | yaml.CSafeLoader, path: keypath.KeyPath | None, gap: Gap | None
) -> Iterator[yaml.Node]:
    """Yield the roots of the documents, or the nodes that the path names."""
    number = 0
    while loading.check_node():
        root = loading.get_node()
        if gap is not None and root is not None:
            root = gap.without(number, root)
        number += 1
        if root is not None:
            yield from [root] if path is None else nodes_at(loading, root, path)


def nodes_at(
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
    if any(key.tag == MERGE_TAG for key, _ in node.value):
        loading.flatten_mapping(node)
    found: dict[tuple[str, str | int], yaml.Node] = {}
    for key, value in node.value:  # what was merged comes first: a later equal key wins
        if not isinstance(key, yaml.ScalarNode):
            if component.matches_key(None, is_text=False):
                found[key.tag, id(key)] = value
        elif selection.matches_key(component, key.tag, key.value):
            found[key.tag, "" if key.tag == NULL_TAG else key.value] = value
    return found.values()


def _refusal(error: yaml.MarkedYAMLError) -> YamlVaultError:
    """Say where loading failed, in the decrypted text; PyYAML's own text quotes values."""
    mark = error.problem_mark or error.context_mark
    message = "a value can't be constructed as what its tag says"
    hint = "the place is that in the decrypted text, which `yamlvault decrypt` prints"
    if isinstance(error, yaml.composer.ComposerError):
        message = "an anchor is defined twice, which PyYAML does not load"
    elif error.problem is not None and error.problem.startswith(
        "could not determine a constructor"
    ):
        message = "there is no constructor for the tag of a value"
    elif error.problem is not None and "for merging" in error.problem:
        message = "a merge key (<<) has something other than mappings"
    elif error.problem is not None and "unhashable" in error.problem:
        message = "a mapping or a list is a key, and Python can't hash it"
    return DocumentError(
        message,
        line=None if mark is None else mark.line + 1,
        column=None if mark is None else mark.column + 1,
        hint=hint,
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
