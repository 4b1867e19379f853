"""Names of Cloud KMS keys: `projects/P/locations/L/keyRings/R/cryptoKeys/K`."""

from __future__ import annotations

import re

from yamlvault.errors import KEKError

SCHEME = "gcp-kms:"
_FORM = f"{SCHEME}projects/P/locations/L/keyRings/R/cryptoKeys/K"
# The name becomes the path of a URL that carries a bearer token: nothing passes that could lead
# elsewhere. An old project's id has its domain in front, `example.com:project`.
_NAME = (
    r"projects/[a-z0-9][a-z0-9.:-]{0,127}/locations/[a-z0-9][a-z0-9-]{0,62}"
    r"/keyRings/[A-Za-z0-9_-]{1,63}/cryptoKeys/[A-Za-z0-9_-]{1,63}"
)
_VERSION = r"/cryptoKeyVersions(/[^/]*)?"


def key_name(uri: str) -> str:
    """Return the name of the key that a KEK URI stands for.

    Raises:
        KEKError: The URI is malformed, or names a version of the key.
    """
    name = uri.removeprefix(SCHEME)
    if re.fullmatch(_NAME, name):
        return name
    if re.fullmatch(_NAME + _VERSION, name):
        raise KEKError(
            f"{_quoted(uri)} names a version of a key",
            hint="leave out /cryptoKeyVersions/…: the key's primary version wraps, any opens",
        )
    raise KEKError(f"{_quoted(uri)} is not a Cloud KMS key", hint=f"a key is {_FORM}")


def is_version_of(name: str, version: str) -> bool:
    """Tell whether a name is that of a version of the key."""
    number = version.removeprefix(f"{name}/cryptoKeyVersions/")
    return number != version and number.isascii() and number.isdecimal()


def _quoted(uri: str) -> str:
    return repr(uri) if len(uri) <= 300 else f"{uri[:300]!r}…"
