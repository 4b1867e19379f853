"""What was asked for, on stdout."""

import posix

from prehook.errors import PrehookError


def show(text: str) -> None:
    """Write a text, and bytes that are not UTF-8 as they were.

    Raises:
        PrehookError: stdout is closed, or full.
    """
    data = text.encode("utf-8", "surrogateescape")
    try:
        while data:
            data = data[posix.write(1, data) :]
    except OSError as error:
        raise PrehookError(f"can't write to stdout: {error.strerror}") from None
