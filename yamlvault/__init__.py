"""yamlvault: secrets in ordinary YAML files, encrypted scalar by scalar.

    import yamlvault

    secrets = yamlvault.load("config/secrets.yml", path="$.production")
    secrets = yamlvault.load()  # what a plan of prehook has opened before

Identities are found by `Keyring`: in the environment, or at the default place.
"""

from __future__ import annotations

from yamlvault._version import __version__
from yamlvault.access import Access
from yamlvault.errors import (
    AlreadyEncryptedError,
    ConfigError,
    DocumentError,
    FileError,
    FormatError,
    IntegrityError,
    KEKError,
    KEKUnreachableError,
    KeyPathError,
    NoKeyError,
    NotEncryptedError,
    YamlVaultError,
)
from yamlvault.keyring import Keyring
from yamlvault.rule import ScopeRule
from yamlvault.trace import without_locals
from yamlvault.vault import Vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, BinaryIO

    from yamlvault.loading import Loader
    from yamlvault.section import Section
    from yamlvault.vault import Path

__all__ = [
    "Access",
    "AlreadyEncryptedError",
    "ConfigError",
    "DocumentError",
    "FileError",
    "FormatError",
    "IntegrityError",
    "KEKError",
    "KEKUnreachableError",
    "KeyPathError",
    "Keyring",
    "NoKeyError",
    "NotEncryptedError",
    "ScopeRule",
    "Section",
    "Vault",
    "YamlVaultError",
    "__version__",
    "decrypt",
    "encrypt",
    "load",
    "load_all",
    "loads",
    "loads_all",
]


def load(
    source: Path | BinaryIO | None = None,
    *,
    path: str | None = None,
    loader: Loader | None = None,
    missing: str = "error",
    keyring: Keyring | None = None,
) -> Any:
    """Return the data of an encrypted file; see `Vault.load`."""
    return Vault(keyring).load(source, path=path, loader=loader, missing=missing)


def load_all(
    source: Path | BinaryIO,
    *,
    loader: Loader | None = None,
    missing: str = "error",
    keyring: Keyring | None = None,
) -> list[Any]:
    """Return the data of each document of an encrypted file; see `Vault.load`."""
    return Vault(keyring).load_all(source, loader=loader, missing=missing)


@without_locals
def loads(
    data: bytes | str,
    *,
    path: str | None = None,
    loader: Loader | None = None,
    missing: str = "error",
    keyring: Keyring | None = None,
) -> Any:
    """Return the data of an encrypted text; see `Vault.load`."""
    return Vault(keyring).loads(data, path=path, loader=loader, missing=missing)


@without_locals
def loads_all(
    data: bytes | str,
    *,
    loader: Loader | None = None,
    missing: str = "error",
    keyring: Keyring | None = None,
) -> list[Any]:
    """Return the data of each document of an encrypted text; see `Vault.load`."""
    return Vault(keyring).loads_all(data, loader=loader, missing=missing)


@without_locals
def encrypt(
    data: bytes | str,
    *,
    keks: Sequence[str] = (),
    seal: str | Sequence[str] = "$",
    context: Mapping[str, str] | None = None,
    append: bool = False,
    scopes: Sequence[ScopeRule] | None = None,
    keyring: Keyring | None = None,
) -> bytes:
    """Return the encrypted bytes of a plaintext YAML stream; see `Vault.encrypt`."""
    return Vault(keyring).encrypt(
        data, keks=keks, seal=seal, context=context, append=append, scopes=scopes
    )


@without_locals
def decrypt(data: bytes | str, *, keyring: Keyring | None = None) -> bytes:
    """Return the plaintext bytes of an encrypted stream; see `Vault.decrypt`."""
    return Vault(keyring).decrypt(data)


def __getattr__(name: str) -> Any:
    """Import what few ask for when they do (PEP 562): start-up time is a feature."""
    if name == "Section":
        from yamlvault.section import Section

        return Section
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), "Section"]
