"""Requests to a service of AWS, signed with the credentials of this place."""

from __future__ import annotations

import os
import time
from http.client import HTTPException
from typing import NamedTuple

from yamlvault.errors import KEKUnreachableError
from yamlvault.kek.aws.credentials import find
from yamlvault.kek.aws.signature import Signer
from yamlvault.kek.connections import MAX_ANSWER, Connections, refusal_of
from yamlvault.kek.refusal import EXPIRED, TIMEOUT, Kind, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.signature import Credentials, Request
    from yamlvault.kek.connections import Response

    T = TypeVar("T")

NO_ISSUER = Kind(
    "what hands out credentials can't be reached", KEKUnreachableError, is_transient=True
)
# A signature is good for five minutes: a clock that is wrong by less is not what is the matter
_SKEW = 240.0  # seconds


class _Sent(NamedTuple):
    """An answer, and what its request was signed with: another thread may have found newer."""

    response: Response
    credentials: Credentials
    skew: float


class SignedRequests:
    """Requests to one service in one region, over kept connections.

    Args:
        service: The service that they are signed for: `kms`.
        region: The region that they are signed for.
        max_answer: The most bytes of an answer.
    """

    def __init__(self, service: str, region: str, max_answer: int = MAX_ANSWER) -> None:
        self._region = region
        self._signer = Signer(service, region)
        # as boto3 finds them
        authorities = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or ""
        self._connections = Connections(authorities, max_answer)
        self._credentials: Credentials | None = None
        self._skew = 0.0  # seconds by which the clock of the service is ahead

    def answer(self, request: Request, deadline: Deadline, decode: Callable[[Response], T]) -> T:
        """Return what is made of the answer to a request.

        Args:
            request: The request.
            deadline: Up to when.
            decode: Makes it of the answer, or raises a Refusal: for `EXPIRED`, newer credentials
                are looked for.

        Raises:
            Refusal: It failed.
        """
        try:
            sent = self._sent(request, deadline)
            if self._corrects_clock(sent):
                # only one signed by the service's own clock can tell what is really the matter
                sent = self._sent(request, deadline)
            try:
                return decode(sent.response)
            except Refusal as refusal:
                if refusal.kind is not EXPIRED or not self._gives_up(sent.credentials):
                    raise
            sent = self._sent(request, deadline)
        except (OSError, HTTPException) as error:
            raise refusal_of(error) from None
        return decode(sent.response)

    def _sent(self, request: Request, deadline: Deadline) -> _Sent:
        credentials, skew = self._credentials, self._skew
        if credentials is None or _is_over(credentials):
            self._credentials = credentials = self._found(deadline)
        headers = self._signer.headers(request, credentials, time.time() + skew)
        method, url, body = request.method, request.url, request.body or None
        response = self._connections.request(method, url, body, headers, deadline)
        return _Sent(response, credentials, skew)

    def _found(self, deadline: Deadline) -> Credentials:
        try:
            return find(self._region, self._connections, deadline)
        except TimeoutError:
            raise Refusal(TIMEOUT, "of what hands out credentials") from None
        except (OSError, HTTPException) as error:
            refusal = refusal_of(error)
            raise Refusal(NO_ISSUER, refusal.detail or refusal.kind.text) from None

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


def _is_over(credentials: Credentials) -> bool:
    return credentials.until is not None and credentials.until < time.monotonic()
