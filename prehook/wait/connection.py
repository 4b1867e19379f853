"""Connections: to a host by all its addresses, and to a socket in the file system."""

from __future__ import annotations

import errno
import os
import socket
import stat
import time

from prehook.wait.probe import PATIENCE, NotThereError, Probe, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.wait.address import Address

# Said of an address only if there is nothing to be said of another: localhost without IPv6
_NOT_FOR_US = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.ENETUNREACH)
_NO_SUCH_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class TcpProbe(Probe):
    """Connects to a port, and closes the connection."""

    def __init__(self, address: Address) -> None:
        super().__init__(address.shown)
        self._address = address

    def look(self, deadline: float) -> None:
        """Connect."""
        addresses = self.look_up()
        self.connect(addresses, _limit(deadline)).close()

    def look_up(self) -> list[tuple[int, object]]:
        """Return the addresses of the host, each with its family.

        The system gives this no limit: with name servers that don't answer it takes as long as
        /etc/resolv.conf says.
        """
        self.doing = "the look-up of the host's name has no answer yet"
        try:
            found = socket.getaddrinfo(
                self._address.host.encode("ascii"), self._address.port, type=socket.SOCK_STREAM
            )
        except socket.gaierror as error:
            raise _not_found(error) from None
        return [(family, address) for family, _, _, _, address in found]

    def connect(self, addresses: list[tuple[int, object]], limit: float) -> socket.socket:
        """Return a connection to the first of the addresses that takes one.

        Each has its share of the time: one that drops our packets leaves time for the next.
        """
        self.doing = "timed out"
        failures: list[tuple[OSError, str]] = []
        for number, (family, address) in enumerate(addresses):
            share = (limit - time.monotonic()) / (len(addresses) - number)
            try:
                return _connected(family, address, share)
            except OSError as error:
                failures.append((error, str(address[0]) if isinstance(address, tuple) else ""))
        raise NotThereError(_summary(failures))


class UnixProbe(Probe):
    """Connects to a socket in the file system, of whichever type."""

    def __init__(self, address: Address) -> None:
        super().__init__(address.shown)
        self._path = address.path

    def look(self, deadline: float) -> None:
        """Connect."""
        self.doing = "timed out"
        share = _limit(deadline) - time.monotonic()
        try:
            if not stat.S_ISSOCK(os.stat(self._path).st_mode):
                raise NotThereError("not a socket")
            self._connect(share, socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise NotThereError(reason_of(error)) from None

    def _connect(self, seconds: float, kind: int, *others: int) -> None:
        try:
            _connected(socket.AF_UNIX, self._path, seconds, kind).close()
        except OSError as error:
            if error.errno != errno.EPROTOTYPE or not others:
                raise
            self._connect(seconds, *others)


def remaining(limit: float) -> float:
    """Return the seconds up to a point of the monotonic clock.

    Raises:
        TimeoutError: It has passed. A socket's timeout of 0 would mean not to block.
    """
    seconds = limit - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _limit(deadline: float) -> float:
    return min(deadline, time.monotonic() + PATIENCE)


def _connected(
    family: int, address: object, seconds: float, kind: int = socket.SOCK_STREAM
) -> socket.socket:
    if seconds <= 0:
        raise TimeoutError
    connection = socket.socket(family, kind)
    try:
        connection.settimeout(seconds)
        connection.connect(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        if family != socket.AF_UNIX:
            _refuse_own_end(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_own_end(connection: socket.socket) -> None:
    """Refuse a connection to itself.

    Nobody listens: the kernel has chosen this very port for our end, and TCP lets both ends of a
    connection be one (RFC 9293, 3.5, simultaneous open).
    """
    if connection.getsockname() == connection.getpeername():
        raise ConnectionRefusedError(errno.ECONNREFUSED, "")


def _not_found(error: socket.gaierror) -> NotThereError:
    if error.errno in _NO_SUCH_HOST:
        return NotThereError("no such host", "is the name right, and known in this network?")
    if error.errno == socket.EAI_AGAIN:
        return NotThereError("the name server does not answer")
    return NotThereError(f"name look-up failed: {(error.strerror or '').lower()}")


def _summary(failures: list[tuple[OSError, str]]) -> str:
    """Say why no address took a connection: once, if it is the same for all."""
    telling = [one for one in failures if one[0].errno not in _NOT_FOR_US] or failures
    reasons: dict[str, str] = {}
    for error, address in telling:
        reasons.setdefault(reason_of(error), address)
    if len(reasons) == 1:
        return next(iter(reasons))
    return ", ".join(f"{reason} ({address})" for reason, address in reasons.items())
