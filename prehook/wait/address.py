"""URLs of targets, taken apart.

A message about one never quotes it: it can hold a password anywhere, where it is malformed.
"""

from __future__ import annotations

import re

from prehook.errors import PrehookError
from prehook.journal import quoted

TCP, HTTP, HTTPS, UNIX, FILE = SCHEMES = ("tcp", "http", "https", "unix", "file")
WEB = (HTTP, HTTPS)
_LOCAL = (UNIX, FILE)
_PORTS = {HTTP: 80, HTTPS: 443}
_FORMS = "tcp://HOST:PORT, http://…, https://…, unix:PATH or file:PATH"
_EMPTY = "is a variable in it empty?"
_LONGEST_SOCKET = 107  # bytes (unix(7), sun_path)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}")
_PARTS = re.compile(r"//([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?")
_PLACE = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([^:]*))?")
_LABELS = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


class Address:
    """Where a target is.

    Attributes:
        scheme: One of `SCHEMES`.
        shown: What to call it: without user, password, query and fragment.
        host: The host, as the system looks it up: ASCII, without brackets.
        port: The port.
        authority: What a request for it has as `Host`.
        userinfo: `user:password` as it stands in the URL, or empty.
        path: The path of a socket or file, or what is asked of a web server, with its query.
    """

    __slots__ = ("authority", "host", "path", "port", "scheme", "shown", "userinfo")

    def __init__(self, scheme: str, path: str, shown: str) -> None:
        self.scheme = scheme
        self.path = path
        self.shown = shown
        self.host = self.authority = self.userinfo = ""
        self.port = 0


def parse(url: str) -> Address:
    """Take a URL apart.

    Raises:
        PrehookError: It is none that could be waited for.
    """
    scheme = check_scheme(url)
    rest = url[len(scheme) + 1 :]
    return _local(scheme, rest) if scheme in _LOCAL else _network(scheme, rest)


def check_scheme(url: str) -> str:
    """Return the scheme that a URL begins with.

    Raises:
        PrehookError: It is none of ours.
    """
    scheme, colon, rest = url.partition(":")
    known = scheme.lower() in SCHEMES
    if known and colon and (scheme.lower() in _LOCAL or rest.startswith("//")):
        return scheme.lower()
    if not known and rest.startswith("//") and _SCHEME.fullmatch(scheme):
        from difflib import get_close_matches

        similar = get_close_matches(scheme.lower(), SCHEMES, n=1)
        hint = f"a target is {_FORMS}"
        if similar:
            hint = f"did you mean {similar[0]}?"
        raise PrehookError(f"unknown scheme {quoted(scheme)}", hint=hint)
    raise PrehookError("no scheme with ://", hint=f"a target is {_FORMS}")


def _local(scheme: str, rest: str) -> Address:
    """Return the address of a path: what stands behind the scheme, as it is, nothing decoded."""
    path = rest
    if rest.startswith("//"):
        path = rest[2:]
        if path and not path.startswith("/"):
            raise PrehookError(
                f"{scheme}:// has a host",
                hint=f"{scheme}:///run/… is absolute, {scheme}:run/… relative",
            )
    if not path:
        raise PrehookError(f"{scheme}: has no path", hint=_EMPTY)
    if "\0" in path:
        raise PrehookError("a null byte, which no path can hold")
    if scheme == UNIX and len(path.encode("utf-8", "surrogateescape")) > _LONGEST_SOCKET:
        raise PrehookError(f"the path of a socket has at most {_LONGEST_SOCKET} bytes")
    return Address(scheme, path, f"{scheme}:{quoted(rest)[1:-1]}")


def _network(scheme: str, rest: str) -> Address:
    if any(character.isspace() or not character.isprintable() for character in rest):
        raise PrehookError(
            "a blank or a control character in the URL", hint="%20 stands for a blank in a path"
        )
    parts = _PARTS.fullmatch(rest)
    assert parts  # noqa: S101 (it has // and no line break)
    authority, path, query = parts[1], parts[2], parts[3] or ""
    userinfo, _, place = authority.rpartition("@")
    found = _PLACE.fullmatch(place)
    if not found:
        raise PrehookError(
            "the host is malformed", hint="an IPv6 address stands in brackets: tcp://[::1]:5432"
        )
    address = Address(scheme, "", f"{scheme}://{place}")
    address.host = _host(found[1])
    address.port = _port(scheme, found[2])
    address.userinfo = userinfo
    if scheme == TCP:
        if userinfo or query or path not in ("", "/"):
            raise PrehookError("tcp:// has only a host and a port", hint="tcp://HOST:PORT")
        return address
    # An unescaped / in a password ends the authority: what follows up to the @ would be shown
    address.shown += "/…" if "@" in path else path
    address.path = _escaped((path or "/") + query)
    name = f"[{address.host.partition('%')[0]}]" if ":" in address.host else address.host
    is_default = address.port == _PORTS[scheme]
    address.authority = name if is_default else f"{name}:{address.port}"
    return address


def _host(text: str) -> str:
    if not text:
        raise PrehookError("the host is missing", hint=_EMPTY)
    if text.startswith("["):
        return _ip_version_6(text[1:-1].replace("%25", "%"))
    host = text
    if not text.isascii():
        try:
            host = text.encode("idna").decode("ascii")
        except UnicodeError:
            host = ""
    if len(host) > 254 or not _LABELS.fullmatch(host):
        raise PrehookError("the host is not a valid name")
    return host


def _ip_version_6(text: str) -> str:
    from socket import AF_INET6, inet_pton

    number, percent, zone = text.partition("%")
    try:
        inet_pton(AF_INET6, number)
    except OSError:
        raise PrehookError("what stands in brackets is not an IPv6 address") from None
    if percent and not re.fullmatch(r"[A-Za-z0-9_.-]+", zone):
        raise PrehookError("the zone of the IPv6 address is malformed", hint="[fe80::1%eth0]")
    return text


def _port(scheme: str, text: str | None) -> int:
    if text is None and scheme in _PORTS:
        return _PORTS[scheme]
    if not text:
        hint = "tcp://HOST:PORT" if text is None else _EMPTY
        raise PrehookError("the port is missing", hint=hint)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536):
        raise PrehookError("the port is not a number from 1 to 65535")
    return int(text)


def _escaped(target: str) -> str:
    """Return it as ASCII: what is not stands as the %XX of its bytes (RFC 3987, 3.1)."""
    if target.isascii():
        return target
    data = target.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in data)
