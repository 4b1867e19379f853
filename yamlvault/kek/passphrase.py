"""`passphrase:` KEKs: age files with one scrypt stanza."""

from __future__ import annotations

import pyrage

from yamlvault.errors import KEKError, NoKeyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from yamlvault.keyring import Keyring


class KEK:
    """A passphrase, from the keyring and never from the URI."""

    uri = "passphrase:"

    def __init__(self, uri: str, keyring: Keyring) -> None:
        if uri != self.uri:
            raise KEKError(
                "the KEK URI is written `passphrase:`, with nothing behind the colon",
                hint="set YAMLVAULT_PASSPHRASE or YAMLVAULT_PASSPHRASE_FD, or type it when asked",
            )
        self._keyring = keyring

    def wrap(self, data_key: bytes, _context: Mapping[str, str]) -> bytes:
        return pyrage.passphrase.encrypt(data_key, self._keyring.passphrase(new=True))

    def unwrap(self, wrapped: bytes, _context: Mapping[str, str]) -> bytes:
        try:
            return pyrage.passphrase.decrypt(wrapped, self._keyring.passphrase(new=False))
        except pyrage.DecryptError:
            raise NoKeyError("the passphrase is wrong, or the stanza is damaged") from None
