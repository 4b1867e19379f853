"""The command line: one place that parses argv, one that prints errors, one that exits."""

from __future__ import annotations

import gc
import io
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
    tenth of `yamlvault get`. For the same reason no garbage is collected on the way.
    """
    gc.disable()
    open_standard_streams()
    try:
        status = main()
    except SystemExit as stop:  # of argparse: --help, --version, a wrong command line
        status = stop.code if isinstance(stop.code, int) else 0
    try:
        sys.stdout.flush()
    except OSError as error:
        say_error(f"standard output: can't be written: {error.strerror}")
        status = 1
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 error, 2 usage, 130 interrupt."""
    core_limit = _keep_secrets_in_memory()
    sys.excepthook = _report_defect
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] == "__complete":  # of the scripts of `yamlvault completion`
        from yamlvault.cli.completion import reply

        return reply(words[1:])
    from yamlvault.cli.parser import module, parse

    try:
        arguments = parse(words)
        arguments.core_limit = core_limit
        status: int = module(arguments.command).run(arguments)
        return status  # noqa: TRY300  an error of the command is one here
    except YamlVaultError as error:
        print_error(error)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of a pipe went away: it has all it wanted; nothing is left to flush to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def print_error(error: YamlVaultError) -> None:
    """Print what failed and where, and the hint on a line of its own."""
    say_error(str(error))
    if error.hint is not None:
        say_hint(error.hint)


def say_error(text: str, program: str = "yamlvault") -> None:
    """Print a line about what went wrong, with the name of the program in front."""
    from yamlvault.cli import colour

    say(f" {text}", colour.painted(f"{program}:", colour.ERROR))


def say_hint(text: str) -> None:
    """Print a line about what to do."""
    from yamlvault.cli import colour

    say(f" {text}", colour.painted("hint:", colour.HINT))


def say(line: str, label: str = "") -> None:
    """Print a line for people: standard output is for data.

    It stays one line, and the terminal obeys nothing in it, whatever a file is called.

    Args:
        line: The line.
        label: What stands in front of it, and may have control characters in it.
    """
    try:
        print(label + printable(line), file=sys.stderr)  # noqa: T201  the command line is what prints
    except OSError:
        return  # nobody listens; the exit status says it


def printable(line: str) -> str:
    """Return a line with escapes in place of what a terminal would obey or not show."""
    if line.isprintable():
        return line
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def open_standard_streams() -> None:
    """Open those of the three that are closed, so that they fail as closed ones do (EBADF).

    Otherwise Python has None for them, and the next file opened, which may be the one that is
    encrypted, has their number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # the wrong way round; but messages that nobody hears are no error
            flags = os.O_RDONLY if name == "stdout" else os.O_WRONLY
            descriptor = os.open(os.devnull, flags)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        # help has characters that not every encoding knows; data is written as bytes
        sys.stdout.reconfigure(errors="backslashreplace")


def _keep_secrets_in_memory() -> int:
    """Let no core file be written: it would hold plaintext and data keys (core(5)).

    Returns:
        The limit as it was found, for a program that takes the place of this one.
    """
    import resource

    found, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    return found


def _report_defect(
    kind: type[BaseException], _error: BaseException, trace: TracebackType | None
) -> None:
    """Name a defect of ours without its text or locals: they can be secrets."""
    place = "unknown"
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    say_error(f"internal error: {kind.__name__} at {place}")
    say_hint("this is a defect of yamlvault: please report this line")
