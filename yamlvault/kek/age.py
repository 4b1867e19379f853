"""`age:` KEKs: X25519 and SSH recipients (age-encryption.org/v1)."""

from __future__ import annotations

import pyrage

from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.mac import RESTORE
from yamlvault.format.metadata import Stanza

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from yamlvault.deadline import Deadline
    from yamlvault.keyring import Keyring

_NO_MATCH = "No matching keys found"  # of pyrage: the stanza is for another identity


class KEK:
    """An age recipient; wrapping needs it alone, unwrapping an identity of the keyring."""

    def __init__(self, uri: str, keyring: Keyring) -> None:
        recipient = " ".join(uri.removeprefix("age:").split()[:2])  # without an SSH comment
        self.uri = f"age:{recipient}"
        self._recipient = _parse(recipient)
        self._keyring = keyring

    def wrap(self, data_key: bytes, _context: Mapping[str, str], _deadline: Deadline) -> Stanza:
        return Stanza(self.uri, pyrage.encrypt(data_key, [self._recipient]))

    def unwrap(self, stanza: Stanza, _deadline: Deadline) -> bytes:
        identities = self._keyring.age_identities()
        if not identities:
            raise NoKeyError("no age identity is at hand", hint=self._keyring.age_hint())
        try:
            return pyrage.decrypt(stanza.wrapped, identities)
        except pyrage.DecryptError as error:
            if str(error) == _NO_MATCH:
                message = f"no identity in {self._keyring.age_source} matches"
                raise NoKeyError(message, hint=self._keyring.age_hint()) from None
            raise KEKError("the stanza is damaged", hint=RESTORE) from None


def _parse(recipient: str) -> pyrage.x25519.Recipient | pyrage.ssh.Recipient:
    if recipient.upper().startswith("AGE-SECRET-KEY"):  # Bech32 has both cases
        raise KEKError(
            "a secret key stands where a recipient is expected",
            hint="name the recipient, age1…: `yamlvault keys` prints that of your identity",
        )
    try:
        if recipient.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(recipient)
        return pyrage.x25519.Recipient.from_str(recipient)
    except (pyrage.RecipientError, UnicodeEncodeError):
        raise KEKError(
            f"{recipient!r} is not an age recipient",
            hint="a recipient is age1… or an SSH public key of type ssh-ed25519 or ssh-rsa",
        ) from None
