"""The light client: KMS's JSON protocol by the standard library.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

from __future__ import annotations

import os
import time
from http.client import HTTPException
from typing import NamedTuple

from yamlvault.kek.aws import json_protocol
from yamlvault.kek.aws.credentials import find
from yamlvault.kek.aws.signature import Signer
from yamlvault.kek.connections import Connections, refusal_of
from yamlvault.kek.refusal import EXPIRED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.endpoint import Endpoint
    from yamlvault.kek.aws.signature import Credentials
    from yamlvault.kek.connections import Response

# A signature is good for five minutes: a clock that is wrong by less is not what is the matter
_SKEW = 240.0  # seconds


class _Sent(NamedTuple):
    """An answer, and what its request was signed with: another thread may have found newer."""

    response: Response
    credentials: Credentials
    skew: float


class Client:
    """KMS at one endpoint, over a kept connection.

    Args:
        region: The region that requests are signed for.
        endpoint: Where the service is.
    """

    is_light = True

    def __init__(self, region: str, endpoint: Endpoint) -> None:
        self._region = region
        self._url = endpoint.url
        self._signer = Signer("kms", region)
        # as boto3 finds them
        authorities = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or ""
        self._connections = Connections(authorities)
        self._credentials: Credentials | None = None
        self._skew = 0.0  # seconds by which the clock of the service is ahead

    def call(
        self, operation: str, parameters: Mapping[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return what an operation of KMS gives; blobs are bytes.

        Raises:
            Refusal: It failed.
        """
        body = json_protocol.encode(parameters)
        try:
            sent = self._sent(operation, body, deadline)
            if self._corrects_clock(sent):
                # only one signed by the service's own clock can tell what is really the matter
                sent = self._sent(operation, body, deadline)
            try:
                return _decoded(sent.response)
            except Refusal as refusal:
                if refusal.kind is not EXPIRED or not self._gives_up(sent.credentials):
                    raise
            sent = self._sent(operation, body, deadline)
        except (OSError, HTTPException) as error:
            raise refusal_of(error) from None
        return _decoded(sent.response)

    def _sent(self, operation: str, body: bytes, deadline: Deadline) -> _Sent:
        credentials, skew = self._credentials, self._skew
        if credentials is None or _is_over(credentials):
            credentials = find(self._region, self._connections, deadline)
            self._credentials = credentials
        headers = {
            "Content-Type": json_protocol.CONTENT_TYPE,
            "X-Amz-Target": json_protocol.TARGET + operation,
        }
        now = time.time() + skew
        signed = self._signer.headers(self._url, headers, body, credentials, now)
        response = self._connections.request("POST", self._url, body, signed, deadline)
        return _Sent(response, credentials, skew)

    def _corrects_clock(self, sent: _Sent) -> bool:
        """Tell whether the service's clock is another one; it is signed by that from then on."""
        date = sent.response.headers.get("date")
        if sent.response.status not in (400, 403) or date is None:
            return False
        from email.utils import parsedate_to_datetime

        try:
            skew = parsedate_to_datetime(date).timestamp() - time.time()
        except (TypeError, ValueError):
            return False
        if abs(skew - sent.skew) < _SKEW:
            return False
        self._skew = skew
        return True

    def _gives_up(self, credentials: Credentials) -> bool:
        """Tell whether there may be newer ones: those of the environment stay what they are."""
        if self._credentials is credentials:
            self._credentials = None
        return credentials.until is not None


def _decoded(response: Response) -> dict[str, Any]:
    return json_protocol.decode(response.status, response.headers, response.data)


def _is_over(credentials: Credentials) -> bool:
    return credentials.until is not None and credentials.until < time.monotonic()
