"""The library's face: encrypt, decrypt and load with one keyring."""

from __future__ import annotations

import os

from yamlvault.errors import FileError, YamlVaultError
from yamlvault.keyring import Keyring
from yamlvault.trace import without_locals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, BinaryIO

    from yamlvault.loading import Loader
    from yamlvault.rule import ScopeRule

    Path = str | os.PathLike[str]


class Vault:
    """Encrypts, decrypts and loads with the secrets of one keyring.

    The functions of the package do the same with a keyring of their own, from the environment.

    Args:
        keyring: What opens stanzas; by default what the environment names.
    """

    def __init__(self, keyring: Keyring | None = None) -> None:
        self.keyring = keyring if keyring is not None else Keyring()

    @without_locals
    def load(
        self,
        source: Path | BinaryIO | None = None,
        *,
        path: str | None = None,
        loader: Loader | None = None,
        missing: str = "error",
    ) -> Any:
        """Return the data of an encrypted file; its plaintext is in memory only.

        Args:
            source: The name of the file, or an open binary file. Without one, what a `secrets`
                step of a prehook plan has opened and handed over, by the descriptor in
                `YAMLVAULT_FD`: any number of times, and after a fork or an exec, too. It is open
                already, so that neither the keyring nor `missing` counts.
            path: A key path such as `$.production`: return the value there, merge keys
                resolved. Only the data keys that it needs are unwrapped. In what is handed over
                it begins at the part that was opened.
            loader: A PyYAML loader class; by default a safe one.
            missing: What becomes of scopes that do not open with this keyring: "error", or
                "omit" to leave out what stands in them. A key service that can't be reached
                is an error in any case.

        Returns:
            What `yaml.safe_load` gives for the plaintext.

        Raises:
            FileError: The file can't be read, or nothing was handed over.
            NotEncryptedError: It is plaintext.
            NoKeyError: No identity at hand opens it.
            KEKError: A KEK can't be used; `KEKUnreachableError` where it may work later.
            IntegrityError: It is not what its writer wrote.
            KeyPathError: The path is malformed, or does not name exactly one value.
            DocumentError: It is not YAML, or its data can't be constructed.
            FormatError: Its metadata can't be read.
        """
        if source is None:
            from yamlvault import handover

            return _named(handover.VARIABLE, lambda: handover.load(path, loader))
        data, name = _read(source)
        return _named(name, lambda: self.loads(data, path=path, loader=loader, missing=missing))

    @without_locals
    def load_all(
        self, source: Path | BinaryIO, *, loader: Loader | None = None, missing: str = "error"
    ) -> list[Any]:
        """Return the data of each document of an encrypted file; as `load`."""
        data, name = _read(source)
        documents: list[Any] = _named(
            name, lambda: self.loads_all(data, loader=loader, missing=missing)
        )
        return documents

    @without_locals
    def loads(
        self,
        data: bytes | str,
        *,
        path: str | None = None,
        loader: Loader | None = None,
        missing: str = "error",
    ) -> Any:
        """Return the data of an encrypted text; as `load`."""
        from yamlvault.loading import load_documents, only

        return only(load_documents(_bytes(data), self.keyring, path, loader, missing), path)

    @without_locals
    def loads_all(
        self, data: bytes | str, *, loader: Loader | None = None, missing: str = "error"
    ) -> list[Any]:
        """Return the data of each document of an encrypted text; as `load`."""
        from yamlvault.loading import load_documents

        return load_documents(_bytes(data), self.keyring, None, loader, missing)

    @without_locals
    def encrypt(
        self,
        data: bytes | str,
        *,
        keks: Sequence[str] = (),
        seal: str | Sequence[str] = "$",
        context: Mapping[str, str] | None = None,
        append: bool = False,
        scopes: Sequence[ScopeRule] | None = None,
    ) -> bytes:
        """Return the encrypted bytes of a plaintext YAML stream.

        Args:
            data: The stream, in UTF-8 where it is bytes.
            keks: KEK URIs; any one of them opens the result.
            seal: Key paths of what is to be sealed; by default everything.
            context: What the KEKs that can do so bind to the data key; no secret.
            append: Whether who can't open it may add sealed scalars.
            scopes: Rules for several scopes, instead of all of the above.

        Returns:
            The stream, with sealed scalars and metadata; all else byte for byte as it was.

        Raises:
            DocumentError: It is not YAML that can be edited.
            AlreadyEncryptedError: It is encrypted.
            KeyPathError: A path is malformed, or names nothing.
            KEKError: A KEK can't be used.
            NoKeyError: The right to use a KEK is lacking.
        """
        from yamlvault.document.text import encode
        from yamlvault.rule import ScopeRule, split_paths
        from yamlvault.sealing import encrypt, refuse_encrypted
        from yamlvault.source import read

        source = read(_bytes(data))
        refuse_encrypted(source)
        if scopes is None:
            rules = [ScopeRule(tuple(keks), ("$",), split_paths(seal), context or {}, append)]
        elif keks:
            raise ValueError("with `scopes`, each ScopeRule has its own `keks`")
        else:  # lists do as well
            rules = [
                rule._replace(
                    keks=tuple(rule.keks),
                    paths=split_paths(rule.paths),
                    seal=split_paths(rule.seal),
                )
                for rule in scopes
            ]
        sealing = encrypt(source, rules, self.keyring)
        return encode(sealing.text, bom=source.bom)

    @without_locals
    def decrypt(self, data: bytes | str) -> bytes:
        """Return the plaintext bytes of an encrypted stream: those it was made of.

        Raises:
            NotEncryptedError: It is plaintext.
            NoKeyError: No identity at hand opens it.
            IntegrityError: It is not what its writer wrote.
            DocumentError: It is not YAML.
            FormatError: Its metadata can't be read.
        """
        from yamlvault.document.text import encode
        from yamlvault.opening import open_scopes, plaintext
        from yamlvault.source import read

        source = read(_bytes(data))
        return encode(plaintext(source, open_scopes(source, self.keyring)), bom=source.bom)


def _bytes(data: bytes | str) -> bytes:
    # half of a surrogate pair is refused with its place, where the bytes are decoded
    return data.encode(errors="surrogatepass") if isinstance(data, str) else data


def _read(source: Path | BinaryIO) -> tuple[bytes, str | None]:
    if not isinstance(source, (str, os.PathLike)):
        opened = getattr(source, "name", None)
        return source.read(), opened if isinstance(opened, str) else None  # or a descriptor
    name = os.fspath(source)
    try:
        with open(name, "rb") as file:
            return file.read(), name
    except FileNotFoundError:
        from yamlvault.folder import absent

        raise absent(name) from None
    except OSError as error:
        raise FileError(f"can't be read: {error.strerror}", source=name) from None
    except ValueError:
        raise FileError(
            "can't be read: its name has a null byte or half of a surrogate pair in it", source=name
        ) from None


def _named(name: str | None, call: Any) -> Any:
    """Call, and name the file in an error."""
    try:
        return call()
    except YamlVaultError as error:
        error.source = error.source or name
        raise
