"""`gcp-kms:` KEKs: symmetric keys of Google Cloud KMS."""

from __future__ import annotations

from yamlvault.errors import KEKError
from yamlvault.format.metadata import Stanza
from yamlvault.kek.attempts import attempt
from yamlvault.kek.gcp.key_name import SCHEME, key_name
from yamlvault.kek.refusal import MALFORMED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from yamlvault.deadline import Deadline
    from yamlvault.kek.gcp.exchange import Question
    from yamlvault.keyring import Keyring

INSTALL = "pip install 'prehook-toolkit[gcp]'"
_PERMISSIONS = {
    "Encrypt": "cloudkms.cryptoKeyVersions.useToEncrypt",
    "Decrypt": "cloudkms.cryptoKeyVersions.useToDecrypt",
}


class KEK:
    """A key of Cloud KMS: its primary version wraps, any of its versions unwraps."""

    def __init__(self, uri: str, keyring: Keyring) -> None:
        self._name = key_name(uri)
        self.uri = f"{SCHEME}{self._name}"
        self._keyring = keyring

    def wrap(self, data_key: bytes, context: Mapping[str, str], deadline: Deadline) -> Stanza:
        wrapped = self._answered("Encrypt", data_key, context, deadline)
        return Stanza(self.uri, wrapped, dict(context))

    def unwrap(self, stanza: Stanza, deadline: Deadline) -> bytes:
        return self._answered("Decrypt", stanza.wrapped, stanza.context, deadline)

    def _answered(
        self, operation: str, data: bytes, context: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        try:
            from yamlvault.kek.gcp.exchange import Question, associated_data
        except ImportError:
            raise not_installed("google-crc32c") from None
        try:
            question = Question(operation, self._name, data, associated_data(context))
            return self._ask(question, deadline)
        except Refusal as refusal:
            from yamlvault.kek.gcp.refusals import HINTS

            refusal.hint = refusal.hint or HINTS.get(refusal.kind, "")
            # without the cause: an SDK's error can hold the request
            raise refusal.error(f"cloudkms {operation}", _PERMISSIONS[operation]) from None

    def _ask(self, question: Question, deadline: Deadline) -> bytes:
        from yamlvault.kek.gcp.client import client_of
        from yamlvault.kek.gcp.exchange import CorruptedError, check_size, checked

        check_size(question)
        client = client_of(self.uri, self._keyring)
        name = f"cloudkms {question.operation}"
        for tries_left in (1, 0):
            answer = attempt(
                lambda until: client.call(question, until), deadline, self._keyring.tell, name
            )
            try:
                return checked(question, answer)
            except CorruptedError:
                if tries_left:
                    self._keyring.tell(f"{name}: a checksum is wrong; once more")
        raise Refusal(MALFORMED, "a checksum is wrong, twice")


def not_installed(package: str) -> KEKError:
    """Return what is raised where a package of the extra `gcp` is missing."""
    return KEKError(f"{package}, which {SCHEME} KEKs need, is not installed", hint=INSTALL)
