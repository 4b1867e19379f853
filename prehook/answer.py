"""What a process of prehook's own tells its parent: in a file in memory, that nobody waits on."""

import marshal
import posix

from prehook.errors import PrehookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Answer:
    """A place for one answer: a failure's text, hint and exit status, or a result."""

    def __init__(self) -> None:
        """Make the file.

        Raises:
            PrehookError: The system has none.
        """
        try:
            self._file = posix.memfd_create("prehook-answer")
        except OSError as error:
            raise PrehookError(
                f"no file in memory can be made (memfd_create): {error.strerror}",
                hint="does a seccomp profile forbid it, or is the limit on open files reached?",
            ) from None

    def tell(self, text: str, hint: str | None, status: int, result: "Any" = None) -> None:
        """Write it, in the child.

        Args:
            text: What has failed; empty if nothing has.
            hint: What to do about it.
            status: The exit status that comes of it.
            result: Whatever `marshal` can hold.
        """
        data = marshal.dumps((text, hint, status, result))
        posix.ftruncate(self._file, 0)
        offset = 0
        while offset < len(data):
            offset += posix.pwrite(self._file, data[offset:], offset)

    def told(self) -> "tuple[str, str | None, int, Any]":
        """Read it, in the parent; all empty if the child was killed before it said anything."""
        parts, offset = [], 0
        while part := posix.pread(self._file, 1 << 16, offset):
            parts.append(part)
            offset += len(part)
        try:
            text, hint, status, result = marshal.loads(b"".join(parts))  # noqa: S302 (our own)
        except (EOFError, ValueError, TypeError):
            return "", None, 0, None
        return text, hint, status, result

    def clear(self) -> None:
        """Make it empty, in front of another attempt."""
        posix.ftruncate(self._file, 0)
