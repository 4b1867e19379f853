"""The light client: Cloud KMS's REST interface, by the standard library.

Google's own client costs a container's start three times as much (docs/architecture.md).
https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/decrypt
"""

from __future__ import annotations

import binascii
import json
import time
from base64 import b64decode, b64encode

from yamlvault.kek.connections import Connections, content_of
from yamlvault.kek.gcp.exchange import ENCRYPT, Answer, checksum
from yamlvault.kek.gcp.refusals import HTTP, of_exception, of_http, of_status
from yamlvault.kek.refusal import MALFORMED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.connections import Response
    from yamlvault.kek.gcp.exchange import Question
    from yamlvault.kek.gcp.token import Source, Token

# The fields that hold data: of the request, of the answer
_FIELDS = {ENCRYPT: ("plaintext", "ciphertext"), "Decrypt": ("ciphertext", "plaintext")}


class Light:
    """Cloud KMS over HTTP/1.1.

    Args:
        endpoint: Scheme and host of the service.
        source: What gives access tokens.
        quota_project: The project that pays; empty for the key's own.
    """

    def __init__(self, endpoint: str, source: Source, quota_project: str = "") -> None:
        self._endpoint = endpoint
        self._source = source
        self._quota_project = quota_project
        self._connections = Connections()
        self._token: Token | None = None

    def call(self, question: Question, deadline: Deadline) -> Answer:
        """Return the answer to a question.

        Raises:
            Refusal: There is none.
        """
        try:
            kept = self._token
            if kept is not None and time.monotonic() < kept.until:
                response = self._sent(question, kept, deadline)
                if response.status != 401:
                    return _answer(question, response, kept.value)
            # there is none, or it was withdrawn before its time
            token = self._token = self._source.token(self._connections, deadline)
            return _answer(question, self._sent(question, token, deadline), token.value)
        except Exception as error:
            refusal = of_exception(error)
            if refusal is None:
                raise
            raise refusal from None

    def _sent(self, question: Question, token: Token, deadline: Deadline) -> Response:
        url = f"{self._endpoint}/v1/{question.name}:{question.operation.lower()}"
        headers = {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json"}
        if self._quota_project:
            headers["X-Goog-User-Project"] = self._quota_project
        return self._connections.request("POST", url, _body(question), headers, deadline)


def _body(question: Question) -> bytes:
    field = _FIELDS[question.operation][0]
    parts = {field: question.data}
    if question.associated_data:
        parts["additionalAuthenticatedData"] = question.associated_data
    content: dict[str, str] = {}
    for name, data in parts.items():
        content[name] = b64encode(data).decode()
        content[f"{name}Crc32c"] = str(checksum(data))  # an int64 is a string in JSON
    return json.dumps(content).encode()


def _answer(question: Question, response: Response, token: str) -> Answer:
    content = content_of(response.data)
    if response.status != 200:
        raise refusal_of(response.status, content, (token, b64encode(question.data).decode()))
    field = _FIELDS[question.operation][1]
    data = content.get(field)
    if not isinstance(data, str):
        raise Refusal(MALFORMED, f"it has no {field}")
    try:
        decoded = b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(MALFORMED, f"its {field} is not base64") from None
    if question.operation != ENCRYPT:
        return Answer(decoded, _number(content.get(f"{field}Crc32c")))
    verified = content.get("verifiedPlaintextCrc32c") is True and (
        not question.associated_data
        or content.get("verifiedAdditionalAuthenticatedDataCrc32c") is True
    )
    version = content.get("name")
    return Answer(
        decoded,
        _number(content.get(f"{field}Crc32c")),
        version if isinstance(version, str) else "",
        verified,
    )


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) else None


def refusal_of(code: int, content: Mapping[str, Any], secrets: tuple[str, ...]) -> Refusal:
    """Return the refusal of an answer with a google.rpc.Status (AIP-193), or with none."""
    error = content.get("error")
    if not isinstance(error, dict):
        return of_http(code)
    status, message, details = (error.get(name) for name in ("status", "message", "details"))
    reason = next(
        (
            detail["reason"]
            for detail in (details if isinstance(details, list) else ())
            if isinstance(detail, dict) and isinstance(detail.get("reason"), str)
        ),
        "",
    )
    if not isinstance(status, str):
        status = HTTP.get(code, "UNKNOWN")
    return of_status(status, without(message if isinstance(message, str) else "", secrets), reason)


def without(text: str, secrets: tuple[str, ...]) -> str:
    """Return what a service says without what it was sent: what answers can be anything."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text
