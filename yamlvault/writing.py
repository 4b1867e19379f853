"""Writing: scalars sealed, scopes signed, all spliced in, and the result undone to check it."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.node import Scalar
from yamlvault.document.splice import splice
from yamlvault.document.text import position
from yamlvault.errors import DocumentError, IntegrityError, YamlVaultError
from yamlvault.format import mac
from yamlvault.format.encoding import path_of
from yamlvault.format.payload import opening_edits, payload_of, reading_of, sealing_edits
from yamlvault.format.place import insertion
from yamlvault.format.scope import Map
from yamlvault.format.sealed import Sealer
from yamlvault.opening import Lock, with_readings
from yamlvault.source import parse as parse_source
from yamlvault.source import same_structure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yamlvault.format.keys import DataKey
    from yamlvault.format.metadata import Metadata
    from yamlvault.format.sealed import Payload
    from yamlvault.source import Source


class Written(NamedTuple):
    """What is to be written.

    Attributes:
        text: The encrypted text.
        metadata: The metadata in it, signed.
    """

    text: str
    metadata: Metadata

    def __repr__(self) -> str:
        return "<Written>"


def seal_scalars(
    source: Source, scalars: Sequence[Scalar], metadata: Metadata, keys: Mapping[int, DataKey]
) -> list[tuple[Scalar, Payload]]:
    """Seal scalars under the data keys of their scopes, in the tree.

    Raises:
        DocumentError: One is in no scope, or can't be sealed safely.
    """
    owners = Map(source.stream, metadata.scopes)
    document = metadata.document
    sealers = {
        number: Sealer(key.seal_key(document), document, key.id) for number, key in keys.items()
    }
    sealed = []
    for scalar in scalars:
        owner = owners.owner(scalar)
        if owner is None:
            line, column = position(source.text, scalar.start)
            raise DocumentError(
                "what is to be sealed is in no scope",
                line=line,
                column=column,
                hint="an alias leads here: make a scope of it, for all who read that alias",
            )
        payload = payload_of(source.text, scalar)
        scalar.sealed = sealers[owner].seal(payload, path_of(scalar))
        sealed.append((scalar, payload))
    return sealed


def sign(source: Source, metadata: Metadata, keys: Mapping[int, DataKey]) -> Metadata:
    """Return the metadata with new MACs for the scopes whose newest data keys are given."""
    owners = Map(source.stream, metadata.scopes)
    document = metadata.document
    return metadata._replace(
        scopes=tuple(
            mac.sign(scope, number, owners, keys[number].mac_key(document), document)
            if number in keys
            else scope
            for number, scope in enumerate(metadata.scopes)
        )
    )


def write(source: Source, new: Sequence[tuple[Scalar, Payload]], metadata: Metadata) -> Written:
    """Return the text of a plaintext source with sealed scalars and metadata put in.

    Raises:
        DocumentError: The file can't be edited without changing more than its secrets.
    """
    new = sorted(new, key=lambda pair: pair[0].start)
    edits = [
        edit
        for scalar, payload in new
        for edit in sealing_edits(source.text, scalar, payload, quoted=is_in_json(scalar))
    ]
    text = splice(source.text, [*edits, insertion(source.stream, metadata)])
    _check(text, source, metadata, new)
    return Written(text, metadata)


def is_in_json(scalar: Scalar) -> bool:
    """Tell whether its document is a flow collection: JSON stays JSON with quotes around it."""
    parent = scalar.parent
    if parent is None:
        # a plain one would go on in a line `%TAG`, that may stand behind the others
        return bool(scalar.style)
    while parent.parent is not None:
        parent = parent.parent
    return parent.is_flow


def _check(
    text: str, source: Source, metadata: Metadata, new: Sequence[tuple[Scalar, Payload]]
) -> None:
    """Parse what is about to be written, and undo it: the source must come out (format, 7)."""
    try:
        again = parse_source(text)
        Lock(again)  # a reader would refuse what it refuses
    except YamlVaultError:
        raise refusal() from None
    if again.metadata != metadata or not same_structure(source.stream, again.stream):
        raise refusal()
    sealed = {id(scalar) for scalar, _ in new}
    pairs = zip(source.stream.nodes, again.stream.nodes, strict=True)
    written = [
        after for before, after in pairs if id(before) in sealed and isinstance(after, Scalar)
    ]
    payloads = [payload for _, payload in new]
    try:
        opened = with_readings(again.stream, list(zip(written, payloads, strict=True)))
    except IntegrityError:
        raise refusal() from None
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
        raise refusal()


def refusal() -> DocumentError:
    """Return the error for a file in which more than its secrets would change."""
    return DocumentError(
        "this file can't be edited without changing more than its secrets; nothing was written",
        hint="please report it, with a file of the same layout and without secrets",
    )
