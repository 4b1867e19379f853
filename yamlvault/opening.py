"""Opening: data keys unwrapped, MACs verified, scalars opened, text put back."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.document.splice import splice
from yamlvault.document.text import position
from yamlvault.envelope import unwrap
from yamlvault.errors import DocumentError, IntegrityError, NoKeyError
from yamlvault.format import mac
from yamlvault.format.encoding import path_of
from yamlvault.format.metadata import name_of
from yamlvault.format.payload import Surroundings, opening_edits, reading_of, readings
from yamlvault.format.scope import Map
from yamlvault.format.sealed import Sealer, key_id_of
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from yamlvault.deadline import Deadline
    from yamlvault.document.node import Stream
    from yamlvault.format.keys import DataKey
    from yamlvault.format.metadata import Metadata
    from yamlvault.format.payload import Reading
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.source import Source

_MOVE = (
    "restore the file from its history; to rename keys, or to move what is sealed: yamlvault edit"
)


class Opened(NamedTuple):
    """A sealed scalar, what it opened to, and how that reads."""

    scalar: Scalar
    payload: Payload
    reading: Reading


class Lock:
    """The scopes of an encrypted source and the data keys of those that are unlocked."""

    def __init__(self, source: Source, known: dict[str, DataKey] | None = None) -> None:
        """Find which sealed scalar belongs to which scope.

        Args:
            source: The encrypted source.
            known: Data keys of other versions of the file, by their id; those of this one are
                added. One that is not this file's own makes wrong MACs.

        Raises:
            NotEncryptedError: The source has no metadata.
            IntegrityError: A sealed scalar belongs to no scope or to none of its data keys.
        """
        self.source = source
        self._known = {} if known is None else known
        self._unlocked: dict[int, dict[str, DataKey]] = {}
        self._closed: dict[int, tuple[str, str | None]] = {}  # nobody is asked twice
        self.metadata: Metadata = require_metadata(source)
        self.map = Map(source.stream, self.metadata.scopes)
        self.sealed: list[list[Scalar]] = [[] for _ in self.metadata.scopes]
        ids = [{key.id for key in scope.keys} for scope in self.metadata.scopes]
        self.map.check_aliases()
        for scalar in source.sealed:
            number = self.map.owner(scalar)
            if number is None or key_id_of(str(scalar.sealed)) not in ids[number]:
                raise self.refusal(scalar, "a sealed scalar stands here that is none of this file")
            self.sealed[number].append(scalar)

    def refusal(self, scalar: Scalar, message: str, hint: str = mac.RESTORE) -> IntegrityError:
        """Return the error for a sealed scalar that does not belong where it stands."""
        line, column = position(self.source.text, scalar.start)
        return IntegrityError(message, line=line, column=column, hint=hint)

    def refusal_of(self, closed: dict[int, NoKeyError]) -> NoKeyError:
        """Return the error for scopes that do not open: why the first does not, and which else."""
        number, *others = closed
        error = closed[number]
        if others:
            names = ", ".join(name_of(self.metadata.scopes[other]) for other in others)
            error.message += f"; nor does scope {names}"
        return error

    def unlock(
        self, number: int, keyring: Keyring, deadline: Deadline | None = None
    ) -> dict[str, DataKey]:
        """Return the data keys of a scope; a key service is asked for them once.

        Raises:
            IntegrityError: A data key was added against the will of who holds an older one.
            NoKeyError: One does not open.
            KEKUnreachableError: One may open later.
        """
        if number in self._unlocked:
            return self._unlocked[number]
        if number in self._closed:
            message, hint = self._closed[number]
            raise NoKeyError(message, hint=hint)
        wrapped, document = self.metadata.scopes[number].keys, self.metadata.document
        deadline = deadline or keyring.deadline()
        try:
            keys = {
                key.id: self._known.get(key.id) or unwrap(key, keyring, deadline) for key in wrapped
            }
        except NoKeyError as error:
            self._closed[number] = error.message, error.hint
            raise
        mac.verify_append(wrapped, [key.mac_key(document) for key in keys.values()], document)
        self._unlocked[number] = keys
        self._known |= keys
        return keys

    def open_each(
        self, keyring: Keyring, numbers: Collection[int] | None = None
    ) -> tuple[list[tuple[Scalar, Payload]], dict[int, NoKeyError]]:
        """Open and check scopes: all of them, or those with the numbers.

        Returns:
            The sealed scalars of those that open, and by number why the others don't.

        Raises:
            KEKUnreachableError: One may open later.
            IntegrityError: One that opens is not what its writer wrote.
        """
        deadline = keyring.deadline()
        opened: list[tuple[Scalar, Payload]] = []
        closed: dict[int, NoKeyError] = {}
        for number, scope in enumerate(self.metadata.scopes):
            if numbers is None or number in numbers:
                try:
                    keys = self.unlock(number, keyring, deadline)
                except NoKeyError as error:
                    if len(self.metadata.scopes) > 1:
                        error.message = f"scope {name_of(scope)}: {error.message}"
                    closed[number] = error
                    continue
                self.verify(number, keys[scope.keys[-1].id])
                opened += self.open(number, keys)
        return opened, closed

    def verify(self, number: int, newest: DataKey) -> None:
        """Check the MACs of a scope.

        Raises:
            IntegrityError: The file is not what its writer wrote.
        """
        stored = self.metadata.scopes[number]
        document = self.metadata.document
        mac.verify(stored, number, self.map, newest.mac_key(document), document)

    def open(self, number: int, keys: dict[str, DataKey]) -> list[tuple[Scalar, Payload]]:
        """Open the sealed scalars of a scope.

        Raises:
            IntegrityError: One was changed, or moved from elsewhere.
        """
        document = self.metadata.document
        sealers = {
            key.id: Sealer(key.seal_key(document), document, key.id) for key in keys.values()
        }
        opened = []
        for scalar in self.sealed[number]:
            sealed = str(scalar.sealed)
            try:
                payload = sealers[key_id_of(sealed)].open(sealed, path_of(scalar))
            except IntegrityError as error:
                raise self.refusal(scalar, error.message, _MOVE) from None
            opened.append((scalar, payload))
        return opened


def open_scopes(
    source: Source, keyring: Keyring, numbers: Collection[int] | None = None
) -> list[Opened]:
    """Open the scalars of the scopes: of all of them, or of those with the numbers.

    Raises:
        NotEncryptedError: The source is plaintext.
        NoKeyError: A scope does not open with this keyring.
        KEKUnreachableError: It may do so later.
        IntegrityError: The file is not what its writer wrote.
    """
    lock = Lock(source)
    opened, closed = lock.open_each(keyring, numbers)
    if closed:
        raise lock.refusal_of(closed)
    return with_readings(source.stream, opened)


def with_readings(stream: Stream, opened: list[tuple[Scalar, Payload]]) -> list[Opened]:
    """Add how each payload reads.

    Raises:
        IntegrityError: A payload is no scalar, or its tag is another now (format, 3.2).
    """
    items = [(payload, _surroundings(stream, scalar)) for scalar, payload in opened]
    return [
        Opened(scalar, payload, reading)
        for (scalar, payload), reading in zip(opened, readings(items), strict=True)
    ]


def _surroundings(stream: Stream, scalar: Scalar) -> Surroundings:
    node = scalar
    while node.parent is not None:
        node = node.parent  # type: ignore[assignment]
    document = stream.documents[int(str(node.step))]
    return Surroundings(scalar.parent is None, document.tag_directives)


def plaintext(source: Source, opened: list[Opened]) -> str:
    """Return the text with the opened scalars in place and without the metadata.

    Raises:
        DocumentError: The surroundings of a scalar were changed such that it can't be put back.
    """
    removal = [source.removal] if source.removal is not None else []
    canonical: set[int] = set()
    everything = set(range(len(opened)))
    for _ in range(3):
        edits = [
            edit
            for number, (scalar, payload, reading) in enumerate(opened)
            for edit in opening_edits(
                source.text, scalar, payload, reading, canonical=number in canonical
            )
        ]
        text = splice(source.text, [*edits, *removal])
        misread = set(_misread(text, source.stream, opened))
        if not misread:
            return text
        # a formatter changed what stands around them (format, 3.2)
        canonical = canonical | misread if not canonical else everything
    raise DocumentError("a sealed scalar can't be put back where it stands now")


def _misread(text: str, stream: Stream, opened: list[Opened]) -> Iterable[int]:
    """Yield the numbers of the scalars that do not read as they should, if any node does not."""
    everything = range(len(opened))
    try:
        nodes = compose(text).nodes
    except DocumentError:
        return everything
    if len(nodes) != len(stream.nodes):
        return everything
    wanted = {id(item.scalar): number for number, item in enumerate(opened)}
    wrong = []
    for before, after in zip(stream.nodes, nodes, strict=True):
        number = wanted.get(id(before))
        if type(after) is not type(before):
            return everything
        if not isinstance(after, Scalar) or not isinstance(before, Scalar):
            continue
        if number is not None:
            if reading_of(after)[:2] != opened[number].reading[:2]:
                wrong.append(number)
        elif after.value != before.value:
            return everything
    return wrong
