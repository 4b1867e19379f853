"""Lines on stderr: each is one write, so that a hook's own output never splits it."""

import posix

from prehook.errors import PrehookError

_STDERR = 2


class Journal:
    """Where prehook says what it does.

    Attributes:
        quiet: Whether only failures and warnings are said.
        verbose: Whether what starts is said too, and not only what ends.
        as_json: Whether each line is a JSON object.
        hidden: What is taken out of all that is said: secret values, in each form that they can
            have. All that `kept_back` returns share it.
        buffer: A file in memory that lines are kept in until `flush`; None to write at once.
    """

    __slots__ = ("_flushed", "as_json", "buffer", "hidden", "quiet", "verbose")

    def __init__(
        self, *, quiet: bool = False, verbose: bool = False, as_json: bool = False
    ) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self.as_json = as_json
        self.hidden: list[str] = []
        self.buffer: int | None = None
        self._flushed = 0

    def kept_back(self) -> "Journal":
        """Return one that keeps its lines back until they are flushed.

        It is for a step that runs beside others; processes that are forked share it.
        """
        other = Journal(quiet=self.quiet, verbose=self.verbose, as_json=self.as_json)
        other.hidden = self.hidden
        try:
            other.buffer = posix.memfd_create("prehook-log")
        except OSError:  # no such thing here: better lines in between each other than none
            return self
        return other

    def flush(self) -> None:
        """Write what was kept back."""
        if self.buffer is None:
            return
        parts = []
        while part := posix.pread(self.buffer, 1 << 16, self._flushed):
            self._flushed += len(part)
            parts.append(part)
        if not parts:
            return
        data = b"".join(parts)
        if self.hidden:  # when it was said, they may not have been known
            text = data.decode("utf-8", "surrogateescape")
            data = self.mask(text).encode("utf-8", "surrogateescape")
        _write(_STDERR, data)

    def info(
        self, text: str, *, event: str = "", step: str = "", seconds: float | None = None
    ) -> None:
        """Say what has gone as it should."""
        if not self.quiet:
            self._write("info", text, None, event, step, seconds)

    def detail(self, text: str, *, event: str = "", step: str = "") -> None:
        """Say what only some want to know."""
        if self.verbose:
            self._write("debug", text, None, event, step, None)

    def warn(self, text: str, hint: str | None = None, *, event: str = "", step: str = "") -> None:
        """Say what somebody should look at, though the start goes on."""
        self._write("warning", text, hint, event, step, None)

    def error(
        self,
        text: str,
        hint: str | None = None,
        *,
        event: str = "",
        step: str = "",
        seconds: float | None = None,
    ) -> None:
        """Say why the start ends."""
        self._write("error", text, hint, event, step, seconds)

    def report(self, error: PrehookError, *, step: str = "") -> None:
        """Say what an error says."""
        self.error(error.message, error.hint, event="failed", step=step)

    def mask(self, text: str) -> str:
        """Return a text without what is hidden."""
        if not self.hidden:
            return text
        from prehook.mask import masked

        return masked(text, self.hidden)

    def _write(  # noqa: PLR0917 (one call for each level, all above)
        self,
        level: str,
        text: str,
        hint: str | None,
        event: str,
        step: str,
        seconds: float | None,
    ) -> None:
        text, step, hint = self.mask(text), self.mask(step), self.mask(hint) if hint else hint
        if self.as_json:
            from prehook.journal_json import line

            lines = line(level, text, hint, event, step, seconds)
        else:
            lines = f"prehook: {text}\n" + (f"hint: {hint}\n" if hint else "")
        descriptor = _STDERR if self.buffer is None else self.buffer
        _write(descriptor, lines.encode("utf-8", "surrogateescape"))


def _write(descriptor: int, data: bytes) -> None:
    try:
        posix.write(descriptor, data)
    except OSError:  # stderr is closed, full or gone: no reason to stop a container's start
        return


def quoted(text: str) -> str:
    """Return `text` in quotes and on one line, whatever it holds."""
    shown = "".join(c if c.isprintable() or _is_byte(c) else _escaped(c) for c in text)
    return f'"{shown}"'


def _is_byte(character: str) -> bool:
    """Tell whether it stands for a byte that is not UTF-8 (PEP 383); such bytes go out as is."""
    return "\udc80" <= character <= "\udcff"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
