"""HTTP connections that are kept: one handshake with a service for a whole operation."""

from __future__ import annotations

import os
from http.client import (
    HTTPConnection,
    HTTPException,
    IncompleteRead,
    InvalidURL,
    RemoteDisconnected,
)
from typing import NamedTuple
from urllib.parse import urlsplit

from yamlvault.kek.refusal import MALFORMED, REFUSED, TIMEOUT, TLS, UNREACHABLE, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from http.client import HTTPResponse
    from typing import Any

    from yamlvault.deadline import Deadline

CONNECT_TIMEOUT = 5.0  # seconds for each address of a name
MAX_ANSWER = 1024 * 1024  # bytes; the largest of Cloud KMS has 90 KiB
NETWORK = "check the network, DNS, and the endpoint: docs/kms.md"
_CERTIFICATE = "are the CA certificates installed, and is a proxy in between? docs/kms.md"
CUT = "the connection ended within the answer"
_STALE = (BrokenPipeError, ConnectionResetError, RemoteDisconnected)


class Response(NamedTuple):
    """An HTTP answer, as google.auth.transport.Response has it; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    def __repr__(self) -> str:
        return f"<Response {self.status}>"  # it can hold a token


class _Request(NamedTuple):
    method: str
    target: str
    body: bytes | None
    headers: Mapping[str, str]


class Connections:
    """The kept connections of one process.

    A request takes a connection out and puts it back when it has read the answer: two threads
    never share one, and one that was left behind at a deadline keeps its own.
    """

    def __init__(self, authorities: str = "", max_answer: int = MAX_ANSWER) -> None:
        """Begin with none.

        Args:
            authorities: The file or folder with the certificates to trust; by default the
                system's.
            max_answer: The most bytes of an answer.
        """
        self._authorities = authorities
        self._max_answer = max_answer
        self._idle: dict[tuple[str, str], list[HTTPConnection]] = {}
        self._context: ssl.SSLContext | None = None

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> Response:
        """Return the answer to a request; a redirection is an answer and not followed.

        Raises:
            OSError: There is none.
            http.client.HTTPException: It is not HTTP, or too long.
        """
        try:
            parts = urlsplit(url)
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            request = _Request(method, target, body, headers)
            return self._answered((parts.scheme, parts.netloc), request, deadline)
        except OSError:  # a certificate's error is a ValueError too
            raise
        except ValueError:  # of an environment or a file: no URL, or no header
            raise InvalidURL(url) from None

    def _answered(self, place: tuple[str, str], request: _Request, deadline: Deadline) -> Response:
        kept = self._kept(place)
        if kept is not None:
            try:
                return self._sent(kept, place, request, deadline)
            except _STALE:
                pass  # the server closed it meanwhile, before it had the request
        return self._sent(self._new(*place), place, request, deadline)

    def _kept(self, place: tuple[str, str]) -> HTTPConnection | None:
        try:
            return self._idle[place].pop()
        except (KeyError, IndexError):
            return None

    def _new(self, scheme: str, netloc: str) -> HTTPConnection:
        if scheme != "https":
            return HTTPConnection(netloc)
        from http.client import HTTPSConnection

        if self._context is None:
            self._context = _context(self._authorities)
        return HTTPSConnection(netloc, context=self._context)

    def _sent(
        self,
        connection: HTTPConnection,
        place: tuple[str, str],
        request: _Request,
        deadline: Deadline,
    ) -> Response:
        is_whole = False
        try:
            connection.timeout = deadline.left
            if not connection.timeout:  # a thread that was left behind asks nothing any more
                raise TimeoutError
            if connection.sock is None:
                # a name can have several addresses, the first of which may lead nowhere
                connection.timeout = min(connection.timeout, CONNECT_TIMEOUT)
                connection.connect()
            if connection.sock is not None:
                connection.sock.settimeout(deadline.left)
            connection.request(request.method, request.target, request.body, dict(request.headers))
            answer = connection.getresponse()
            response = Response(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                _read(answer, deadline, self._max_answer),
            )
            is_whole = not answer.will_close
            return response
        finally:
            if is_whole:
                self._idle.setdefault(place, []).append(connection)
            else:
                connection.close()


class TooLongError(HTTPException):
    """An answer is longer than any that is expected."""


def _read(answer: HTTPResponse, deadline: Deadline, max_answer: int) -> bytes:
    """Return the body; a read's own timeout starts anew with each byte that drips in."""
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(65536):
        parts.append(part)
        size += len(part)
        if size > max_answer:
            raise TooLongError
        if not deadline.left:
            raise TimeoutError
    # read1() takes the end of the connection for the end of the body
    if answer.length:
        raise RemoteDisconnected(CUT)
    answer.close()  # at its end read1() does not, and the connection could take no other request
    return b"".join(parts)


def _context(authorities: str) -> ssl.SSLContext:
    """Return a context that trusts the system's certificates, or certifi's where it has none."""
    import ssl

    if authorities:
        is_folder = os.path.isdir(authorities)
        try:
            return ssl.create_default_context(
                cafile=None if is_folder else authorities, capath=authorities if is_folder else None
            )
        except OSError:  # what is no certificate, too
            raise Refusal(TLS, f"{authorities} can't be read", _CERTIFICATE) from None
    paths = ssl.get_default_verify_paths()
    has_some = paths.cafile or (paths.capath and os.listdir(paths.capath))
    if has_some:
        return ssl.create_default_context()
    try:
        import certifi
    except ImportError:
        return ssl.create_default_context()
    return ssl.create_default_context(cafile=certifi.where())


def content_of(data: bytes) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    import json

    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def refusal_of(error: OSError | HTTPException) -> Refusal:
    """Return the refusal for what was raised in place of an answer."""
    if isinstance(error, TimeoutError):
        return Refusal(TIMEOUT, hint=NETWORK)
    if isinstance(error, InvalidURL):
        return Refusal(REFUSED, "the endpoint is no URL", NETWORK)
    if isinstance(error, RemoteDisconnected | IncompleteRead):
        return Refusal(UNREACHABLE, CUT, NETWORK)
    if isinstance(error, TooLongError):
        return Refusal(MALFORMED, "it is too long", NETWORK)
    if isinstance(error, HTTPException):
        return Refusal(MALFORMED, "the answer is not HTTP", NETWORK)
    # ssl is not imported for this: it was, if there can be such an error
    kind = type(error).__name__
    if kind in ("SSLEOFError", "SSLZeroReturnError"):
        return Refusal(UNREACHABLE, CUT, NETWORK)
    if kind.startswith("SSL"):
        return Refusal(TLS, hint=_CERTIFICATE)
    return Refusal(UNREACHABLE, error.strerror or kind, NETWORK)
