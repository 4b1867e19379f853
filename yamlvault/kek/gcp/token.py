"""Access tokens, and the endpoint that hands them out (RFC 6749, RFC 7523)."""

from __future__ import annotations

import time
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from yamlvault.kek.connections import content_of
from yamlvault.kek.gcp.endpoint import is_loopback
from yamlvault.kek.gcp.refusals import of_oauth
from yamlvault.kek.refusal import BAD_CREDENTIALS, MALFORMED, Refusal, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from yamlvault.deadline import Deadline
    from yamlvault.kek.connections import Connections

    class Source(Protocol):
        """What gives access tokens."""

        def token(self, connections: Connections, deadline: Deadline) -> Token:
            """Return a fresh token.

            Raises:
                Refusal: There is none to be had.
                OSError: What hands them out can't be reached.
            """


SCOPE = "https://www.googleapis.com/auth/cloudkms"
LIFETIME = 3600  # seconds: what Google gives and takes
_MARGIN = 30  # seconds before its end in which a token is not used any more


class Token(NamedTuple):
    """An access token.

    Attributes:
        value: What goes into the header `Authorization`.
        until: Up to when it is used, on the monotonic clock.
    """

    value: str
    until: float

    def __repr__(self) -> str:
        return "<Token>"


def token(value: object, seconds: object) -> Token:
    """Return a token as a service gave it.

    Raises:
        Refusal: It is none.
    """
    # A line break would begin a header of its own
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise Refusal(MALFORMED, "no access token in the answer")
    lifetime = int(seconds) if isinstance(seconds, int | float) else LIFETIME
    return Token(value, time.monotonic() + lifetime - _MARGIN)


def granted(
    connections: Connections, url: str, fields: Mapping[str, str], deadline: Deadline
) -> Token:
    """Return the token that a token endpoint grants.

    Raises:
        Refusal: It grants none.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise Refusal(BAD_CREDENTIALS, f"token endpoint {one_line(url, 100)} is not https")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(fields).encode()
    answer = connections.request("POST", url, body, headers, deadline)
    content = content_of(answer.data)
    if answer.status == 200:
        return token(content.get("access_token"), content.get("expires_in"))
    error = content.get("error")
    raise of_oauth(answer.status, error if isinstance(error, str) else "")
