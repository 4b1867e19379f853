"""`aws-kms:` KEKs: symmetric keys of AWS KMS (format, 6)."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from yamlvault.errors import KEKError
from yamlvault.format.keys import DATA_KEY_SIZE
from yamlvault.format.metadata import Stanza
from yamlvault.kek.attempts import attempt
from yamlvault.kek.aws.key_name import SCHEME, parse, region_of_environment
from yamlvault.kek.refusal import MALFORMED, NOT_FOUND, UNREACHABLE, UNTRUSTED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.key_name import KeyName
    from yamlvault.keyring import Keyring

# What KMS takes at most, in bytes: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
MAX_WRAPPED = 6144
MAX_CONTEXT = 8192


class KEK:
    """A key of AWS KMS."""

    def __init__(self, uri: str, keyring: Keyring) -> None:
        self._name = parse(uri)
        self.uri = SCHEME + self._name.text
        self._keyring = keyring

    def wrap(self, data_key: bytes, context: Mapping[str, str], deadline: Deadline) -> Stanza:
        size = sum(len(name.encode()) + len(value.encode()) for name, value in context.items())
        if size > MAX_CONTEXT:
            raise KEKError(
                f"the encryption context has {size} bytes, and KMS takes {MAX_CONTEXT}",
                hint="shorten it; it is no place for data",
            )
        answer = self._ask(
            "Encrypt", self._name, {"Plaintext": b64encode(data_key).decode()}, context, deadline
        )
        wrapped = _data(answer, "CiphertextBlob", "Encrypt")
        # the key that an alias leads to today: the file opens when it leads elsewhere
        return Stanza(SCHEME + answer["KeyId"], wrapped, dict(context))

    def unwrap(self, stanza: Stanza, deadline: Deadline) -> bytes:
        if not self._name.is_key_arn:
            raise KEKError("the stanza does not name its key by an ARN")
        if not 0 < len(stanza.wrapped) <= MAX_WRAPPED:
            raise KEKError("the stanza is damaged: its wrapped key is of no length that KMS gives")
        parameters = {"CiphertextBlob": b64encode(stanza.wrapped).decode()}
        here = region_of_environment()
        if self._name.is_multi_region and here not in ("", self._name.region):
            near = self._name.replica_in(here)
            try:
                return self._unwrapped(near, parameters, stanza.context, deadline.share(2))
            except _ElsewhereError as error:
                self._keyring.tell(f"{SCHEME}{near.text}: {error}; asking {self._name.region}")
        return self._unwrapped(self._name, parameters, stanza.context, deadline)

    def _unwrapped(
        self,
        name: KeyName,
        parameters: dict[str, Any],
        context: Mapping[str, str],
        deadline: Deadline,
    ) -> bytes:
        answer = self._ask("Decrypt", name, parameters, context, deadline)
        data_key = _data(answer, "Plaintext", "Decrypt")
        if len(data_key) != DATA_KEY_SIZE:
            raise Refusal(MALFORMED, f"{len(data_key)} bytes instead of {DATA_KEY_SIZE}").error(
                "kms:Decrypt", "kms:Decrypt"
            )
        return data_key

    def _ask(
        self,
        operation: str,
        name: KeyName,
        parameters: dict[str, Any],
        context: Mapping[str, str],
        deadline: Deadline,
    ) -> dict[str, Any]:
        """Return the answer of KMS, of the right key."""
        from yamlvault.kek.aws.client import client_of

        parameters = {**parameters, "KeyId": name.text}
        if context:
            parameters["EncryptionContext"] = dict(context)
        permission = f"kms:{operation}"
        access = self._keyring.access(self.uri)
        try:
            answer = attempt(
                lambda until: client_of(name, access, self._keyring).call(
                    operation, parameters, until
                ),
                deadline,
                self._keyring.tell,
                f"{SCHEME}{name.text}: {permission}",
            )
            arn = answer.get("KeyId")
            if not isinstance(arn, str):
                raise Refusal(MALFORMED, "no KeyId")  # noqa: TRY301
            if not name.could_be(arn):
                raise Refusal(UNTRUSTED)  # noqa: TRY301
        except Refusal as refusal:
            error = refusal.error(permission, permission)
            if name is not self._name and refusal.kind in (NOT_FOUND, UNREACHABLE):
                raise _ElsewhereError(error.message) from None
            raise error from None
        return answer


class _ElsewhereError(Exception):
    """There is no replica in this region, or it is out of reach."""


def _data(answer: dict[str, Any], field: str, operation: str) -> bytes:
    """Return the bytes of a field of an answer.

    Raises:
        KEKError: It has none.
    """
    text = answer.get(field)
    try:
        if isinstance(text, str) and text:
            return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass  # the text of the error can be of the data
    raise Refusal(MALFORMED, f"no {field}").error(f"kms:{operation}", f"kms:{operation}")
