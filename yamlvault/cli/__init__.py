"""The command line: one place that parses argv, one that prints errors, one that exits."""

from __future__ import annotations

import os
import sys

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT, as a shell gives it


def entry() -> NoReturn:
    """Run the command that argv names, and end the process.

    What the interpreter would tear down piece by piece, the kernel frees at once: this saves a
    tenth of `yamlvault get`.
    """
    try:
        status = main()
    except SystemExit as stop:  # of argparse: --help, --version, a wrong command line
        status = stop.code if isinstance(stop.code, int) else 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 error, 2 usage, 130 interrupt."""
    _keep_secrets_in_memory()
    sys.excepthook = _report_defect
    from yamlvault.cli.arguments import parse

    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        return run(arguments.command, arguments)
    except YamlVaultError as error:
        print_error(error)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of a pipe went away: it has all it wanted; nothing is left to flush to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def run(command: str, arguments: object) -> int:
    """Import the module of a command, and run it."""
    from importlib import import_module

    status: int = import_module(f"yamlvault.cli.commands.{command}").run(arguments)
    return status


def print_error(error: YamlVaultError) -> None:
    """Print what failed and where, and the hint on a line of its own."""
    say(f"yamlvault: {error}")
    if error.hint is not None:
        say(f"hint: {error.hint}")


def say(line: str) -> None:
    """Print a line for people: standard output is for data."""
    print(line, file=sys.stderr)  # noqa: T201  the command line is what prints


def _keep_secrets_in_memory() -> None:
    """Let no core file be written: it would hold plaintext and data keys (core(5))."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def _report_defect(
    kind: type[BaseException], _error: BaseException, trace: TracebackType | None
) -> None:
    """Name a defect of ours without its text or locals: they can be secrets."""
    place = "unknown"
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    say(f"yamlvault: internal error: {kind.__name__} at {place}")
    say("hint: this is a defect of yamlvault: please report this line")
