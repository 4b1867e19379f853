"""Web services: a GET, and the status of what comes back."""

from __future__ import annotations

import re
import time

from prehook.wait.connection import TcpProbe, remaining
from prehook.wait.probe import PATIENCE, NotThereError, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Mapping, Sequence

    from prehook.wait.address import Address

_STATUS = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})(?=[ \r\n])")
_LINE = 13  # bytes of a status line up to what follows the status
_LONGEST = 1 << 16  # bytes of an answer that are read
_COURTESY = 1.0  # seconds for the rest of it


class WebProbe(TcpProbe):
    """Asks a web server.

    By hand and not with `http.client`, which sets a limit to each read but none to the whole, so
    that an answer of one byte a second would hold it for ever. Only the status is read: nothing
    of proxies, redirects, cookies or bodies is needed.

    Args:
        address: Where to ask.
        statuses: What counts as there.
        headers: What to send beside our own; they are valid.
        context: Whom to trust; None for http.
    """

    def __init__(
        self,
        address: Address,
        statuses: Sequence[range],
        headers: Mapping[str, str],
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(address)
        self._statuses = statuses
        self._context = context
        self._request = _request(address, headers)

    def look(self, deadline: float) -> None:
        """Ask."""
        addresses = self.look_up()
        limit = min(deadline, time.monotonic() + PATIENCE)
        connection = self.connect(addresses, limit)
        try:
            if self._context:
                connection = self._secured(connection, self._context, limit)
            status = self._asked(connection, limit)
        finally:
            connection.close()
        if not any(status in one for one in self._statuses):
            hint = None
            if status // 100 == 3:
                hint = "redirects are not followed: name where it leads, or list the status"
            raise NotThereError(f"status {status}", hint)

    def _secured(
        self, connection: socket.socket, context: ssl.SSLContext, limit: float
    ) -> socket.socket:
        self.doing = "connected, but timed out in the TLS handshake"
        try:
            connection.settimeout(remaining(limit))
            name = self._address.host.partition("%")[0].removesuffix(".")
            return context.wrap_socket(connection, server_hostname=name)
        except OSError as error:
            raise self._failure(error) from None

    def _asked(self, connection: socket.socket, limit: float) -> int:
        self.doing = "connected, but no answer in time"
        try:
            connection.settimeout(remaining(limit))
            connection.sendall(self._request)
            return _answer(connection, limit)
        except OSError as error:  # with TLS 1.3 a server can refuse only now
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> NotThereError:
        if isinstance(error, TimeoutError):
            return NotThereError(self.doing)
        if self._context:
            from prehook.wait.trust import refusal

            return refusal(error)
        return NotThereError(reason_of(error))


def _request(address: Address, headers: Mapping[str, str]) -> bytes:
    own = {
        "host": "Host",
        "user-agent": "User-Agent",
        "accept": "Accept",
        "connection": "Connection",
    }
    values = {"Host": address.authority, "User-Agent": "prehook", "Accept": "*/*"}
    values["Connection"] = "close"
    if address.userinfo:
        values["Authorization"] = f"Basic {_credentials(address.userinfo)}"
    for name, value in headers.items():
        values[own.get(name.lower(), name)] = value
    lines = [f"GET {address.path} HTTP/1.1", *(f"{n}: {v}" for n, v in values.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _credentials(userinfo: str) -> str:
    """Return user and password for basic authentication (RFC 7617, 2)."""
    from base64 import b64encode
    from urllib.parse import unquote_to_bytes

    user, _, password = userinfo.partition(":")
    parts = (part.encode("utf-8", "surrogateescape") for part in (user, password))
    return b64encode(b":".join(map(unquote_to_bytes, parts))).decode("ascii")


def _answer(connection: socket.socket, limit: float) -> int:
    """Return the status of the answer; those that announce another one are passed over."""
    data = b""
    while len(data) < _LONGEST:
        if len(data) >= _LINE:
            found = _STATUS.match(data)
            if not found:
                break
            if not found[1].startswith(b"1"):
                _finish(connection, limit)
                return int(found[1])
            _, end, rest = data.partition(b"\r\n\r\n")
            if end:
                data = rest
                continue
        connection.settimeout(remaining(limit))
        part = connection.recv(1 << 14)
        if not part:
            if data:
                break
            raise NotThereError("connection closed without an answer")
        data += part
    raise NotThereError("what answers does not speak HTTP")


def _finish(connection: socket.socket, limit: float) -> None:
    """Read the rest: a server whose answer is left unread sees an error, and writes it down."""
    limit = min(limit, time.monotonic() + _COURTESY)
    read = 0
    try:
        while read < _LONGEST:
            connection.settimeout(remaining(limit))
            part = connection.recv(1 << 14)
            if not part:
                return
            read += len(part)
    except OSError:  # its status is known
        return
