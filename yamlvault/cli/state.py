"""State: the folder of what is worth keeping from one run to the next, and is no secret."""

from __future__ import annotations

import os


def state_folder() -> str | None:
    """Return the folder, which nobody has made yet perhaps; None where there is no home."""
    base = os.environ.get("XDG_STATE_HOME") or ""
    if not os.path.isabs(base):
        home = os.environ.get("HOME")
        if not home:
            return None
        base = os.path.join(home, ".local", "state")
    return os.path.join(base, "yamlvault")
