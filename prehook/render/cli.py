"""The command prehook-render."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from prehook import bug
from prehook.render import context
from prehook.render.errors import RenderError, RenderUsageError
from prehook.render.output import Output, write_all, write_stdout
from prehook.render.pair import STDOUT, parse, refuse_same_target, split
from yamlvault._version import __version__
from yamlvault.staged import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType, TracebackType

_REMEDIES = {"secrets": "give their file: --secrets FILE[:KEYPATH]"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    # As an exception, so that nothing half-written stays behind, with secrets in it
    signal.signal(signal.SIGTERM, _end)
    sys.excepthook = _internal_error
    try:
        _run(_parser().parse_args(arguments))
    except RenderError as error:
        _complain(str(error), error.hint)
        return error.exit_status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _end(signo: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + signo)


def _run(options: argparse.Namespace) -> None:
    pairs = [parse(argument) for argument in options.templates]
    refuse_same_target(pairs)
    mode = options.mode
    if mode is None and options.secrets is not None:
        mode = PRIVATE
    argument = _secrets(options.secrets)
    data = {} if argument is None else {"secrets": context.opened(argument)}
    values = context.build(os.environ, data)
    from prehook.render.template import render

    rendered = [(pair.target, render(pair.source, values, _REMEDIES)) for pair in pairs]
    write_all([Output(target, content, mode) for target, content in rendered if target != STDOUT])
    for target, content in rendered:
        if target == STDOUT:
            write_stdout(content)


def _secrets(arguments: list[str] | None) -> str | None:
    if arguments is None:
        return None
    if len(arguments) > 1:
        raise RenderUsageError("--secrets is given twice", hint="name one part that holds both")
    if split(arguments[0])[1] == "":
        raise RenderUsageError(
            f"no key path behind the colon of {arguments[0]}", hint="is a variable in it empty?"
        )
    return arguments[0]


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777:
        raise argparse.ArgumentTypeError(f"{text} is not an octal mode such as 0640")
    return mode


def _complain(message: str, hint: str | None) -> None:
    text = f"prehook-render: {message}\n" + (f"hint: {hint}\n" if hint else "")
    sys.stderr.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stderr.buffer.flush()


def _internal_error(
    kind: type[BaseException], _: BaseException, trace: TracebackType | None
) -> None:
    _complain(bug.described(kind, trace), bug.HINT)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RenderUsageError(message, hint="see prehook-render --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="prehook-render",
        description="Render Jinja templates to config files: all of them, or none.",
        epilog="Templates see env (the environment) and secrets. What is not defined, and a null, "
        "is an error unless the template gives a default.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"prehook-render {__version__}")
    parser.add_argument(
        "templates",
        metavar="SRC[:DST]",
        nargs="+",
        help="a template and its target: by default SRC without .j2; - is stdout",
    )
    parser.add_argument(
        "--secrets",
        action="append",
        metavar="FILE[:KEYPATH]",
        help="a yamlvault file, or the part of it at KEYPATH, to be seen as secrets",
    )
    parser.add_argument(
        "--mode",
        type=_mode,
        help="the octal mode of the files (default: that of the file that is there, else 0644; "
        "0600 with --secrets)",
    )
    return parser
