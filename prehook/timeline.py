"""`prehook timeline FILE`: the trace of a start, drawn in the terminal."""

from __future__ import annotations

import posix

from prehook import stdout
from prehook.errors import PrehookError
from prehook.journal import quoted
from prehook.timeline_drawing import Look, drawing
from prehook.timeline_reading import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment

HELP = """\
usage: prehook timeline FILE

Draw the trace of a start (prehook --trace FILE, or PREHOOK_TRACE=FILE): a row for each
step, on one axis of time. FILE - is stdin. Trace viewers open the same file
(ui.perfetto.dev, chrome://tracing).

Bars: an attempt that ended well, one that didn't, and the pause before the next one.
The width is the terminal's, or COLUMNS. Colours on a terminal, unless NO_COLOR is set;
plain ASCII where the locale isn't UTF-8.
"""
_USAGE = "prehook timeline FILE; see prehook timeline --help"
_LARGEST = 1 << 24  # bytes; a trace of a hundred steps has 50,000
_NARROWEST, _WIDEST, _DEFAULT = 50, 160, 80


def show(arguments: list[str], environment: Environment) -> int:
    """Draw a trace, or print the help; return the exit status.

    Raises:
        PrehookError: There is no such file, or it is no trace of ours.
    """
    if any(argument in ("-h", "--help") for argument in arguments):
        stdout.show(HELP)
        return 0
    if len(arguments) != 1:
        what = "a FILE is missing" if not arguments else "there is more than one FILE"
        raise PrehookError(f"timeline: {what}", hint=_USAGE)
    path = arguments[0]
    if path.startswith("-") and path != "-":
        raise PrehookError(f"timeline: unknown option {quoted(path)}", hint=_USAGE)
    title = "stdin" if path == "-" else quoted(path)
    stdout.show(drawing(read(_content(path, title), title), _look(environment)))
    return 0


def _content(path: str, title: str) -> bytes:
    try:
        descriptor = 0 if path == "-" else posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
        parts, size = [], 0
        while size <= _LARGEST and (part := posix.read(descriptor, 1 << 16)):
            parts.append(part)
            size += len(part)
    except OSError as error:
        hint = "prehook --trace FILE writes one, and so does PREHOOK_TRACE=FILE"
        raise PrehookError(f"timeline: can't read {title}: {error.strerror}", hint=hint) from None
    if size > _LARGEST:
        raise PrehookError(f"timeline: {title} is too large to be a trace of prehook")
    return b"".join(parts)


def _look(environment: Environment) -> Look:
    on_terminal = posix.isatty(1)
    colour = on_terminal and not environment.get(b"NO_COLOR")
    if environment.get(b"TERM") == b"dumb":
        colour = False
    return Look(_width(environment, on_terminal=on_terminal), _is_utf8(environment), colour)


def _width(environment: Environment, *, on_terminal: bool) -> int:
    text = environment.get(b"COLUMNS", b"")
    width = int(text) if text.isdigit() and len(text) < 5 else 0
    if not width and on_terminal:
        width = posix.get_terminal_size(1).columns
    return max(_NARROWEST, min(width or _DEFAULT, _WIDEST))


def _is_utf8(environment: Environment) -> bool:
    """Tell what the locale says. Not what Python says: we run it with `-X utf8`.

    Where nothing is set, as in most containers, nobody has chosen ASCII (PEP 540).
    """
    for name in (b"LC_ALL", b"LC_CTYPE", b"LANG"):  # the order of setlocale(3)
        if value := environment.get(name, b""):
            return value.lower().replace(b"-", b"").partition(b"@")[0].endswith(b".utf8")
    return True
