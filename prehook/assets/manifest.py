"""A manifest: what was fetched, checked before a framework reads it."""

from __future__ import annotations

import os
import re

from prehook.errors import PrehookError
from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.assets.s3 import Object

CHECKSUM = "sha256"  # the name of its metadata
_UPLOADED = "is it the manifest that was uploaded there? upload it again"
# Sprockets takes the first file of such a name (lib/sprockets/manifest_utils.rb)
SPROCKETS = re.compile(r"\.sprockets-manifest-[0-9a-f]{32}\.json")
_NEARLY_SPROCKETS = ".sprockets-manifest-"


def check(found: Object) -> None:
    """Check what was fetched: as it was uploaded, and a JSON object with something in it.

    Raises:
        PrehookError: It is not.
    """
    if found.encoding not in ("", "identity"):
        raise PrehookError(
            f"it is stored with the Content-Encoding {quoted(found.encoding[:40])}",
            hint="upload the manifest as it is: what fetches it is no browser",
        )
    told = found.metadata.get(CHECKSUM)
    if told is not None:
        from hashlib import sha256

        if told.strip().lower() != sha256(found.data).hexdigest():
            raise PrehookError("its SHA-256 is not the one in its metadata", hint=_UPLOADED)
    import json

    try:
        content = json.loads(found.data)
    except json.JSONDecodeError as error:
        raise PrehookError(f"it is not JSON (line {error.lineno})", hint=_UPLOADED) from None
    except (ValueError, RecursionError):
        raise PrehookError("it is not JSON", hint=_UPLOADED) from None
    if not isinstance(content, dict):
        raise PrehookError("it is JSON, and not an object", hint=_UPLOADED)
    if not content:
        raise PrehookError("it is an empty JSON object: it names no assets", hint=_UPLOADED)


def check_name(path: str) -> None:
    """Check the name that a manifest gets.

    Raises:
        PrehookError: It is a directory's, or Sprockets would never look at it.
    """
    name = os.path.basename(path)
    if not name or name in (".", ".."):
        raise PrehookError(f"{quoted(path)} names a directory", hint="`to` is the file itself")
    if name.startswith(_NEARLY_SPROCKETS) and not SPROCKETS.fullmatch(name):
        raise PrehookError(
            f"Sprockets does not look at {quoted(name)}",
            hint=f"behind {_NEARLY_SPROCKETS} it wants 32 hexadecimal digits, then .json",
        )
