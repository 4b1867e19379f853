"""Sealing: a plaintext file becomes an encrypted one."""

from __future__ import annotations

import os
from collections import Counter
from typing import NamedTuple

from yamlvault.coverage import check_readers, idle_paths, to_seal, uncovered
from yamlvault.document.node import Scalar
from yamlvault.document.text import position
from yamlvault.envelope import wrap
from yamlvault.errors import AlreadyEncryptedError, FormatError, KeyPathError
from yamlvault.format import mac
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import DOCUMENT_ID_SIZE, MAX_PATHS, Metadata, Scope, name_of
from yamlvault.format.place import check_key_is_free
from yamlvault.format.scope import Map
from yamlvault.kek import shown
from yamlvault.keypath import parse
from yamlvault.selection import select
from yamlvault.writing import seal_scalars, sign, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.source import Source


class Share(NamedTuple):
    """One of several scopes.

    Attributes:
        scope: Its name.
        sealed: How many of its scalars were sealed just now.
        kept: How many were sealed before.
        keks: The KEK URIs that open it.
    """

    scope: str
    sealed: int
    kept: int
    keks: tuple[str, ...]


class Sealing(NamedTuple):
    """The result of sealing.

    Attributes:
        text: The encrypted text.
        sealed: How many scalars were sealed just now.
        kept: How many were sealed before.
        vouched: The labels of the sections that had been changed by other hands ("" for the
            top level) and were signed as they stand.
        keks: The KEK URIs that open it.
        appended: The scopes that did not open, got a new data key and were signed unchecked.
        unchecked: The scopes that did not open and were left as they are.
        uncovered: The labels of what stands in no scope.
        left_out: The paths that the rules seal and the file does not, and that name plaintext.
        plain: The labels of what was set and is not to be sealed.
        shares: What is in each scope, where there are several.
        unnamed: The paths of the rules that name nothing in the file.
    """

    text: str
    sealed: int
    kept: int
    vouched: tuple[str, ...]
    keks: tuple[str, ...]
    appended: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    unnamed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Sealing of {self.sealed} scalars>"


def encrypt(
    source: Source, rules: Sequence[ScopeRule], keyring: Keyring, *, lenient: bool = False
) -> Sealing:
    """Seal the scalars of a plaintext source that the rules name, a scope for each rule.

    Empty scalars stay as they are: no text stands for them.

    Args:
        source: The plaintext source.
        rules: What is sealed in each scope, and for whom.
        keyring: What wraps data keys.
        lenient: Whether a `seal` path may name nothing, as long as another one of its scope names
            something: a rule can be for many files.

    Raises:
        KeyPathError: A path names nothing, or two scopes have the same root.
        KEKError: A KEK can't be used, or opens a scope that it can't read.
        NoKeyError: The right to use a KEK is lacking.
        AlreadyEncryptedError: There are sealed scalars in the source.
        DocumentError: It has the top-level key of the metadata, an alias that leads into a scope
            from outside of all, or can't be edited safely.
    """
    check_key_is_free(source.stream)
    _check_nothing_is_sealed(source)
    if not rules or not all(rule.paths and rule.seal for rule in rules):
        raise KeyPathError("there is no scope, or one without a path of what it covers or seals")
    if sum(len(rule.paths) for rule in rules) > MAX_PATHS:
        raise KeyPathError(f"the scopes have more than {MAX_PATHS} paths")
    for rule in rules:
        select(source.stream, map(parse, rule.paths))  # one that names nothing is refused
    owners = _map(source, [Scope(rule.paths, rule.seal, ()) for rule in rules])
    seals = [rule.seal for rule in rules]
    unnamed = idle_paths(source.stream, owners, seals) if lenient else ()
    scalars = plaintext_scalars(source, owners, seals, allow_empty=bool(unnamed))
    document, deadline = os.urandom(DOCUMENT_ID_SIZE), keyring.deadline()
    keys = {number: DataKey.new() for number in range(len(rules))}
    scopes = []
    for rule, key in zip(rules, keys.values(), strict=True):
        wrapped = wrap(key, rule.keks, keyring, rule.context, deadline)
        if rule.append:
            wrapped = mac.allow_append(wrapped, key.mac_key(document), document)
        scopes.append(Scope(rule.paths, rule.seal, (wrapped,)))
    check_readers(source.stream, owners, scopes)
    metadata = Metadata(document, tuple(scopes))
    new = seal_scalars(source, scalars, metadata, keys)
    written = write(source, new, sign(source, metadata, keys))
    outside = tuple(uncovered(source.stream, owners))
    return Sealing(
        written.text,
        len(new),
        0,
        (),
        keks_of(metadata),
        uncovered=outside,
        shares=shares_of(source, owners, metadata, new),
        unnamed=unnamed,
    )


def refuse_encrypted(source: Source) -> None:
    """Refuse a source that has metadata, and say by whom it can be opened.

    Raises:
        AlreadyEncryptedError: It has.
    """
    if source.metadata is not None:
        keks = ", ".join(map(shown, keks_of(source.metadata)))
        raise AlreadyEncryptedError(f"encrypted already (yamlvault format 1, for {keks})")


def _map(source: Source, scopes: Sequence[Scope]) -> Map:
    try:
        return Map(source.stream, scopes)
    except FormatError as error:  # in words of the format: but no file has it yet
        raise KeyPathError(error.message, hint="see `scopes` in the rule") from None


def _check_nothing_is_sealed(source: Source) -> None:
    if sealed := source.sealed:
        line, column = position(source.text, sealed[0].start)
        raise AlreadyEncryptedError(
            "a sealed scalar stands here, but the file has no metadata",
            line=line,
            column=column,
            hint="restore the top-level key `yamlvault`, or put the value here in plaintext",
        )


def plaintext_scalars(
    source: Source, owners: Map, seals: Sequence[Sequence[str]], *, allow_empty: bool = False
) -> list[Scalar]:
    """Return the scalars that are to be sealed and are not."""
    scalars = to_seal(source.stream, owners, seals, allow_empty=allow_empty)
    last = _unended(source)
    if last is not None and last not in scalars:
        scalars.append(last)
    return [scalar for scalar in scalars if scalar.sealed is None and not scalar.is_empty]


def _unended(source: Source) -> Scalar | None:
    """Return the block scalar that ends the text without a line break, if one does.

    It is sealed whatever the paths say: the metadata behind it would give it a line break, and
    with that another value (format, 2.1).
    """
    for node in source.stream.nodes[-1:]:
        if isinstance(node, Scalar) and node.style in ("|", ">") and node.end == len(source.text):
            return node
    return None


def shares_of(
    source: Source, owners: Map, metadata: Metadata, new: Sequence[tuple[Scalar, Payload]]
) -> tuple[Share, ...]:
    """Return what is in each of several scopes; nothing where there is one.

    Args:
        source: The source without metadata, with what is sealed in its tree.
        owners: The scopes of its nodes.
        metadata: The metadata.
        new: What was sealed just now.
    """
    if len(metadata.scopes) == 1:
        return ()
    sealed = Counter(owners.owner(scalar) for scalar, _ in new)
    every = Counter(map(owners.owner, source.sealed))
    return tuple(
        Share(
            name_of(scope),
            sealed[number],
            every[number] - sealed[number],
            tuple(dict.fromkeys(stanza.kek for stanza in scope.keys[-1].stanzas)),
        )
        for number, scope in enumerate(metadata.scopes)
    )


def keks_of(metadata: Metadata) -> tuple[str, ...]:
    """Return the KEK URIs that open the scopes."""
    return tuple(
        dict.fromkeys(stanza.kek for scope in metadata.scopes for stanza in scope.keys[-1].stanzas)
    )
