"""`passphrase:` KEKs: age files with one scrypt stanza."""

from __future__ import annotations

import re

import pyrage

from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.mac import RESTORE
from yamlvault.format.metadata import Stanza

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from yamlvault.deadline import Deadline
    from yamlvault.keyring import Keyring


# of the stanza `-> scrypt SALT WORK`: the binary logarithm of scrypt's N; 21 takes 2 GiB
_WORK = re.compile(rb"\n-> scrypt \S+ (\d{1,3})\n")
_MOST_WORK = 21


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

    def wrap(self, data_key: bytes, _context: Mapping[str, str], _deadline: Deadline) -> Stanza:
        passphrase = self._keyring.passphrase(new=True)
        return Stanza(self.uri, pyrage.passphrase.encrypt(data_key, passphrase))

    def unwrap(self, stanza: Stanza, _deadline: Deadline) -> bytes:
        work = _WORK.search(stanza.wrapped[:200])
        if work is not None and int(work[1]) > _MOST_WORK:
            # before a MAC is checked: each step more doubles the time and the memory
            raise KEKError("the stanza asks for more work than any writer's does", hint=RESTORE)
        try:
            return pyrage.passphrase.decrypt(stanza.wrapped, self._keyring.passphrase(new=False))
        except pyrage.DecryptError:
            raise NoKeyError(
                "the passphrase is wrong, or the stanza is damaged",
                hint=self._keyring.passphrase_hint(),
            ) from None
