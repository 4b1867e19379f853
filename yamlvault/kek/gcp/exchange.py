"""What is asked of Cloud KMS, and what an answer must prove before it counts.

A data key that was damaged on its way would make a file that nobody opens. So each field travels
with its CRC32C, and the service says that it saw the same:
https://cloud.google.com/kms/docs/data-integrity-guidelines
"""

from __future__ import annotations

import json
from typing import NamedTuple

import google_crc32c

from yamlvault.format.keys import DATA_KEY_SIZE
from yamlvault.kek.gcp.key_name import is_version_of
from yamlvault.kek.refusal import MALFORMED, REFUSED, UNTRUSTED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SIZE = 64 * 1024  # bytes: what Cloud KMS takes of plaintext, ciphertext and associated data
ENCRYPT, DECRYPT = "Encrypt", "Decrypt"


class Question(NamedTuple):
    """A request to Cloud KMS.

    Attributes:
        operation: `Encrypt` or `Decrypt`.
        name: The name of the key.
        data: The plaintext or the ciphertext.
        associated_data: What the ciphertext is bound to; empty without.
    """

    operation: str
    name: str
    data: bytes
    associated_data: bytes

    def __repr__(self) -> str:
        return f"<{self.operation} by {self.name}>"  # `data` can be a data key


class Answer(NamedTuple):
    """What Cloud KMS answers.

    Attributes:
        data: The ciphertext or the plaintext.
        checksum: Its CRC32C as the service computed it; None where it did not say.
        version: The name of the key version that encrypted; empty for Decrypt.
        has_verified: Whether the service says that it checked what it was sent.
    """

    data: bytes
    checksum: int | None
    version: str = ""
    has_verified: bool = True

    def __repr__(self) -> str:
        return "<Answer>"


class CorruptedError(Exception):
    """Something was damaged on its way."""


def associated_data(context: Mapping[str, str]) -> bytes:
    """Return the additional authenticated data of a context (format, 6).

    Raises:
        Refusal: It is longer than Cloud KMS takes.
    """
    if not context:
        return b""
    text = json.dumps(dict(context), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        data = text.encode()
    except UnicodeEncodeError:  # it would quote the text
        raise Refusal(REFUSED, "the context is not Unicode text") from None
    if len(data) > MAX_SIZE:
        raise Refusal(REFUSED, "the context is longer than the 64 KiB that Cloud KMS takes")
    return data


def check_size(question: Question) -> None:
    """Check that the data can be what the service takes.

    Raises:
        Refusal: It is empty or too long.
    """
    if not 0 < len(question.data) <= MAX_SIZE:
        raise Refusal(REFUSED, "the wrapped key is empty or longer than 64 KiB: nothing was sent")


def checksum(data: bytes) -> int:
    """Return the CRC32C of the data."""
    value: int = google_crc32c.value(data)
    return value


def checked(question: Question, answer: Answer) -> bytes:
    """Return the data of an answer.

    Raises:
        CorruptedError: A checksum is not right.
        Refusal: The answer is not one to the question.
    """
    if not answer.has_verified or answer.checksum != checksum(answer.data):
        raise CorruptedError
    if question.operation == ENCRYPT:
        # the key's name alone would be that of the request, sent back
        if not is_version_of(question.name, answer.version):
            raise Refusal(UNTRUSTED)
        if not 0 < len(answer.data) <= MAX_SIZE:
            raise Refusal(MALFORMED, "the ciphertext is empty or too long")
    elif len(answer.data) != DATA_KEY_SIZE:
        raise Refusal(MALFORMED, f"it holds {len(answer.data)} bytes, and not a data key")
    return answer.data
