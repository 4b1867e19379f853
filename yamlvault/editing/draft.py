"""Drafts: an encrypted file as who edits it sees it."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.splice import splice
from yamlvault.format.encoding import path_of
from yamlvault.opening import Lock, plaintext, with_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.format.keys import DataKey
    from yamlvault.format.metadata import Scope
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.source import Source


def is_open_to_additions(scope: Scope) -> bool:
    """Tell whether who can't open a scope may add to it (format, 5.5)."""
    return all(key.append for key in scope.keys)


class Secret(NamedTuple):
    """A sealed scalar: its text, and what it opens to."""

    sealed: str
    payload: Payload

    def __repr__(self) -> str:
        return "<Secret>"


class Draft:
    """The plaintext of what opens here, and the sealed text of what does not.

    Attributes:
        lock: The file's scopes.
        text: The text, without the metadata.
        secrets: What was opened, by the path of the scalar (format, 4.3).
        closed: By the number of its scope, why a scope does not open.
        sealed: The sealed text in scopes that do not open, by the path of the scalar.
    """

    def __init__(
        self,
        source: Source,
        keyring: Keyring,
        known: dict[str, DataKey] | None = None,
        *,
        may_stay_closed: bool = False,
    ) -> None:
        """Open what opens.

        Args:
            source: The encrypted source.
            keyring: What opens its scopes.
            known: As in `Lock`.
            may_stay_closed: Whether it is no error that no scope opens.

        Raises:
            NotEncryptedError: The source is plaintext.
            NoKeyError: No scope opens, and none allows who can't open it to add to it.
            KEKUnreachableError: A scope may open later.
            IntegrityError: A scope is not what its writer wrote.
        """
        self.lock = Lock(source, known)
        opened, self.closed = self.lock.open_each(keyring)
        scopes = self.lock.metadata.scopes
        may_add = any(map(is_open_to_additions, scopes))
        if len(self.closed) == len(scopes) and not may_add and not may_stay_closed:
            raise self.lock.refusal_of(self.closed)
        for error in self.closed.values():
            keyring.tell(f"left sealed: {error.message}")
        self.text = plaintext(source, with_readings(source.stream, opened))
        self.secrets = {
            path_of(scalar): Secret(str(scalar.sealed), payload) for scalar, payload in opened
        }
        self.sealed = {
            path_of(scalar): str(scalar.sealed)
            for number in self.closed
            for scalar in self.lock.sealed[number]
        }

    def __repr__(self) -> str:
        return "<Draft>"  # it is plaintext

    @property
    def bare_text(self) -> str:
        """The text without the metadata, all that is sealed left so."""
        source = self.lock.source
        return splice(source.text, [source.removal] if source.removal is not None else [])
