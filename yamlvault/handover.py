"""Handover: data that was opened before this program started, in a sealed file in memory.

A plan of prehook opens a file once (docs/secrets.md). What it opened goes on to the command by a
descriptor, whose number is in a variable of the environment. The seals (memfd_create(2)) are what
makes it safe to share: nobody who has it can change what all others read.
"""

from __future__ import annotations

import os

from yamlvault import keypath, selection
from yamlvault.document.compose import compose
from yamlvault.document.text import decode
from yamlvault.errors import FileError, IntegrityError
from yamlvault.loading import construct, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.loading import Loader

VARIABLE = "YAMLVAULT_FD"
_MOST = 2**31 - 1  # a descriptor is a C int


def load(path: str | None, loader: Loader | None) -> Any:
    """Return the data that was handed over, or the value in it that a key path names.

    Raises:
        FileError: Nothing was handed over, or the descriptor is not open any more.
        IntegrityError: What it leads to is not sealed.
        YamlVaultError: As `Vault.load`.
    """
    text, _ = decode(read())
    wanted = None if path is None else keypath.parse(path)
    documents = construct(text, wanted, loader) or []
    if wanted is not None and not documents:
        raise selection.names_nothing(compose(text), wanted)
    return only(documents, path)


def read() -> bytes:
    """Return the bytes that were handed over."""
    descriptor = _descriptor()
    _check_seals(descriptor)
    # Never read(2): processes that were forked share the offset, and would each get a piece
    size, parts, offset = os.fstat(descriptor).st_size, [], 0
    while offset < size and (part := os.pread(descriptor, size - offset, offset)):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def _descriptor() -> int:
    text = os.environ.get(VARIABLE, "")
    if not text:
        raise FileError(
            "is not set: no file is named, and nothing was handed over",
            hint="name a file, or start this program by a prehook plan with a `secrets` step",
        )
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else _MOST + 1
    if number > _MOST:
        raise FileError(
            f"is {text[:20]!r}, and not the number of a descriptor",
            hint="a prehook plan with a `secrets` step sets it: nothing else should",
        )
    return number


def _check_seals(descriptor: int) -> None:
    import fcntl

    if not hasattr(fcntl, "F_GET_SEALS"):  # macOS
        raise FileError("nothing can be handed over on this system", hint="name a file")
    try:
        seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
    except OSError as error:
        from errno import EBADF

        if error.errno == EBADF:
            raise FileError(
                f"descriptor {descriptor} is closed in this process",
                hint="something in between closes all that it does not know, as some servers do "
                "in workers: load before that, or let the plan write a file (docs/secrets.md)",
            ) from None
        seals = 0  # EINVAL: no file that can be sealed
    needed = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
    if seals & needed != needed:
        raise IntegrityError(
            f"descriptor {descriptor} is no sealed file in memory",
            hint="something else has taken its number: let the plan write a file (docs/secrets.md)",
        )
