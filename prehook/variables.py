"""The file of PREHOOK_ENV: what a hook hands on.

NAME=value
NAME<<EOF
a value
of several lines
EOF
"""

import posix

from prehook.errors import PrehookError

_LARGEST = 1 << 20  # more than an environment can hold (execve(2))
_BLANK = b" \t\r\v\f\"'"
_HINT = "NAME=value, or NAME<<EOF with the lines of the value and EOF behind it; no quotes"


def parse(file: int, size: int) -> list[tuple[bytes, bytes]]:
    """Return names and values in the order of the lines.

    Args:
        file: The descriptor of the file.
        size: How much of it to read, in bytes: it may still grow.

    Raises:
        PrehookError: It is too large, or a line is malformed, which is named by its number: it may
            hold a secret.
    """
    if size > _LARGEST:
        raise PrehookError(
            f"{size} bytes were written to PREHOOK_ENV, more than {_LARGEST}",
            hint="it is for variables: hand large things on in files",
        )
    found = []
    lines = posix.pread(file, size, 0).split(b"\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.strip():
            continue
        name, separator, rest = _divided(line)
        if not separator or not name or any(byte in _BLANK for byte in name):
            raise _malformed(number, "no NAME=value")
        value = rest
        if separator == b"<<":
            start = number
            try:
                end = lines.index(rest, start) if rest else -1
            except ValueError:
                end = -1
            if end < 0:
                raise _malformed(start, "the line that ends this value is missing")
            value = b"\n".join(lines[start:end])
            number = end + 1
        if name == b"PREHOOK_ENV":
            raise _malformed(number, "PREHOOK_ENV itself, which is prehook's")
        if b"\0" in name + value:
            raise _malformed(number, "a null byte, which no variable can hold")
        found.append((name, value))
    return found


def _divided(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a line at `=` or at `<<`, whichever comes first."""
    equals, document = line.find(b"="), line.find(b"<<")
    if document >= 0 and (equals < 0 or document < equals):
        return line.partition(b"<<")
    return line.partition(b"=")


def _malformed(number: int, problem: str) -> PrehookError:
    return PrehookError(f"line {number} of PREHOOK_ENV: {problem}", hint=_HINT)
