"""Targets as they are written: a URL, and for web services what else makes them there."""

from __future__ import annotations

import re

from prehook.errors import PrehookError
from prehook.journal import quoted
from prehook.wait.address import FILE, HTTPS, TCP, UNIX, WEB, check_scheme, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prehook.text import Text
    from prehook.wait.address import Address
    from prehook.wait.probe import Probe

MOST = 64  # targets of one wait: a thread each
_GOOD = (range(200, 300),)
_LOWEST, _HIGHEST = 200, 599  # those below 200 only announce an answer
_STATUS = re.compile(r"([0-9]{3})(?:-([0-9]{3}))?", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_LITERAL_SCHEME = re.compile(r"[^:{]*:")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LOCAL_SCHEME = re.compile(f"(?:{UNIX}|{FILE}):", re.IGNORECASE)


class Target:
    """What to wait for.

    Attributes:
        url: Where it is.
        statuses: For web services: which statuses count as there.
        headers: For web services: what to send; names are unique, whatever their case.
        authorities: For https: a file with the certificates of whom to trust.
    """

    __slots__ = ("authorities", "headers", "statuses", "url")

    def __init__(
        self,
        url: Text,
        statuses: Sequence[range] = (),
        headers: Mapping[str, Text] | None = None,
        authorities: Text | None = None,
    ) -> None:
        self.url = url
        self.statuses = tuple(statuses)
        self.headers = dict(headers or {})
        self.authorities = authorities

    def check(self) -> None:
        """See to what can be known before it is time.

        Raises:
            PrehookError: It is wrong.
        """
        _check_names(self.headers)
        for name, value in self.headers.items():
            if value.is_constant:
                _check_value(name, value.source)
        if self.url.is_constant:
            self._check_settings(parse(self.url.source))
        elif _LITERAL_SCHEME.match(self.url.source):
            self._check_scheme(check_scheme(self.url.source))

    def probe(self, env: Mapping[str, str]) -> Probe:
        """Return what looks at it.

        Raises:
            PrehookError: With its variables put in it is wrong; the message names its place.
        """
        url = self.url.expand(env)
        headers = {name: value.expand(env) for name, value in self.headers.items()}
        authorities = self.authorities.expand(env) if self.authorities else None
        try:
            address = parse(url)
            self._check_settings(address)
            _check_names(headers)
            for name, value in headers.items():
                _check_value(name, value)
            return _made(address, self.statuses or _GOOD, headers, authorities)
        except PrehookError as error:
            place = self.url.place
            raise PrehookError(f"{place}: {error.message}", hint=error.hint) from None

    def facts(self) -> list[tuple[str, str]]:
        """Return what there is to say about it, as it is written."""
        found = [("target", masked(self.url.source))]
        if self.statuses:
            found.append(("status", ", ".join(map(_span, self.statuses))))
        if self.headers:
            found.append(("headers", ", ".join(self.headers)))
        if self.authorities:
            found.append(("ca", self.authorities.source))
        return found

    def texts(self) -> list[Text]:
        """Return its texts."""
        ca = [self.authorities] if self.authorities else []
        return [self.url, *self.headers.values(), *ca]

    def _check_settings(self, address: Address) -> None:
        self._check_scheme(address.scheme)
        if address.userinfo and any(name.lower() == "authorization" for name in self.headers):
            raise PrehookError(
                "a user in the URL, and a header Authorization", hint="one of them is enough"
            )

    def _check_scheme(self, scheme: str) -> None:
        if scheme not in WEB and (self.statuses or self.headers):
            raise PrehookError(f"`status` and `headers` are for http and https, not for {scheme}")
        if scheme != HTTPS and self.authorities:
            raise PrehookError(f"`ca` is for https, not for {scheme}")


def statuses(texts: Sequence[str]) -> list[range]:
    """Return the statuses of `204` and `300-399`.

    Raises:
        PrehookError: One is none.
    """
    found = []
    for text in texts:
        match = _STATUS.fullmatch(text)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not _LOWEST <= first <= last <= _HIGHEST:
            raise PrehookError(
                f"{quoted(text)} is not a status",
                hint=f"a number from {_LOWEST} to {_HIGHEST}, or a range of them such as 200-299",
            )
        found.append(range(first, last + 1))
    return found


def masked(source: str) -> str:
    """Return a URL as it is written, without user, password and query, on one line."""
    shown = source
    if not _LOCAL_SCHEME.match(source):
        # The same length with templates blanked out: what stands in them divides nothing
        plain = _TAG.sub(lambda tag: "x" * len(tag[0]), source)
        end = min((plain.find(mark) for mark in "?#" if mark in plain), default=len(plain))
        at, slashes = plain.rfind("@", 0, end), plain.find("//")
        begin = slashes + 2 if 0 <= slashes < at else 0
        shown = f"{source[:begin]}…{source[at:end]}" if at >= 0 else source[:end]
        shown += "?…" if plain[end : end + 1] == "?" else ""
    # A default in a template can be anything
    shown = _TAG.sub(lambda tag: "{{ … }}" if set("'\"") & set(tag[0]) else tag[0], shown)
    return quoted(shown)[1:-1]


def _made(
    address: Address, good: Sequence[range], headers: Mapping[str, str], authorities: str | None
) -> Probe:
    if address.scheme == FILE:
        from prehook.wait.path import FileProbe

        return FileProbe(address)
    if address.scheme in (TCP, UNIX):
        from prehook.wait.connection import TcpProbe, UnixProbe

        return TcpProbe(address) if address.scheme == TCP else UnixProbe(address)
    from prehook.wait.trust import trusting
    from prehook.wait.web import WebProbe

    context = trusting(authorities) if address.scheme == HTTPS else None
    return WebProbe(address, good, headers, context)


def _check_names(headers: Mapping[str, object]) -> None:
    seen = set()
    for name in headers:
        if not _TOKEN.fullmatch(name):
            raise PrehookError(f"{quoted(name)} is not the name of a header")
        if name.lower() in seen:
            raise PrehookError(f"the header {name} stands there twice")
        seen.add(name.lower())


def _check_value(name: str, value: str) -> None:
    if any(character in value for character in "\r\n\0"):
        raise PrehookError(
            f"the value of the header {name} has a line break or a null byte",
            hint="a file's last line break in a variable is a usual reason",
        )


def _span(one: range) -> str:
    return str(one.start) if len(one) == 1 else f"{one.start}-{one.stop - 1}"
