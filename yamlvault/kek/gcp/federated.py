"""Credentials of all other kinds, such as workload identity federation: google-auth knows them."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit
from warnings import catch_warnings, simplefilter

from google.auth import load_credentials_from_file
from google.auth.credentials import with_scopes_if_required
from google.auth.exceptions import GoogleAuthError, OAuthError, TransportError
from google.auth.transport import Request as AbstractRequest

from yamlvault.deadline import Deadline
from yamlvault.kek.gcp.endpoint import is_loopback
from yamlvault.kek.gcp.refusals import LOGIN, of_exception, of_http, of_oauth
from yamlvault.kek.gcp.token import LIFETIME, SCOPE, Token, token
from yamlvault.kek.refusal import BAD_CREDENTIALS, UNAVAILABLE, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.kek.connections import Connections, Response
    from yamlvault.kek.gcp.credentials_file import CredentialsFile

_EXCHANGE = r"Error code ([a-z_]{1,60})(?:: ([^\n]{0,200}))?"


class Federated:
    """Whatever google-auth makes of a credentials file."""

    def __init__(self, file: CredentialsFile) -> None:
        self._credentials = loaded(file)

    def token(self, connections: Connections, deadline: Deadline) -> Token:
        request = Request(connections, deadline)
        try:
            # not before_request(): that can start look-ups in the background
            self._credentials.refresh(request)
        except GoogleAuthError as error:
            # an error of a token exchange does not say by itself that it may pass
            if request.status == 429 or request.status >= 500:
                raise of_http(request.status) from None
            raise refused(error) from None
        return token(self._credentials.token, _seconds(self._credentials))


_METADATA = ("metadata.google.internal", "169.254.169.254", "fd00:ec2::254")


def refuse_plain(url: str) -> None:
    """Refuse a URL by which a token would be shown to the network, whatever a file says.

    Raises:
        google.auth.exceptions.TransportError: It is neither https, nor of this machine or the
            metadata server.
    """
    parts = urlsplit(url)
    is_near = is_loopback(parts.hostname) or parts.hostname in _METADATA
    if parts.scheme != "https" and not is_near:
        raise TransportError(f"{parts.hostname} is not asked over https")  # type: ignore[no-untyped-call]


class Request(AbstractRequest):
    """Connections with the interface that google-auth asks for.

    Attributes:
        status: The HTTP status of the last answer; 0 without one.
    """

    def __init__(self, connections: Connections, deadline: Deadline) -> None:
        self._connections = connections
        self._deadline = deadline
        self.status = 0

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_others: object,
    ) -> Response:
        deadline = self._deadline
        if timeout is not None:
            deadline = Deadline(min(timeout, deadline.left))
        data = body.encode() if isinstance(body, str) else body
        self.status = 0
        refuse_plain(url)
        try:
            response = self._connections.request(method, url, data, headers or {}, deadline)
        except Exception as error:
            if of_exception(error) is None:
                raise
            raise TransportError(error) from error  # type: ignore[no-untyped-call]
        self.status = response.status
        return response


def loaded(file: CredentialsFile) -> Any:
    """Return google-auth's credentials of a file.

    Raises:
        Refusal: It does not know them.
    """
    try:
        # The file is the operator's own, which the warning is not about. Without scopes at first:
        # with them, google-auth would ask another service for the project's name.
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)
            credentials, _ = load_credentials_from_file(file.path)  # type: ignore[no-untyped-call]
        return with_scopes_if_required(credentials, [SCOPE])  # type: ignore[no-untyped-call]
    except GoogleAuthError as error:
        raise refused(error) from None
    except (AttributeError, KeyError, TypeError, ValueError):  # of fields that are no text
        raise Refusal(BAD_CREDENTIALS, f"{file.path} is malformed", LOGIN) from None


def refused(error: GoogleAuthError) -> Refusal:
    """Return the refusal of an error of google-auth: its cause's, where it has one."""
    for inner in (*error.args, error.__cause__):
        if isinstance(inner, BaseException) and (refusal := of_exception(inner)):
            return refusal
    for answer in error.args:
        if isinstance(answer, dict) and isinstance(answer.get("error"), str):
            return of_oauth(400, answer["error"])
    # google-auth's text of an error of a token exchange; any other could be a whole answer
    if isinstance(error, OAuthError) and (found := re.match(_EXCHANGE, str(error.args[0]))):
        return of_oauth(400, found[1])
    if error.retryable:
        return Refusal(UNAVAILABLE, type(error).__name__)
    refusal = of_exception(error)
    assert refusal is not None  # noqa: S101  the table has the base class
    return refusal


def _seconds(credentials: Any) -> float:
    """Return how long a token lives."""
    expiry = credentials.expiry  # in UTC, without saying so
    if expiry is None:
        return LIFETIME
    from datetime import UTC

    return float(expiry.replace(tzinfo=UTC).timestamp() - time.time())
