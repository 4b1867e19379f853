"""The start of a container: the steps in their order, then CMD in our place."""

import posix
import sys
import time

from prehook.arguments import TIMELINE, parse
from prehook.environment import forget
from prehook.errors import OWN_FAILURE, PrehookError
from prehook.execute import become, search
from prehook.handover import Handover
from prehook.journal import Journal, quoted
from prehook.lane import Lane
from prehook.reaping import ended
from prehook.scene import Scene
from prehook.signals import Signals, signal_name
from prehook.step import TIMED_OUT
from prehook.supervision import supervise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from prehook.environment import Environment
    from prehook.start import Start
    from prehook.step import Step
    from prehook.terminal import Terminal

_IGNORED = 30  # field of /proc/PID/stat, counted from the state as 0 (proc(5): sigignore)


def main(argv: list[str], mask: set[int], environment: "Environment") -> None:
    """Run the chain and exit.

    Args:
        argv: From the launcher: its own path, the directory of the packages, the id of its copy
            (see `environment`), its /proc/self/stat, and then the user's arguments.
        mask: The signal mask as it was found.
        environment: So it was found, too.
    """
    sys.excepthook = _internal_error
    own_path, _, copy, stat, *arguments = argv
    forget(copy)
    _fill_standard_descriptors()
    if not copy:  # sh had no descriptors left to make the pipe
        from prehook.descriptors import close_script

        close_script(own_path)
    signals = Signals(mask, _ignored(stat))
    journal = Journal(
        quiet=_is_on(environment, b"PREHOOK_QUIET"),
        verbose=_is_on(environment, b"PREHOOK_VERBOSE"),
        as_json=environment.get(b"PREHOOK_LOG", b"").lower() == b"json",
    )
    try:
        if arguments[:1] == [TIMELINE] and "--" not in arguments:
            from prehook.timeline import show

            signals.restore()  # Ctrl-C ends it, and so does the end of a pipe
            status = show(arguments[1:], environment)
        else:
            start = parse(arguments, own_path, journal)
            if start.information:
                from prehook.information import inform

                status = inform(start, environment)
            else:
                status = _run(start, environment, signals)
    except PrehookError as error:
        journal.report(error)
        status = error.exit_status
    # No Python finalisation: it has nothing to flush. PID 1 can't die of a signal, so this is
    # 128+n for it as for all others.
    posix._exit(status)


def _run(start: "Start", environment: "Environment", signals: Signals) -> int:
    """Run the steps and become CMD; return the exit status if it doesn't come to that."""
    handover = Handover(environment)
    handover.owner = start.user
    start.journal.hidden = handover.hidden
    scene = Scene(handover, signals, start.journal, f"{quoted(start.command[0])} is not started")
    if start.limit != scene.limit:
        scene.limit, scene.deadline = start.limit, time.monotonic() + start.limit
    started = time.monotonic()
    if start.trace is None and environment.get(b"PREHOOK_TRACE"):
        start.trace = environment[b"PREHOOK_TRACE"].decode("utf-8", "surrogateescape")
    lanes: list[Lane] = []
    status = OWN_FAILURE
    try:
        try:
            status = _run_steps(start, scene, lanes)
        finally:
            if start.trace:
                from prehook.trace import write

                write(start.trace, started, lanes, scene, status)
        return status or _become(start, scene)
    finally:  # CMD has not started, or (--init) has ended
        handover.discard()


def _run_steps(start: "Start", scene: Scene, lanes: "list[Lane]") -> int:
    signals, environment = scene.signals, scene.handover.environment
    skipped = _to_be_skipped(start.steps, environment)
    terminal = _terminal()
    for group in groups(start.steps):
        signals.drain()
        if signals.ended_by:
            return _stopped(f"before {group[0].title()}", signals.ended_by, scene)
        _check_deadline(scene, group[0].title())
        running = [step for step in group if _applies(step, skipped, scene)]
        if not running:
            continue
        # One that runs alone has the terminal. Of several none can: they read nothing
        alone = terminal if len(running) == 1 else None
        journal = scene.journal
        beside = [
            Lane(step, scene, alone, journal if step is running[0] else journal.kept_back())
            for step in running
        ]
        lanes += beside
        status = supervise(beside, scene, stops=alone is not None)
        if signals.ended_by:
            names = ", ".join(step.title() for step in running)
            return _stopped(f"in {names}", signals.ended_by, scene)
        if status:
            return status
    _check_deadline(scene, quoted(start.command[0]))
    return 0


def _check_deadline(scene: Scene, what: str) -> None:
    if time.monotonic() >= scene.deadline:
        raise PrehookError(
            f"the deadline of the whole start ({scene.limit:g} s) has passed before {what}; "
            f"{scene.consequence}",
            exit_status=TIMED_OUT,
        )


def groups(steps: "list[Step]") -> "Iterator[list[Step]]":
    """Yield the steps that run beside each other."""
    group: list[Step] = []
    for step in steps:
        if group and not (step.overlaps and group[-1].overlaps and not group[-1].holds_back):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _to_be_skipped(steps: "list[Step]", environment: "Environment") -> frozenset[str]:
    text = environment.get(b"PREHOOK_SKIP", b"")
    if not text:
        return frozenset()
    from prehook.skipping import names

    return names(text, steps)


def _applies(step: "Step", skipped: frozenset[str], scene: Scene) -> bool:
    reason = ""
    if step.name in skipped:
        reason = "PREHOOK_SKIP"
    elif step.conditions:
        from prehook.condition import unmet

        condition = unmet(step.conditions, scene.handover.environment)
        reason = f"only if {condition}" if condition else ""
    if reason:
        text = f"{step.title()}: skipped ({reason})"
        scene.journal.info(text, event="skipped", step=step.label)
        scene.skipped.append((step, time.monotonic(), reason))
    return not reason


def _terminal() -> "Terminal | None":
    try:
        descriptor = posix.open("/dev/tty", posix.O_RDWR | posix.O_NOCTTY | posix.O_CLOEXEC)
    except OSError:  # no controlling terminal
        return None
    from prehook.terminal import in_front

    return in_front(descriptor)


def _become(start: "Start", scene: Scene) -> int:
    signals = scene.signals
    start.journal.detail(f"{quoted(start.command[0])} starts", event="exec")
    environment = scene.handover.of_command()
    paths: list[bytes] = []
    if not start.init:
        if start.user:
            start.user.take_on(environment)
        paths = search(start.command[0], environment)
    ended()
    signals.drain()
    if signals.ended_by:
        return _stopped("before CMD", signals.ended_by, scene)
    if start.init:
        from prehook.init import stay

        return stay(start, environment, scene)
    return become(start.command, paths, environment, signals)


def _stopped(where: str, signo: int, scene: Scene) -> int:
    scene.journal.error(f"ended by {signal_name(signo)} {where}", event="ended")
    return 128 + signo


def _is_on(environment: "Environment", name: bytes) -> bool:
    return environment.get(name, b"") not in (b"", b"0")


def _fill_standard_descriptors() -> None:
    """Let no file of ours become stdin, stdout or stderr where these are closed; CMD has it so."""
    for descriptor in (0, 1, 2):
        try:
            posix.fstat(descriptor)
        except OSError:
            try:
                posix.open("/dev/null", posix.O_RDWR | posix.O_CLOEXEC)
            except OSError:
                return


def _ignored(stat: str) -> int | None:
    """Return the signals that the launcher found ignored; CPython has hidden two of them since."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[_IGNORED]) if len(fields) > _IGNORED else None


def _internal_error(
    kind: type[BaseException], _: BaseException, trace: "TracebackType | None"
) -> None:
    from prehook import bug

    Journal().error(bug.described(kind, trace), bug.HINT, event="failed")
    posix._exit(OWN_FAILURE)
