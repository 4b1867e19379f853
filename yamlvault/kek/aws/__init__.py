"""`aws-kms:` KEKs: symmetric keys of AWS KMS."""

from __future__ import annotations

from yamlvault.errors import KEKError
from yamlvault.format.keys import DATA_KEY_SIZE
from yamlvault.format.mac import RESTORE
from yamlvault.format.metadata import Stanza
from yamlvault.kek.attempts import attempt
from yamlvault.kek.aws import regions
from yamlvault.kek.aws.client import KMS
from yamlvault.kek.aws.encryption_context import checked
from yamlvault.kek.aws.key_name import SCHEME, KeyName, parse
from yamlvault.kek.aws.limits import MAX_WRAPPED
from yamlvault.kek.aws.refusals import hinted
from yamlvault.kek.refusal import MALFORMED, UNTRUSTED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.keyring import Keyring

_ALGORITHM = "SYMMETRIC_DEFAULT"


class KEK:
    """A KMS key: wrapping needs `kms:Encrypt`, unwrapping `kms:Decrypt`."""

    def __init__(self, uri: str, keyring: Keyring) -> None:
        self._name = parse(uri.removeprefix(SCHEME).strip())
        self.uri = SCHEME + self._name.text
        self._keyring = keyring

    def wrap(self, data_key: bytes, context: Mapping[str, str], deadline: Deadline) -> Stanza:
        bound = checked(context)
        parameters = {"Plaintext": data_key, "EncryptionContext": bound}
        try:
            answer, key = self._ask("Encrypt", self._name, parameters, deadline)
            wrapped = _blob(answer, "CiphertextBlob", range(1, MAX_WRAPPED + 1))
        except Refusal as refusal:
            raise hinted(refusal).error("kms:Encrypt", "kms:Encrypt") from None
        # the key and not the alias: a file stays open when the alias moves to another key
        return Stanza(SCHEME + key.text, wrapped, bound)

    def unwrap(self, stanza: Stanza, deadline: Deadline) -> bytes:
        if not self._name.is_key_arn:
            raise KEKError("the stanza does not name its key by the ARN", hint=RESTORE)
        if not 0 < len(stanza.wrapped) <= MAX_WRAPPED:
            raise KEKError("the stanza is damaged", hint=RESTORE)
        parameters = {
            "CiphertextBlob": stanza.wrapped,
            "EncryptionContext": checked(stanza.context),
        }

        def ask(name: KeyName, until: Deadline) -> bytes:
            answer, _ = self._ask("Decrypt", name, parameters, until)
            return _blob(answer, "Plaintext", (DATA_KEY_SIZE,))

        try:
            return regions.nearest_first(self._name, ask, deadline, self._keyring.tell)
        except Refusal as refusal:
            raise hinted(refusal).error("kms:Decrypt", "kms:Decrypt") from None

    def _ask(
        self, operation: str, name: KeyName, parameters: Mapping[str, Any], deadline: Deadline
    ) -> tuple[dict[str, Any], KeyName]:
        """Return the answer to an operation, and the key that gave it: the one that was asked."""
        region = name.region or regions.of_environment()
        kms = KMS(self._keyring, region, self._keyring.access(self.uri))
        whole = {"KeyId": name.text, "EncryptionAlgorithm": _ALGORITHM} | dict(parameters)
        answer = attempt(
            lambda until: kms.call(operation, whole, until),
            deadline,
            self._keyring.tell,
            f"kms:{operation}",
        )
        # Without this check another key's plaintext would pass for this one's, wherever the
        # endpoint or a broken service answers for the wrong key.
        try:
            key = parse(str(answer.get("KeyId")))
        except KEKError:
            raise Refusal(MALFORMED) from None
        algorithm = answer.get("EncryptionAlgorithm", _ALGORITHM)
        is_elsewhere = bool(region) and key.region != region
        if not name.can_be(key) or is_elsewhere or algorithm != _ALGORITHM:
            raise Refusal(UNTRUSTED)
        return answer, key


def _blob(answer: Mapping[str, Any], field: str, sizes: Container[int]) -> bytes:
    blob = answer.get(field)
    if not isinstance(blob, bytes) or len(blob) not in sizes:
        raise Refusal(MALFORMED)
    return blob
