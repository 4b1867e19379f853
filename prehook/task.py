"""A task: a step that prehook does itself, in a process of its own.

In a process, so that signals, deadlines and overlap are what they are for hooks, a library that
hangs hangs nobody else, and what it imports costs CMD no memory.
"""

from __future__ import annotations

import posix
import sys

from prehook import bug
from prehook.answer import Answer
from prehook.errors import OWN_FAILURE, PrehookError
from prehook.step import Failure, Step, lead

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import Any, ClassVar, NoReturn

    from prehook.handover import Handover
    from prehook.journal import Journal
    from prehook.scene import Scene
    from prehook.terminal import Terminal
else:
    import _signal  # `signal` makes enums of its constants: 7 ms


class Context:
    """What a task works with.

    Attributes:
        env: The environment, its bytes that are not UTF-8 as PEP 383 has them.
        handover: What earlier steps have handed on.
        journal: Where to say things.
        deadline: When it has to be over, on the monotonic clock; can be infinite.
        result: What it hands to prehook's own process: whatever `marshal` can hold.
    """

    def __init__(self, handover: Handover, journal: Journal, deadline: float) -> None:
        self.env = {
            name.decode("utf-8", "surrogateescape"): value.decode("utf-8", "surrogateescape")
            for name, value in handover.environment.items()
        }
        self.handover = handover
        self.journal = journal
        self.deadline = deadline
        self.result: Any = None


class Task(Step):
    """A step that prehook does itself."""

    timeout: float | None = 60.0
    slack: ClassVar[float] = 1.0

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self._answer = Answer()

    def work(self, context: Context) -> None:
        """Do it, in a process of its own.

        TERM, INT, HUP and QUIT come as `Ended`, so that `finally` puts things in order.

        Raises:
            PrehookError: It can't be done. Its message does not begin with the name of the step.
        """
        raise NotImplementedError

    def take(self, result: Any, handover: Handover) -> None:
        """Take over what `work` has set as the result, in prehook's own process."""

    def prepare(self, handover: Handover) -> None:  # noqa: ARG002
        """Forget what an earlier attempt has told."""
        self._answer.clear()

    def enter(
        self, scene: Scene, journal: Journal, terminal: Terminal | None, deadline: float
    ) -> NoReturn:
        """Work, tell what came of it, and exit."""
        status = OWN_FAILURE
        try:
            lead(0)
            if terminal:
                terminal.give(posix.getpid())
            status = self._settled(Context(scene.handover, journal, deadline), scene)
        except Ended as ended:
            status = 128 + ended.signo
        except BaseException as error:  # noqa: BLE001 (a bug of ours: a line, and no traceback)
            text = bug.described(type(error), error.__traceback__)
            self._answer.tell(text, bug.HINT, OWN_FAILURE)
        finally:
            posix._exit(status)

    def accept(self, handover: Handover) -> None:
        """Take over the result."""
        self.take(self._answer.told()[3], handover)

    def failure(self, status: int) -> Failure:
        """Return what the process has told, or what its status says."""
        text, hint, code, _ = self._answer.told()
        return Failure(text, hint, code) if text else super().failure(status)

    def _settled(self, context: Context, scene: Scene) -> int:
        _prepare_process(context, scene)
        try:
            self.work(context)
        except PrehookError as error:
            self._answer.tell(error.message, error.hint, error.exit_status)
            return error.exit_status
        self._answer.tell("", None, 0, context.result)
        return 0


_ENDING = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGQUIT)


class Ended(BaseException):
    """A signal has asked this process to end."""

    def __init__(self, signo: int) -> None:
        super().__init__(signo)
        self.signo = signo


def _prepare_process(context: Context, scene: Scene) -> None:
    """Make an ordinary Python process of the child: signals, stdin, environment, packages."""

    def end(signo: int, _: object) -> None:
        for other in _ENDING:  # a second one would find us putting things in order
            _signal.signal(other, _signal.SIG_IGN)
        raise Ended(signo)

    for signo in _ENDING:
        if _signal.getsignal(signo) != _signal.SIG_IGN:
            _signal.signal(signo, end)
    scene.signals.unblock()
    null = posix.open("/dev/null", posix.O_RDONLY)
    posix.dup2(null, 0)
    if context.journal.buffer is not None:
        posix.dup2(context.journal.buffer, 2)  # what a library writes keeps its place among ours
    import os

    os.environ.clear()  # as sh and CPython have left it
    os.environ.update(context.env)
    sys.excepthook = sys.__excepthook__
    reach_packages()


def reach_packages() -> None:
    """See to it that what we depend on can be imported.

    We were started without `site`: it is beside us if one pip has installed all of it.
    """
    from importlib.util import find_spec

    if find_spec("yaml") is None:
        import site

        site.main()


def keep_no_core() -> None:
    """Let this process leave no core dump: it would hold keys and plaintext.

    A limit of 0 stops files alone; one of 1 also what is piped to a program (core(5)).
    """
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (min(1, hard) if hard >= 0 else 1, hard))
