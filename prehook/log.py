"""Lines on stderr: each is one write, so that a hook's own output never splits it."""

import posix

from prehook.errors import PrehookError

_STDERR = 2


def say(line: str, hint: str | None = None) -> None:
    """Write a line, with its hint on a second one."""
    text = f"prehook: {line}\n" + (f"hint: {hint}\n" if hint else "")
    try:
        posix.write(_STDERR, text.encode("utf-8", "surrogateescape"))
    except OSError:  # stderr is closed, full or gone: no reason to stop a container's start
        return


def report(error: PrehookError) -> None:
    """Write an error."""
    say(error.message, error.hint)


def quoted(text: str) -> str:
    """Return `text` in quotes and on one line, whatever it holds."""
    shown = "".join(c if c.isprintable() or _is_byte(c) else _escaped(c) for c in text)
    return f'"{shown}"'


def _is_byte(character: str) -> bool:
    """Tell whether it stands for a byte that is not UTF-8 (PEP 383); such bytes go out as is."""
    return "\udc80" <= character <= "\udcff"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
