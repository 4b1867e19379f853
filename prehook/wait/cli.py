"""The command prehook-wait."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from prehook import bug
from prehook.duration import seconds
from prehook.errors import PrehookError
from prehook.task import Ended
from prehook.text import Text
from prehook.wait.target import MOST, Target
from prehook.wait.watch import await_all
from yamlvault._version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType, TracebackType

    from prehook.wait.probe import Probe

_NOT_THERE, _USAGE = 1, 2
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    sys.excepthook = _internal_error
    for signo in _SIGNALS:
        if signal.getsignal(signo) != signal.SIG_IGN:
            signal.signal(signo, _end)
    try:
        return _run(arguments)
    except Ended as ended:
        return 128 + ended.signo


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = _parser().parse_args(arguments)
        probes = _probes(options.targets)
    except PrehookError as error:
        _say(error.message, error.hint)
        return _USAGE
    say = _hush if options.quiet else _say
    try:
        await_all(probes, time.monotonic() + options.timeout, say)
    except PrehookError as error:
        _say(error.message, error.hint)
        return _NOT_THERE
    return 0


def _probes(urls: Sequence[str]) -> list[Probe]:
    if len(urls) > MOST:
        raise PrehookError(f"more than {MOST} targets", hint="a second prehook-wait has a second")
    targets = [Target(Text(url, f"target {number}")) for number, url in enumerate(urls, start=1)]
    return [target.probe(os.environ) for target in targets]


def _end(signo: int, _: FrameType | None) -> NoReturn:
    for other in _SIGNALS:  # a second one would find us on our way out
        signal.signal(other, signal.SIG_IGN)
    raise Ended(signo)


def _say(message: str, hint: str | None = None) -> None:
    text = f"prehook-wait: {message}\n" + (f"hint: {hint}\n" if hint else "")
    try:
        os.write(2, text.encode("utf-8", "surrogateescape"))
    except OSError:  # stderr is closed or gone: no reason not to wait
        return


def _hush(_: str) -> None:
    pass


def _internal_error(
    kind: type[BaseException], _: BaseException, trace: TracebackType | None
) -> None:
    _say(bug.described(kind, trace), bug.HINT)


def _timeout(text: str) -> float:
    try:
        return seconds(text, "--timeout")
    except PrehookError as error:
        raise argparse.ArgumentTypeError(f"not a time; {error.hint}") from None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise PrehookError(message, hint="see prehook-wait --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="prehook-wait",
        description="Wait until all targets have been there.",
        epilog="A target is tcp://HOST:PORT, http://… or https://… (a status of 200 to 299), "
        "unix:PATH or file:PATH, and can name variables: 'tcp://{{ env.DB_HOST }}:5432'. "
        "Exit status: 0, 1 if some were not there in time, 2 for wrong usage, 128+n for signal n.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"prehook-wait {__version__}")
    parser.add_argument("targets", metavar="TARGET", nargs="+", help="what to wait for")
    parser.add_argument(
        "--timeout",
        type=_timeout,
        default=60.0,
        metavar="TIME",
        help="how long, for all together: 30, 90s, 2m (default: 60s)",
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="only say what was not there in time"
    )
    return parser
