"""The light client: KMS's JSON protocol by the standard library.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

from __future__ import annotations

import json
import os
import time
from http.client import HTTPException

from yamlvault.kek.aws.credentials import content_of, find
from yamlvault.kek.aws.refusals import of_service
from yamlvault.kek.aws.signature import Signer
from yamlvault.kek.connections import NETWORK, Connections, refusal_of
from yamlvault.kek.refusal import DENIED, EXPIRED, MALFORMED, UNAVAILABLE, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.signature import Credentials
    from yamlvault.kek.connections import Response

# What KMS says where the clock of this machine is wrong by more than it takes
_CLOCK = ("InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed")


class Light:
    """KMS over a kept connection.

    Args:
        url: The endpoint.
        region: The region that requests are signed for.
    """

    def __init__(self, url: str, region: str) -> None:
        self._url = url
        self._region = region
        self._signer = Signer("kms", region)
        self._connections = Connections(_authorities())
        self._credentials: Credentials | None = None
        self._skew = 0.0  # seconds by which the clock of the service is ahead

    def call(
        self, operation: str, parameters: dict[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return the answer of an operation, bytes in base64 as the service has them.

        Raises:
            Refusal: There is none.
        """
        body = json.dumps(parameters).encode()
        try:
            response = self._sent(operation, body, deadline)
            if response.status != 200 and self._is_worth_another(response):
                response = self._sent(operation, body, deadline)
        except (OSError, HTTPException) as error:
            raise refusal_of(error) from None
        content = content_of(response.data)
        if not content:  # of something that is not KMS, whatever its status says
            kind = UNAVAILABLE if response.status >= 500 else MALFORMED
            if response.status == 403:  # of a proxy, or the policy of an endpoint
                kind = DENIED
            raise Refusal(kind, f"HTTP {response.status} without a JSON object", NETWORK)
        if response.status != 200:
            raise of_service(_code(content), _message(content), response.status)
        return dict(content)

    def _sent(self, operation: str, body: bytes, deadline: Deadline) -> Response:
        credentials = self._credentials
        if credentials is None or 0 < credentials.until < time.monotonic():
            credentials = find(self._region, self._connections, deadline)
            self._credentials = credentials
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"TrentService.{operation}",
        }
        signed = self._signer.headers(
            self._url, headers, body, credentials, time.time() + self._skew
        )
        return self._connections.request("POST", self._url, body, signed, deadline)

    def _is_worth_another(self, response: Response) -> bool:
        """Tell whether the clock was at fault and is corrected, or new credentials may do."""
        content = content_of(response.data)
        code = _code(content)
        if code in _CLOCK and (date := response.headers.get("date")):
            from email.utils import parsedate_to_datetime

            try:
                skew = parsedate_to_datetime(date).timestamp() - time.time()
            except (TypeError, ValueError):
                return False
            is_new = abs(skew - self._skew) > 1
            self._skew = skew
            return is_new
        if of_service(code, "", response.status).kind is not EXPIRED:
            return False
        had, self._credentials = self._credentials, None
        return had is not None and had.until > 0  # those of the environment stay what they are


def _authorities() -> str:
    return os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or ""


def _code(content: Any) -> str:
    code = content.get("__type", "")
    return code.rpartition("#")[2] if isinstance(code, str) else ""


def _message(content: Any) -> str:
    message = content.get("message", content.get("Message", ""))
    return message if isinstance(message, str) else ""
