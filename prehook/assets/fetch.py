"""Fetching a manifest: attempts, and a wait for one that is not there yet."""

from __future__ import annotations

import time

from prehook.assets.refusals import MISSING, MISSING_OR_DENIED
from yamlvault.deadline import Deadline
from yamlvault.kek.attempts import attempt, jittered
from yamlvault.kek.refusal import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prehook.assets.location import Location
    from prehook.assets.s3 import Client, Object

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds
_PATIENCE = (1.0, 10.0)  # the least and the most seconds of one attempt
# To who may not list the bucket, S3 tells of a key that is not there yet nothing else
_NOT_YET = (MISSING, MISSING_OR_DENIED)


def fetched(
    client: Client,
    location: Location,
    wait: float,
    deadline: Deadline,
    tell: Callable[[str], None],
) -> Object:
    """Return the object.

    Args:
        client: What gets it.
        location: Where it is.
        wait: The seconds that it may take to be there: a deployment can be faster than what
            uploads its manifest.
        deadline: For all of it.
        tell: Gets a line for each attempt that failed.

    Raises:
        Refusal: It can't be had.
    """
    least, most = _PATIENCE
    patience = max(least, min(most, deadline.left / 4))
    until = Deadline(min(wait, 0.9 * deadline.left))  # some is left to ask once more
    pause = _FIRST_PAUSE
    while True:
        try:
            return attempt(
                lambda end: client.get(location, end), deadline, tell, str(location), patience
            )
        except Refusal as refusal:
            if refusal.kind not in _NOT_YET or not until.left:
                raise
            if pause == _FIRST_PAUSE:
                tell(f"{location}: {refusal.kind.text}; waiting for it, up to {wait:g} s")
        time.sleep(min(jittered(pause), until.left))
        pause = min(2 * pause, _LONGEST_PAUSE)
