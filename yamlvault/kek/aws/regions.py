"""Regions: which one's KMS is asked, and the next one where it can't help."""

from __future__ import annotations

from yamlvault.kek.aws.endpoint import environment_region as of_environment
from yamlvault.kek.aws.endpoint import partition_of
from yamlvault.kek.refusal import (
    DENIED,
    DISABLED,
    NOT_FOUND,
    PENDING_DELETION,
    THROTTLED,
    TIMEOUT,
    TLS,
    UNAVAILABLE,
    UNREACHABLE,
    Refusal,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.key_name import KeyName

    T = TypeVar("T")

__all__ = ["nearest_first", "of_environment"]

# What can be another way in another region. "Denied" too: that is what KMS says of a replica that
# does not exist to who has rights for the existing ones alone.
_LOCAL = (
    DENIED,
    DISABLED,
    NOT_FOUND,
    PENDING_DELETION,
    THROTTLED,
    TIMEOUT,
    TLS,
    UNAVAILABLE,
    UNREACHABLE,
)


def nearest_first(
    name: KeyName,
    ask: Callable[[KeyName, Deadline], T],
    deadline: Deadline,
    tell: Callable[[str], None],
) -> T:
    """Return what a key answers: a multi-region key's replica here first, then the key itself.

    Args:
        name: The ARN of the key.
        ask: Asks a key within a deadline.
        deadline: For all regions.
        tell: Gets a line where the replica did not help.

    Raises:
        Refusal: The key's own region refuses too.
    """
    here = of_environment() if name.is_multi_region else ""
    if not here or here == name.region or partition_of(here) != name.partition:
        return ask(name, deadline)
    try:
        return ask(name.in_region(here), deadline.share(2))
    except Refusal as refusal:
        if refusal.kind not in _LOCAL:
            raise
        tell(f"no replica in {here} opens it ({refusal.kind.text}): {name.region} is asked")
    return ask(name, deadline)
