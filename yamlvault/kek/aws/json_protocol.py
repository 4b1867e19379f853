"""The AWS JSON 1.1 protocol, as far as `Encrypt` and `Decrypt` of KMS need it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from yamlvault.kek.aws import refusals
from yamlvault.kek.refusal import MALFORMED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET = "TrentService."  # KMS's name of old, in front of the operation in X-Amz-Target
_BLOBS = ("Plaintext", "CiphertextBlob")


def encode(parameters: Mapping[str, Any]) -> bytes:
    """Return the body of a request; blobs are bytes in the parameters, base64 in the body."""
    texts = {
        name: b64encode(value).decode() if name in _BLOBS else value
        for name, value in parameters.items()
    }
    return json.dumps(texts).encode()


def decode(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return what an answer holds.

    Args:
        status: The status of HTTP.
        headers: The answer's headers, their names in lower case.
        body: Its body.

    Raises:
        Refusal: It is an error, or malformed.
    """
    if status != 200:
        raise refusals.of_code(*_error(headers, body), status)
    fields = _fields(body)
    if fields is None:
        raise Refusal(MALFORMED)
    try:
        blobs = {name: b64decode(fields[name], validate=True) for name in _BLOBS if name in fields}
    except (Base64Error, TypeError, ValueError):
        raise Refusal(MALFORMED) from None
    return fields | blobs


def _error(headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the code and the message of an error, empty where it tells none.

    The code is in the body or in a header, behind a namespace or in front of a URL.
    """
    fields = _fields(body) or {}
    code = fields.get("__type") or headers.get("x-amzn-errortype") or fields.get("code")
    message = fields.get("message") or fields.get("Message") or ""
    name = code.rpartition("#")[2].partition(":")[0] if isinstance(code, str) else ""
    return name, message if isinstance(message, str) else ""


def _fields(body: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):  # not JSON, not UTF-8
        return None
    return fields if isinstance(fields, dict) else None
