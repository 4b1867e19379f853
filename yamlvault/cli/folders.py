"""Folders on a command line: the encrypted files in them."""

from __future__ import annotations

import os

from yamlvault import config, storage
from yamlvault.errors import FileError, YamlVaultError
from yamlvault.folder import ENDINGS, Distinct, walk
from yamlvault.format.metadata import KEY
from yamlvault.source import read as read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def expanded(names: Iterable[str]) -> Iterator[str]:
    """Yield files as they are named, and for folders the encrypted files that a rule is for.

    Raises:
        FileError: A folder can't be read.
        ConfigError: A `.yamlvault.yml` is malformed.
    """
    distinct, lookup = Distinct(), config.Lookup()
    for name in names:
        for file in _encrypted_in(name, lookup) if os.path.isdir(name) else (name,):
            if distinct.is_new(file):
                yield file


def _encrypted_in(folder: str, lookup: config.Lookup) -> Iterator[str]:
    for file in walk(folder, _refuse):
        if file.endswith(ENDINGS) and _has_rule(file, lookup) and _is_encrypted(file):
            yield file


def _is_encrypted(file: str) -> bool:
    if not os.path.isfile(file):  # a link that leads nowhere (Emacs locks files so), or a pipe
        return False
    try:
        data = storage.read(file)
        return KEY.encode() in data and read_source(data).metadata is not None
    except YamlVaultError:
        return True  # it is tried, and fails with its reason


def _has_rule(file: str, lookup: config.Lookup) -> bool:
    found = lookup.nearest(file)
    return found is not None and found.match(file) is not None


def _refuse(error: OSError) -> None:
    raise FileError(f"can't be read: {error.strerror}", source=error.filename) from None
