"""The watcher: it removes the folder where we are killed before we can."""

from __future__ import annotations

import subprocess

# The read ends with a line when all is well, and without one when the last descriptor of the
# pipe's other end is closed: that is when we are gone, however we went. What ends us and our
# session must not end it first.
_SCRIPT = "trap '' HUP INT QUIT TERM; read -r line || exec rm -rf -- \"$1\""


class Watcher:
    """A process that waits for our end, to remove a folder."""

    def __init__(self, folder: str) -> None:
        """Start it; the folder need not be there yet.

        Raises:
            OSError: It can't be started.
        """
        self._process = subprocess.Popen(  # noqa: S603  a script of ours
            ["/bin/sh", "-c", _SCRIPT, "sh", folder],
            stdin=subprocess.PIPE,  # our end of the pipe is inherited by no other child
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            start_new_session=True,
        )

    def dismiss(self, *, is_removed: bool) -> None:
        """End it, with the folder left to it where it is still there."""
        if self._process.stdin is not None:
            try:
                with self._process.stdin as pipe:
                    pipe.write(b"done\n" if is_removed else b"")
            except BrokenPipeError:
                pass  # somebody has ended it
        self._process.wait()
