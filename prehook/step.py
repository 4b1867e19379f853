"""A step of a start: what all kinds of them have in common."""

import posix

from prehook.execute import no_process
from prehook.signals import GRACE, KILL, signal_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, NoReturn

    from prehook.condition import Condition
    from prehook.environment import Environment
    from prehook.handover import Handover
    from prehook.identity import Identity
    from prehook.journal import Journal
    from prehook.scene import Scene
    from prehook.terminal import Terminal

LONGEST_BACKOFF = 30.0  # seconds
TIMED_OUT = 124  # as timeout(1) has it


class Failure:
    """Why a step has failed: a text, a hint, and the exit status that comes of it."""

    __slots__ = ("hint", "status", "text")

    def __init__(self, text: str, hint: str | None, status: int) -> None:
        self.text = text
        self.hint = hint
        self.status = status


class Step:
    """Something to be done before CMD starts, in a process group of its own.

    Attributes:
        kind: `run`, `wait`, `secrets`, `render` or `assets`.
        place: Where it stands: `hook 2`, or `docker/prehook.yml:12`.
        name: What logs and PREHOOK_SKIP call it; empty for a hook that got none.
        is_named: Whether somebody has given it that name; else failures say where it stands.
        timeout: Seconds for one attempt; None for as long as it takes.
        grace: Seconds from TERM to KILL.
        retries: How many more attempts there are after one that fails.
        backoff: Seconds to the second attempt; twice as many each time, up to 30.
        conditions: What must hold in the environment; else the step is left out.
        optional: Whether the start goes on when it fails.
        allow_background: Whether what it leaves running in its group may stay.
        overlaps: Whether it may run beside its neighbours of which that is true as well.
        holds_back: Whether nothing behind it may begin before it is over.
        user: Who to run it as; None for who prehook runs as.
    """

    kind: "ClassVar[str]" = "run"
    # Seconds that prehook lets an attempt have beyond its time before it ends it, where the
    # process sees to its deadline itself and can say what it was waiting for.
    slack: "ClassVar[float]" = 0.0
    name = ""
    is_named = True
    timeout: float | None = None
    grace = GRACE
    retries = 0
    backoff = 1.0
    conditions: "tuple[Condition, ...]" = ()
    optional = False
    allow_background = False
    overlaps = False
    holds_back = False
    user: "Identity | None" = None

    def __init__(self, place: str) -> None:
        self.place = place

    @property
    def label(self) -> str:
        """What structured logs and traces call it."""
        return self.name or self.place

    def title(self) -> str:
        """Return what to call it in a message."""
        return self.label

    def facts(self) -> list[tuple[str, str]]:
        """Return what `prehook explain` says of it besides what all steps have: names and texts.

        What it reads and from where, what it writes and with which mode; never a value of the
        environment or a secret.
        """
        return []

    def missing(self, environment: "Environment") -> list[str]:  # noqa: ARG002
        """Return what it needs and isn't there, in words: a file, a program. For `explain`."""
        return []

    def hands_on(self) -> list[tuple[str, str]]:
        """Return what CMD gets of it, for `explain`: a variable or a file, and what that holds."""
        return []

    def prepare(self, handover: "Handover") -> None:
        """Do what has to be done before each attempt, in prehook's own process."""

    def launch(
        self, scene: "Scene", journal: "Journal", terminal: "Terminal | None", deadline: float
    ) -> int:
        """Start an attempt in a process group of its own; the arguments are those of `enter`.

        Returns:
            Its process id, which is that of its group.

        Raises:
            PrehookError: There is no process to be had, or it can't be run.
        """
        try:
            leader = posix.fork()
        except OSError as error:  # EAGAIN, ENOMEM
            raise no_process(error) from None
        if leader == 0:
            self.enter(scene, journal, terminal, deadline)
        lead(leader)
        return leader

    def enter(
        self, scene: "Scene", journal: "Journal", terminal: "Terminal | None", deadline: float
    ) -> "NoReturn":
        """Do it, in a child that has just been forked, and exit.

        Args:
            scene: What there is at this point of the start.
            journal: Where to say things about this step.
            terminal: To be given to this process; None if it doesn't get it.
            deadline: When the attempt has to be over, on the monotonic clock; can be infinite.
        """
        raise NotImplementedError

    def accept(self, handover: "Handover") -> None:
        """Take over what a successful attempt hands on.

        Raises:
            PrehookError: It can't be read.
        """

    def undo(self, handover: "Handover") -> None:
        """Take back what attempts have done by halves: the last one has failed."""

    def failure(self, status: int) -> Failure:
        """Return what a wait status other than 0 says."""
        if posix.WIFEXITED(status):
            code = posix.WEXITSTATUS(status)
            return Failure(f"exited with status {code}", None, code)
        signo = posix.WTERMSIG(status)
        hint = "nobody told prehook to end: was it out of memory?" if signo == KILL else None
        return Failure(f"killed by {signal_name(signo)}", hint, 128 + signo)


def lead(process: int) -> None:
    """Put a process into a group of its own.

    Parent and child both do, so that neither runs ahead of it; to who comes second it is done
    (EACCES: the child has called exec; ESRCH: it has ended).
    """
    try:
        posix.setpgid(process, process)
    except OSError:
        return


def pauses(step: Step) -> list[float]:
    """Return the seconds between the attempts of a step."""
    found, pause = [], min(step.backoff, LONGEST_BACKOFF)
    for _ in range(step.retries):
        found.append(pause)
        pause = min(pause * 2, LONGEST_BACKOFF)
    return found
