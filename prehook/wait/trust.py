"""Whom to trust for https, and what is wrong with whom we don't."""

from __future__ import annotations

import ssl

from prehook.errors import PrehookError
from prehook.journal import quoted
from prehook.wait.probe import NotThereError, reason_of

# X509_V_ERR_… of OpenSSL's x509_vfy.h
_FAULTS = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
    19: "its authority is not known",
    20: "its authority is not known",
    21: "its authority is not known",
    62: "it is for another host",
    64: "it is for another address",
}
_NO_TLS = ("wrong version number", "http request", "packet length too long")
_AUTHORITY = "`ca` names the file of its authority, or the variable SSL_CERT_FILE does for all"
_HINTS = dict.fromkeys((18, 19, 20, 21), _AUTHORITY) | dict.fromkeys(
    (62, 64), "the host of the URL must stand in the certificate"
)


def trusting(authorities: str | None) -> ssl.SSLContext:
    """Return a context that trusts a file of certificates, or else whom the system trusts.

    Raises:
        PrehookError: The file can't be read.
    """
    try:
        return ssl.create_default_context(cafile=authorities)
    except ssl.SSLError:
        problem = "it has no certificate in PEM form"
    except OSError as error:
        problem = (error.strerror or "it can't be read").lower()
    raise PrehookError(f"`ca` {quoted(authorities or '')}: {problem}")


def refusal(error: OSError) -> NotThereError:
    """Return why there is no secure connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _FAULTS.get(error.verify_code, error.verify_message)
        return NotThereError(f"certificate not trusted: {fault}", _HINTS.get(error.verify_code))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return NotThereError("TLS connection closed without an answer")
    if not isinstance(error, ssl.SSLError):
        return NotThereError(reason_of(error))
    reason = (error.reason or "").lower().replace("_", " ")
    if reason in _NO_TLS:
        return NotThereError("what answers does not speak TLS", "is it http and not https?")
    return NotThereError(f"TLS failed: {reason}" if reason else "TLS failed")
