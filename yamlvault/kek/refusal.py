"""Why a key service did not do what it was asked, told the same way for every cloud."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.errors import YamlVaultError


class Kind(NamedTuple):
    """A kind of refusal.

    Attributes:
        text: What a message says of it, behind the name of the operation.
        error: What is raised: `NoKeyError` where the caller lacks a right, so that another stanza
            or another person may do, `KEKUnreachableError` where it may work later.
        is_transient: Whether it is worth another attempt at once.
    """

    text: str
    error: type[YamlVaultError] = KEKError
    is_transient: bool = False


NO_CREDENTIALS = Kind("no credentials are at hand", NoKeyError)
EXPIRED = Kind("the credentials are expired", NoKeyError)
BAD_CREDENTIALS = Kind("the credentials are not accepted", NoKeyError)
DENIED = Kind("denied", NoKeyError)
DISABLED = Kind("the key is disabled")
PENDING_DELETION = Kind("the key is going to be deleted, or its material is gone")
NOT_FOUND = Kind("there is no such key")
WRONG_KEY = Kind("the key can't be used for this")
WRONG_REGION = Kind("the key is in another region")
NOT_ITS_STANZA = Kind("this key did not wrap the stanza, or its context is another one")
THROTTLED = Kind("too many requests", KEKUnreachableError, is_transient=True)
UNAVAILABLE = Kind("the service failed", KEKUnreachableError, is_transient=True)
TIMEOUT = Kind("no answer within the deadline", KEKUnreachableError)
UNREACHABLE = Kind("the service can't be reached", KEKUnreachableError, is_transient=True)
TLS = Kind("the service's certificate is not trusted, or TLS failed", KEKUnreachableError)
MALFORMED = Kind("the answer is malformed")
UNTRUSTED = Kind("the answer is not of the key that was asked")
REFUSED = Kind("refused")


class Refusal(Exception):  # noqa: N818  it becomes an error where the KEK's name is known
    """An operation of a key service that failed.

    Attributes:
        kind: Why.
        detail: What the service says of it, in one line and without anything of the request;
            empty without.
        hint: What to do about it; empty without.
    """

    def __init__(self, kind: Kind, detail: str = "", hint: str = "") -> None:
        super().__init__(kind.text)
        self.kind = kind
        self.detail = detail
        self.hint = hint

    def error(self, operation: str, permission: str) -> YamlVaultError:
        """Return what is raised for it.

        Args:
            operation: The name of the operation, such as `kms:Decrypt`.
            permission: The permission it needs, as the cloud's policies name it.
        """
        detail = f" ({self.detail})" if self.detail else ""
        needs = "" if permission == operation else f", which needs {permission}"
        error = self.kind.error(
            f"{operation}{needs}: {self.kind.text}{detail}", hint=self.hint or None
        )
        if isinstance(error, KEKError):
            error.is_answer = True
        return error


def one_line(text: str, limit: int = 300) -> str:
    """Return what a service says as one line of bounded length."""
    line = "".join(one for one in " ".join(text.split()) if one.isprintable())
    return line if len(line) <= limit else f"{line[:limit]}…"
