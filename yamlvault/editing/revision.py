"""Revision: an edited plaintext takes the place of an encrypted file's."""

from __future__ import annotations

from yamlvault.addition import encrypt_more
from yamlvault.document.compose import compose
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import position
from yamlvault.editing.draft import is_open_to_additions
from yamlvault.errors import IntegrityError, NoKeyError
from yamlvault.format.encoding import encode, path_of
from yamlvault.format.payload import has_lines, payload_of, shifted
from yamlvault.format.place import check_key_is_free
from yamlvault.format.scope import Map
from yamlvault.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from yamlvault.document.node import Node, Stream
    from yamlvault.editing.draft import Draft
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.sealing import Sealing


def revise(
    draft: Draft, text: str, keyring: Keyring, rules: Sequence[ScopeRule] | None = None
) -> Sealing:
    """Seal an edited draft, such that it opens to just this text.

    A sealed scalar stays the same text where its path and its plaintext do, wherever it stands
    now; what else is to be sealed is sealed anew (format, 7).

    Args:
        draft: The draft that was edited.
        text: What it has become.
        keyring: What opens data keys, and wraps new ones for scopes that do not open.
        rules: As in `encrypt_more`.

    Raises:
        DocumentError: The text is not YAML that can be edited; with line and column in it.
        IntegrityError: A sealed scalar stands in it that does not belong there.
        NoKeyError: Something was changed in a scope that does not open, and allows no more data
            keys; with its place, but where it was taken out.
        YamlVaultError: As `encrypt_more` says.
    """
    stream = compose(text)
    check_key_is_free(stream)
    kept = _keep(draft, text, stream)
    edited = Source(text, draft.lock.source.bom, stream, None, None)
    try:
        return encrypt_more(draft.lock, (), keyring, edited, rules, adopt=True, kept=kept)
    except NoKeyError as error:
        change = _change_in_closed(draft, stream)
        if error.line is None and change is not None:
            error.line, error.column = position(text, change.start)
        raise


def _keep(draft: Draft, text: str, stream: Stream) -> list[tuple[Scalar, Payload]]:
    """Give the scalars that did not change their sealed text, in the tree."""
    kept = []
    for scalar in stream.nodes:
        if not isinstance(scalar, Scalar) or scalar.encoded is not None or scalar.is_empty:
            continue  # nothing is sealed in a key, nor where no text stands
        path = path_of(scalar)
        if scalar.sealed is not None:
            _check_belongs(draft, text, scalar, path)
        elif path in draft.secrets:
            secret = draft.secrets[path]
            payload = payload_of(text, scalar)
            if is_same(payload, secret.payload):
                scalar.sealed = secret.sealed
                kept.append((scalar, payload))
    return kept


def _check_belongs(draft: Draft, text: str, scalar: Scalar, path: bytes) -> None:
    """Refuse a sealed scalar that is not one of a closed scope, at its own place."""
    if draft.sealed.get(path) != scalar.sealed:
        line, column = position(text, scalar.start)
        raise IntegrityError(
            "a sealed scalar stands here that was not sealed for this place",
            line=line,
            column=column,
            hint="put the plaintext here; what does not open can't be moved",
        )


def _change_in_closed(draft: Draft, stream: Stream) -> Node | None:
    """Return the first node of a scope that does not open, and allows no additions, that is new."""
    scopes, lock = draft.lock.metadata.scopes, draft.lock
    shut = {number for number in draft.closed if not is_open_to_additions(scopes[number])}
    before = {path_of(node): encode(node) for node in _leaves(lock.source.stream, lock.map, shut)}
    for node in _leaves(stream, Map(stream, scopes), shut):
        if before.get(path_of(node)) != encode(node):
            return node
    return None


def _leaves(stream: Stream, owners: Map, scopes: Container[int]) -> Iterator[Node]:
    """Yield the scalars and aliases of scopes, but of those in keys."""
    for node in stream.nodes:
        is_leaf = not isinstance(node, Collection) and node.encoded is None
        if is_leaf and owners.owner(node) in scopes:
            yield node


def is_same(new: Payload, old: Payload) -> bool:
    """Tell whether an old payload opens to the text that a new one was made of."""
    if has_lines(old.source):  # what it opens to moves with what is around it (format, 3.2)
        old = old._replace(source=shifted(old.source, new.indent - old.indent))
    return new == old._replace(indent=new.indent)
