"""The start of a container: the hooks in their order, then CMD in our place."""

import posix
import sys

from prehook.arguments import HELP, parse
from prehook.environment import as_found
from prehook.errors import OWN_FAILURE, PrehookError
from prehook.execute import become, search
from prehook.hook import name_of, reap, run
from prehook.log import quoted, report, say
from prehook.signals import KILL, Signals, signal_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from prehook.arguments import Hook, Start
    from prehook.environment import Environment
    from prehook.terminal import Terminal

_IGNORED = 30  # field of /proc/PID/stat, counted from the state as 0 (proc(5): sigignore)


def main(argv: list[str], mask: set[int]) -> None:
    """Run the chain and exit.

    Args:
        argv: From the launcher: its own path, the directory of the packages, the id of its copy
            (see `environment`), its /proc/self/stat, and then the user's arguments.
        mask: The signal mask as it was found.
    """
    sys.excepthook = _internal_error
    own_path, _, copy, stat, *arguments = argv
    environment = as_found(copy)
    if not copy:  # sh had no descriptors left to make the pipe
        from prehook.descriptors import close_script

        close_script(own_path)
    signals = Signals(mask, _ignored(stat))
    try:
        verbose = environment.get(b"PREHOOK_VERBOSE", b"") not in (b"", b"0")
        start = parse(arguments, own_path, verbose=verbose)
        status = _inform(start.information) if start.information else 0
        if not start.information:
            status = _run(start, environment, signals)
    except PrehookError as error:
        report(error)
        status = error.exit_status
    # No Python finalisation: it has nothing to flush. PID 1 can't die of a signal, so this is
    # 128+n for it as for all others.
    posix._exit(status)


def _run(start: "Start", environment: "Environment", signals: Signals) -> int:
    """Run the hooks and become CMD; return the exit status if it doesn't come to that."""
    terminal = _terminal()
    for hook in start.hooks:
        signals.drain()
        if signals.ended_by:
            return _stopped(f"before {hook.place}", signals.ended_by)
        status = run(hook, environment, signals, terminal)
        if signals.ended_by:
            return _stopped(f"in {hook.place}, {name_of(hook)}", signals.ended_by)
        if status:
            return _failed(hook, status, start)
    if start.verbose:
        say(f"{quoted(start.command[0])} starts")
    paths = search(start.command[0], environment)
    reap()
    signals.drain()
    if signals.ended_by:
        return _stopped("before CMD", signals.ended_by)
    return become(start.command, paths, environment, signals)


def _terminal() -> "Terminal | None":
    try:
        descriptor = posix.open("/dev/tty", posix.O_RDWR | posix.O_NOCTTY | posix.O_CLOEXEC)
    except OSError:  # no controlling terminal
        return None
    from prehook.terminal import in_front

    return in_front(descriptor)


def _failed(hook: "Hook", status: int, start: "Start") -> int:
    consequence = f"{quoted(start.command[0])} is not started"
    if posix.WIFEXITED(status):
        code = posix.WEXITSTATUS(status)
        say(f"{hook.place}: {name_of(hook)}: exited with status {code}; {consequence}")
        return code
    signo = posix.WTERMSIG(status)
    hint = "nobody told prehook to end: was it out of memory?" if signo == KILL else None
    say(f"{hook.place}: {name_of(hook)}: killed by {signal_name(signo)}; {consequence}", hint)
    return 128 + signo


def _stopped(where: str, signo: int) -> int:
    say(f"ended by {signal_name(signo)} {where}")
    return 128 + signo


def _ignored(stat: str) -> int | None:
    """Return the signals that the launcher found ignored; CPython has hidden two of them since."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[_IGNORED]) if len(fields) > _IGNORED else None


def _inform(option: str) -> int:
    text = HELP
    if option == "--version":
        from importlib.metadata import version

        text = f"prehook {version('prehook-toolkit')}\n"
    try:
        posix.write(1, text.encode())
    except OSError as error:
        raise PrehookError(f"can't write to stdout: {error.strerror}") from None
    return 0


def _internal_error(
    kind: type[BaseException], _: BaseException, trace: "TracebackType | None"
) -> None:
    """Report a bug of ours in one line: neither a traceback nor the message, which can quote."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals['__name__']}:{trace.tb_lineno}" if trace else "unknown"
    say(f"internal error: {kind.__name__} in {where}", "please report it with this line")
    posix._exit(OWN_FAILURE)
