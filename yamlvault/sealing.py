"""Sealing: a plaintext file becomes an encrypted one, or an encrypted one gets more sealed."""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault.document.node import Scalar
from yamlvault.document.splice import splice
from yamlvault.document.text import position
from yamlvault.envelope import wrap
from yamlvault.errors import AlreadyEncryptedError, DocumentError, IntegrityError
from yamlvault.format import mac
from yamlvault.format.encoding import path_of
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import DOCUMENT_ID_SIZE, Metadata, Scope
from yamlvault.format.payload import opening_edits, payload_of, reading_of, sealing_edits
from yamlvault.format.place import check_key_is_free, insertion
from yamlvault.format.scope import Map
from yamlvault.format.sealed import Sealer
from yamlvault.kek import shown
from yamlvault.keypath import parse, parse_list
from yamlvault.opening import Lock, with_readings
from yamlvault.selection import select, with_targets
from yamlvault.source import parse as parse_source
from yamlvault.source import same_structure, without_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.node import Node
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.source import Source


class Sealing(NamedTuple):
    """The result of sealing.

    Attributes:
        text: The encrypted text.
        sealed: How many scalars were sealed just now.
        kept: How many were sealed before.
        vouched: The labels of the sections that had been changed by other hands ("" for the
            top level) and were signed as they stand.
        keks: The KEK URIs that open it.
    """

    text: str
    sealed: int
    kept: int
    vouched: tuple[str, ...]
    keks: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Sealing of {self.sealed} scalars>"


def split_paths(seal: str | Sequence[str]) -> tuple[str, ...]:
    """Return key paths, each of which may be several with commas between, one by one.

    Raises:
        KeyPathError: One is malformed.
    """
    texts = [seal] if isinstance(seal, str) else seal
    return tuple(dict.fromkeys(path.text for text in texts for path in parse_list(text)))


def encrypt(source: Source, seal: Sequence[str], keks: Sequence[str], keyring: Keyring) -> Sealing:
    """Seal the scalars of a plaintext source that the paths name.

    The document is one scope. Empty scalars stay as they are: no text stands for them.

    Raises:
        KeyPathError: A path names nothing.
        KEKError: A KEK can't be used.
        AlreadyEncryptedError: There are sealed scalars in the source.
        DocumentError: It has the top-level key of the metadata, or can't be edited safely.
    """
    check_key_is_free(source.stream)
    _check_nothing_is_sealed(source)
    scalars = _plaintext_scalars(source, seal)
    data_key = DataKey.new()
    scope = Scope(("$",), tuple(seal), (wrap(data_key, keks, keyring),))
    metadata = Metadata(os.urandom(DOCUMENT_ID_SIZE), (scope,))
    return _write(source, scalars, metadata, {0: data_key}, vouched=())


def encrypt_more(source: Source, seal: Sequence[str], keyring: Keyring) -> Sealing:
    """Seal what is plaintext in an encrypted source under the paths of its scopes.

    Whoever calls it vouches for the file as it stands: changed plaintext is signed anew. What is
    sealed must open as before.

    Args:
        source: The encrypted source.
        seal: More paths to seal from now on.
        keyring: What opens its data keys.

    Raises:
        AlreadyEncryptedError: There is nothing new to seal and nothing was changed.
        KeyPathError: One of the new paths names nothing.
        NoKeyError: A scope does not open.
        IntegrityError: A sealed scalar was changed, or moved from elsewhere.
    """
    lock = Lock(source)
    document = lock.metadata.document
    newest: dict[int, DataKey] = {}
    vouched: list[str] = []
    scopes: list[Scope] = []
    for number, scope in enumerate(lock.metadata.scopes):
        keys = lock.unlock(number, keyring)
        newest[number] = keys[scope.keys[-1].id]
        lock.open(number, keys)
        changed = mac.differences(
            scope, number, lock.map, newest[number].mac_key(document), document
        )
        if mac.RULES in changed:
            # nobody edits them by hand: with another `seal`, what is to be sealed would stay
            # in plaintext
            raise IntegrityError("the metadata is not what was encrypted", hint=mac.RESTORE)
        vouched += changed
        paths = dict.fromkeys([*scope.seal, *seal]) if number == 0 else scope.seal
        scopes.append(scope._replace(seal=tuple(paths)))
    bare = without_metadata(source)
    select(bare.stream, map(parse, seal))  # a new path that names nothing is refused
    known = [path for scope in scopes for path in scope.seal]
    # an old one may name nothing any more: its last secret was removed
    scalars = _plaintext_scalars(bare, known, allow_empty=True)
    if not scalars and not vouched and tuple(scopes) == lock.metadata.scopes:
        keks = ", ".join(map(shown, _keks(lock.metadata)))
        raise AlreadyEncryptedError(
            f"encrypted already (yamlvault format 1, for {keks}), and nothing new to seal"
        )
    return _write(bare, scalars, Metadata(document, tuple(scopes)), newest, tuple(vouched))


def refuse_encrypted(source: Source) -> None:
    """Refuse a source that has metadata, and say by whom it can be opened.

    Raises:
        AlreadyEncryptedError: It has.
    """
    if source.metadata is not None:
        keks = ", ".join(map(shown, _keks(source.metadata)))
        raise AlreadyEncryptedError(f"encrypted already (yamlvault format 1, for {keks})")


def _check_nothing_is_sealed(source: Source) -> None:
    if sealed := source.sealed:
        line, column = position(source.text, sealed[0].start)
        raise AlreadyEncryptedError(
            "a sealed scalar stands here, but the file has no metadata",
            line=line,
            column=column,
            hint="restore the top-level key `yamlvault`, or put the value here in plaintext",
        )


def _plaintext_scalars(
    source: Source, seal: Sequence[str], *, allow_empty: bool = False
) -> list[Scalar]:
    nodes = select(source.stream, map(parse, seal), allow_empty=allow_empty)
    scalars = with_targets([*nodes, *_unended(source)])
    return [scalar for scalar in scalars if scalar.sealed is None and not scalar.is_empty]


def _unended(source: Source) -> list[Node]:
    """Return the block scalar that ends the text without a line break, if one does.

    It is sealed whatever the paths say: the metadata behind it would give it a line break, and
    with that another value (format, 2.1).
    """
    for node in source.stream.nodes[-1:]:
        if isinstance(node, Scalar) and node.style in ("|", ">") and node.end == len(source.text):
            return [node]
    return []


def _keks(metadata: Metadata) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(stanza.kek for scope in metadata.scopes for stanza in scope.keys[-1].stanzas)
    )


def _write(
    source: Source,
    scalars: list[Scalar],
    metadata: Metadata,
    keys: dict[int, DataKey],
    vouched: tuple[str, ...],
) -> Sealing:
    """Seal the scalars under the keys of their scopes, sign, and check what came out."""
    kept = len(source.sealed)
    owners = Map(source.stream, metadata.scopes)
    document = metadata.document
    sealers = {
        number: Sealer(key.seal_key(document), document, key.id) for number, key in keys.items()
    }
    new: list[tuple[Scalar, Payload]] = []
    for scalar in scalars:
        owner = owners.owner(scalar)
        if owner is None:
            line, column = position(source.text, scalar.start)
            raise DocumentError("what is to be sealed is in no scope", line=line, column=column)
        payload = payload_of(source.text, scalar)
        scalar.sealed = sealers[owner].seal(payload, path_of(scalar))
        new.append((scalar, payload))
    metadata = metadata._replace(
        scopes=tuple(
            mac.sign(scope, number, owners, keys[number].mac_key(document), document)
            for number, scope in enumerate(metadata.scopes)
        )
    )
    edits = [
        edit
        for scalar, payload in new
        for edit in sealing_edits(source.text, scalar, payload, quoted=_is_in_json(scalar))
    ]
    text = splice(source.text, [*edits, insertion(source.stream, metadata)])
    _check(text, source, metadata, dict.fromkeys(map(id, scalars)), new)
    return Sealing(text, len(new), kept, vouched, _keks(metadata))


def _is_in_json(scalar: Scalar) -> bool:
    """Tell whether its document is a flow collection: JSON stays JSON with quotes around it."""
    parent = scalar.parent
    if parent is None:
        # a plain one would go on in a line `%TAG`, that may stand behind the others
        return bool(scalar.style)
    while parent.parent is not None:
        parent = parent.parent
    return parent.is_flow


def _check(
    text: str,
    source: Source,
    metadata: Metadata,
    sealed: dict[int, None],
    new: list[tuple[Scalar, Payload]],
) -> None:
    """Parse what is about to be written, and undo it: the source must come out (format, 7)."""
    try:
        again = parse_source(text)
    except DocumentError:
        raise _refusal() from None
    if again.metadata != metadata or not same_structure(source.stream, again.stream):
        raise _refusal()
    pairs = zip(source.stream.nodes, again.stream.nodes, strict=True)
    written = [
        after for before, after in pairs if id(before) in sealed and isinstance(after, Scalar)
    ]
    payloads = [payload for _, payload in new]
    try:
        opened = with_readings(again.stream, list(zip(written, payloads, strict=True)))
    except IntegrityError:
        raise _refusal() from None
    for (before, _), (_, _, reading) in zip(new, opened, strict=True):
        if reading != reading_of(before):
            # U+2028 or U+2029 ends a block scalar: it is of the value, but not of the payload
            line, column = position(source.text, before.start)
            raise DocumentError(
                "what stands behind this scalar is a part of its value",
                line=line,
                column=column,
                hint="end its last line with a line feed",
            )
    edits = [edit for item in opened for edit in opening_edits(text, *item, canonical=False)]
    if again.removal is None or splice(text, [*edits, again.removal]) != source.text:
        raise _refusal()


def _refusal() -> DocumentError:
    return DocumentError(
        "this file can't be edited without changing more than its secrets; nothing was written",
        hint="please report it, with a file of the same layout and without secrets",
    )
