"""Views: a file as who looks at it sees it: opened where it opens, and why not elsewhere.

Reading takes a file or refuses it. Who reviews a change has to see it whatever is wrong with it.
"""

from __future__ import annotations

from yamlvault.document.splice import splice
from yamlvault.errors import DocumentError, YamlVaultError
from yamlvault.opening import Lock, plaintext, with_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.deadline import Deadline
    from yamlvault.format.keys import DataKey
    from yamlvault.keyring import Keyring
    from yamlvault.opening import Opened
    from yamlvault.source import Source


class View:
    """What opens of a source, and why the rest does not.

    Nothing of a scope is opened whose MACs are wrong.

    Attributes:
        source: The source, encrypted or plaintext.
        opened: The sealed scalars that open.
        closed: By the number of its scope, why one is left sealed.
        counts: How many sealed scalars each scope has; empty where that can't be told.
    """

    def __init__(
        self,
        source: Source,
        keyring: Keyring | None,
        *,
        known: dict[str, DataKey] | None = None,
        why_not: str = "",
    ) -> None:
        """Open what opens.

        Args:
            source: The source.
            keyring: What opens it; None to leave all of it sealed.
            known: As in `Lock`.
            why_not: Why there is no keyring.
        """
        self.source = source
        self.opened: list[Opened] = []
        self.closed: dict[int, YamlVaultError] = {}
        self.counts: list[int] = []
        if source.metadata is None:
            return
        try:
            lock = Lock(source, known)
            self.counts = list(map(len, lock.sealed))
            if keyring is None:
                raise YamlVaultError(why_not)  # noqa: TRY301  a reason like the others
            deadline = keyring.deadline()
        except YamlVaultError as error:
            self._close(error)
            return
        for number in range(len(source.metadata.scopes)):
            try:
                self.opened += _open(lock, number, keyring, deadline)
            except YamlVaultError as error:
                self.closed[number] = error

    def __repr__(self) -> str:
        return "<View>"  # it is plaintext

    def text(self) -> str:
        """Return the text without the metadata; what is not opened is left sealed in it."""
        try:
            return plaintext(self.source, self.opened)
        except DocumentError as error:  # what stands around a scalar was changed
            self.opened = []
            self._close(error)
        return splice(self.source.text, [self.source.removal] if self.source.removal else [])

    def _close(self, error: YamlVaultError) -> None:
        if self.source.metadata is not None:
            self.closed = dict.fromkeys(range(len(self.source.metadata.scopes)), error)


def _open(lock: Lock, number: int, keyring: Keyring, deadline: Deadline) -> list[Opened]:
    keys = lock.unlock(number, keyring, deadline)
    lock.verify(number, keys[lock.metadata.scopes[number].keys[-1].id])
    return with_readings(lock.source.stream, lock.open(number, keys))
