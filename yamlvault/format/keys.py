"""Data keys and the keys derived from them (format, 3 and 5)."""

from __future__ import annotations

import os
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yamlvault.format.sealed import to_b64

DATA_KEY_SIZE = 32  # bytes


class DataKey(NamedTuple):
    """A data key with its id."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"<DataKey {self.id}>"  # never its bytes

    @classmethod
    def new(cls) -> DataKey:
        """Return a new data key from the operating system's random numbers."""
        return cls(to_b64(os.urandom(6)), os.urandom(DATA_KEY_SIZE))

    def seal_key(self, document: bytes) -> bytes:
        """Return the key that seals scalars."""
        return self._derive(document, b"yamlvault.v1.seal")

    def mac_key(self, document: bytes) -> bytes:
        """Return the key of the MACs."""
        return self._derive(document, b"yamlvault.v1.mac")

    def _derive(self, document: bytes, info: bytes) -> bytes:
        return HKDF(SHA256(), DATA_KEY_SIZE, document, info).derive(self.secret)
