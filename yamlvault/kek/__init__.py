"""KEKs: what wraps data keys. One module each, chosen by the scheme of the URI (format, 6)."""

from __future__ import annotations

from importlib import import_module

from yamlvault.errors import KEKError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from yamlvault.deadline import Deadline
    from yamlvault.format.metadata import Stanza
    from yamlvault.keyring import Keyring

    class KEK(Protocol):
        """A key that stays where it is and wraps data keys.

        Attributes:
            uri: The KEK URI in the one form that is written into files.
        """

        uri: str

        def wrap(self, data_key: bytes, context: Mapping[str, str], deadline: Deadline) -> Stanza:
            """Return the stanza of a data key, 32 bytes.

            Its `kek` can be a more exact name than `uri` (the key that an alias names), and its
            `context` is empty where the KEK can't bind one.

            Raises:
                NoKeyError: The right to wrap is lacking.
                KEKError: The KEK can't be used.
            """

        def unwrap(self, stanza: Stanza, deadline: Deadline) -> bytes:
            """Return the data key of a stanza.

            Raises:
                NoKeyError: Nothing at hand opens the stanza: the next one may do.
                KEKUnreachableError: The service is out of reach: it may open later.
                KEKError: The KEK can't be used.
            """


# how the names of keys start that have lost the scheme in front of them
_BARE = {
    "age1": "age",
    "ssh-": "age",
    "arn:": "aws-kms",
    "alias/": "aws-kms",
    "projects/": "gcp-kms",
}

# scheme: the module that has its class `KEK`; imported when a URI of the scheme is met
_MODULES = {
    "age": "yamlvault.kek.age",
    "passphrase": "yamlvault.kek.passphrase",
    "aws-kms": "yamlvault.kek.aws",
    "gcp-kms": "yamlvault.kek.gcp",
}
_REMOTE = ("aws-kms:", "gcp-kms:")


def is_remote(uri: str) -> bool:
    """Tell whether the KEK is asked over a network."""
    return uri.startswith(_REMOTE)


def shown(uri: str) -> str:
    """Return a KEK URI as a message shows it: of a long SSH key only the end."""
    kind, blank, key = uri.partition(" ")
    return f"{kind} …{key[-12:]}" if blank and len(key) > 24 else uri


def kek_of(uri: str, keyring: Keyring) -> KEK:
    """Return the KEK that a URI names.

    Raises:
        KEKError: The URI is malformed or of an unknown scheme.
    """
    scheme = uri.partition(":")[0]
    if scheme not in _MODULES:
        is_secret = uri.strip().upper().startswith("AGE-SECRET-KEY")
        shown = "a secret key" if is_secret else f"{uri[:60]!r}"
        raise KEKError(f"{shown} is not a KEK URI of a known kind", hint=_meant(uri))
    kek: KEK = import_module(_MODULES[scheme]).KEK(uri, keyring)
    return kek


def _meant(uri: str) -> str:
    """Return a hint for a URI of an unknown scheme."""
    known = ", ".join(f"{name}:…" for name in _MODULES)
    near = next((f"{kind}:{start}…" for start, kind in _BARE.items() if uri.startswith(start)), "")
    scheme, colon, _ = uri.partition(":")
    close = suggestion(scheme, _MODULES) if colon and not near else ""
    if near:
        close = f"is `{near}` meant?"
    meant = f"{close} " if close.startswith("is ") else ""
    return f"{meant}known are {known}; a recipient is age:age1…, an SSH key 'age:ssh-ed25519 …'"
