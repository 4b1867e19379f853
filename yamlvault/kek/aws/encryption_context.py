"""The encryption context: text that KMS binds to a wrapped key, and that policies can ask for."""

from __future__ import annotations

import json

from yamlvault.errors import KEKError
from yamlvault.kek.aws.limits import MAX_CONTEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def checked(context: Mapping[str, str]) -> dict[str, str]:
    """Return the context as KMS takes it.

    It is no secret: CloudTrail logs it in plaintext. It is not shown all the same: who wrote it
    may not have known.

    Raises:
        KEKError: KMS would refuse it.
    """
    if not all(isinstance(part, str) for pair in context.items() for part in pair):
        raise KEKError(
            "the encryption context has something in it that is not text",
            hint="its keys and values are strings: put numbers and dates in quotes",
        )
    if not all(context):
        raise KEKError("the encryption context has an empty key", hint="give each value a key")
    size = len(
        json.dumps(dict(context), ensure_ascii=False, separators=(",", ":")).encode(
            errors="replace"
        )
    )
    if size > MAX_CONTEXT:
        raise KEKError(
            f"the encryption context has {size} bytes, and KMS takes {MAX_CONTEXT}",
            hint="it is for names, such as that of the application and of the environment",
        )
    return dict(context)
