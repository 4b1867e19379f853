"""Opening: the part of a file that a step is for, once, within the step's time."""

from __future__ import annotations

import time

from prehook.errors import OWN_FAILURE, PrehookError
from prehook.step import TIMED_OUT
from yamlvault.errors import KEKUnreachableError, YamlVaultError
from yamlvault.keyring import MAX_TIMEOUT, Keyring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from prehook.task import Context
    from yamlvault.part import Part


def opened(file: str, path: str | None, wanted: Iterable[str], context: Context) -> Part:
    """Open a file, or the value in it that a key path names.

    Args:
        file: The name of the file.
        path: The key path; None for everything.
        wanted: Key paths within that value: each names a scalar whose text is wanted.
        context: What says until when, and where to say things.

    Raises:
        PrehookError: It can't be opened.
    """
    from yamlvault import storage
    from yamlvault.part import open_part

    left = max(0.0, min(context.deadline - time.monotonic(), MAX_TIMEOUT - 1))
    keyring = Keyring(timeout=left, tell=context.journal.detail)
    try:
        return open_part(storage.read(file), keyring, path, wanted)
    except YamlVaultError as error:
        raise refusal(error, file, context) from None


def refusal(error: YamlVaultError, file: str, context: Context) -> PrehookError:
    """Return an error of yamlvault as one of ours."""
    error.source = error.source or file
    is_late = isinstance(error, KEKUnreachableError) and time.monotonic() >= context.deadline
    status = TIMED_OUT if is_late else OWN_FAILURE
    return PrehookError(str(error), hint=error.hint, exit_status=status)
