"""Conflicts: the file was changed on the disk while it was edited."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault import config
from yamlvault.document.text import encode
from yamlvault.editing.draft import Draft
from yamlvault.errors import YamlVaultError
from yamlvault.merging.merge import Merge
from yamlvault.source import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.keyring import Keyring

_NAMES = ("your edit", "on the disk")


class Merged(NamedTuple):
    """What the edit and the version on the disk come to.

    Attributes:
        plaintext: Both in one text, with conflict markers where they exclude each other.
        encrypted: The same encrypted; None where there are such places.
    """

    plaintext: bytes
    encrypted: bytes | None

    def __repr__(self) -> str:
        return "<Merged>"


def merged(
    file: str, before: bytes | None, ours: bytes, theirs: bytes | None, keyring: Keyring
) -> Merged | None:
    """Merge what was edited with what is on the disk.

    Args:
        file: The name of the file.
        before: What it was when the edit began; None where it was not there.
        ours: What it was to become, encrypted.
        theirs: What it is now.
        keyring: What opens them.

    Returns:
        What came out; None where the two can't be merged.
    """
    if before is None or theirs is None:
        return None
    try:
        merge = Merge(before, ours, theirs, keyring, config.scopes_for(file))
        if not merge.is_settled:
            return Merged(encode(merge.marked_plaintext(_NAMES), bom=merge.bom), None)
        text = merge.text()
        plaintext = encode(Draft(parse(text), keyring).text, bom=merge.bom)
        return Merged(plaintext, encode(text, bom=merge.bom))
    except YamlVaultError as error:
        keyring.tell(f"the two versions can't be merged: {error.message}")
        return None
