"""A step on its way: its attempts one after the other, each a process group of its own."""

import time

from prehook.errors import PrehookError
from prehook.reaping import exists, signal_group
from prehook.signals import CONT, KILL, TERM, interrupt_of
from prehook.step import TIMED_OUT, Failure, pauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.journal import Journal
    from prehook.scene import Scene
    from prehook.step import Step
    from prehook.terminal import Terminal

_FIRST_HEARTBEAT = 10.0  # seconds; each next one comes after twice as long, at most a minute
_LONGEST_HEARTBEAT = 60.0
_NEVER_HEALS = (126, 127)  # a program that can't be run isn't there a second later either
_FOREVER = float("inf")


class Lane:
    """A step on its way.

    Attributes:
        step: The step.
        is_open: Whether it is not over yet.
        leader: The process of the attempt that runs; 0 when none does.
        status: The exit status that the start ends with because of it; 0 if it goes on.
        outcome: In one word, for the trace: `ok`, `failed`, `timeout`, `cancelled` or `ended`.
        since: When the last attempt has begun, on the monotonic clock.
        attempts: When each attempt has begun and ended, and what came of it, in one of the words
            that `outcome` has.
    """

    def __init__(
        self, step: "Step", scene: "Scene", terminal: "Terminal | None", journal: "Journal"
    ) -> None:
        self.step = step
        self.is_open = True
        self.leader = 0
        self.status = 0
        self.outcome = ""
        self.attempts: list[tuple[float, float, str]] = []
        self._scene = scene
        self._journal = journal
        self._terminal = terminal
        self._pauses = pauses(step) if step.retries else []
        self.since = self._started = time.monotonic()
        self._resumes = self._expires = self._kills = _FOREVER
        self._latest = _FOREVER  # when all of the attempt that is being ended must be gone
        self._heartbeat = _FIRST_HEARTBEAT
        self._beats = self._started + _FIRST_HEARTBEAT
        self._expired = ""

    @property
    def keeps_back(self) -> bool:
        """Whether its lines are kept back until its turn comes."""
        return self._journal.buffer is not None

    def flush(self) -> None:
        """Write what it has had to say, if that was kept back until its turn comes."""
        self._journal.flush()

    @property
    def due(self) -> float:
        """When something is to be done next, on the monotonic clock."""
        return min(self._resumes, self._expires, self._kills, self._beats)

    def begin(self) -> None:
        """Start an attempt; that it can't be started is a failure as others are."""
        step, scene = self.step, self._scene
        self._resumes, self._expired = _FOREVER, ""
        self._latest = _FOREVER
        self.since = time.monotonic()
        limit = min(self.since + step.timeout if step.timeout else _FOREVER, scene.deadline)
        self._expires = limit + step.slack
        step.prepare(scene.handover)
        self._journal.detail(f"{step.title()} starts", event="started", step=step.label)
        try:
            self.leader = step.launch(scene, self._journal, self._terminal, limit)
        except PrehookError as error:
            self._fail(Failure(error.message, error.hint, error.exit_status))

    def wake(self, now: float) -> None:
        """Do what is due."""
        if now >= self._kills:
            signal_group(self.leader, KILL)
            self._kills = self._expires = _FOREVER
        elif now >= self._expires:
            self._expire(now)
        elif now >= self._resumes:
            self.begin()
        elif now >= self._beats:
            self._beat(now)

    def forward(self, signo: int) -> None:
        """Hand a signal on; one that ends the start ends this too."""
        signals = self._scene.signals
        if self.leader:
            signal_group(self.leader, signo)
        if signals.ended_by is None:
            return
        if not self.leader:
            self._close("ended")
        elif signals.deadline is not None:
            signal_group(self.leader, CONT)  # a stopped process takes nothing but KILL
            self._kills = self._latest = min(self._kills, signals.deadline)

    def cancel(self) -> None:
        """End it, because another one has failed."""
        if not self.is_open:
            return
        if self.leader:
            self._end(time.monotonic())
            self.outcome = "cancelled"
        else:
            self._close("cancelled")

    def stopped(self) -> None:
        """Stop with a hook that Ctrl-Z has stopped."""
        if self._terminal and self._scene.signals.ended_by is None:
            self._terminal.suspend(self.leader)

    def ended(self, status: int) -> None:
        """Take note that the leader has ended with a wait status: succeed, try again, or fail."""
        leader, self.leader = self.leader, 0
        if self._terminal and (signo := interrupt_of(status)):
            # The kernel has given it to the group in front alone; whoever typed it meant the start
            self._scene.signals.end_by(signo)
        if self._terminal:
            self._terminal.recover(leader)
        self._clear(leader, succeeded=status == 0)
        self._kills = self._expires = _FOREVER
        if self._scene.signals.ended_by is not None:
            self._record("ended")
            self._close("ended")
        elif self.outcome == "cancelled":
            self._record("cancelled")
            self._close("cancelled")
        elif status == 0 and not self._expired:
            self._succeed()
        else:
            failure = self.step.failure(status)
            if self._expired:
                failure = Failure(self._expired, None, TIMED_OUT)
            self._fail(failure)

    def _clear(self, leader: int, *, succeeded: bool) -> None:
        """See to what is left in the group."""
        if not exists(leader):
            return
        if self.step.kind != "run":  # ours leave nothing that has anything to put in order
            signal_group(leader, KILL)
            return
        told = self._expired or self.outcome or self._scene.signals.ended_by is not None
        if self.step.allow_background and succeeded and not told:
            return
        from prehook.leftover import end_group

        latest = min(self._latest, time.monotonic() + self.step.grace, self._scene.deadline)
        silently = bool(told)
        end_group(leader, self.step, self._scene, self._journal, latest, silently=silently)

    def _succeed(self) -> None:
        step = self.step
        try:
            step.accept(self._scene.handover)
        except PrehookError as error:
            self._fail(Failure(error.message, error.hint, error.exit_status))
            return
        self._record("ok")
        seconds = time.monotonic() - self._started
        tries = f" at attempt {len(self.attempts)}" if len(self.attempts) > 1 else ""
        text = f"{step.title()}: ok{tries}, {seconds:.2f} s"
        self._journal.info(text, event="ok", step=step.label, seconds=seconds)
        self._close("ok")

    def _fail(self, failure: "Failure") -> None:
        step, journal, now = self.step, self._journal, time.monotonic()
        text = f"{step.title()}{_whereabouts(step, failure)}: {failure.text}"
        self._record("timeout" if failure.status == TIMED_OUT else "failed")
        if self._pauses and failure.status not in _NEVER_HEALS:
            pause = self._pauses.pop(0)
            if now + pause < self._scene.deadline:
                self._resumes = now + pause
                self._expires = self._kills = _FOREVER  # there is nobody to be ended meanwhile
                text += f"; attempt {len(self.attempts) + 1} of {step.retries + 1} in {pause:g} s"
                journal.warn(text, failure.hint, event="retry", step=step.label)
                return
            text += "; the deadline of the start leaves no time to try again"
        step.undo(self._scene.handover)
        seconds = now - self._started
        if step.optional and now < self._scene.deadline:
            text += "; it is optional: the start goes on"
            journal.warn(text, failure.hint, event="failed", step=step.label)
        else:
            text += f"; {self._scene.consequence}"
            journal.error(text, failure.hint, event="failed", step=step.label, seconds=seconds)
            self.status = failure.status
        self._close("timeout" if failure.status == TIMED_OUT else "failed")

    def _expire(self, now: float) -> None:
        """End an attempt that has had its time."""
        if now >= self._scene.deadline:
            self._expired = f"the deadline of the whole start ({self._scene.limit:g} s) has passed"
            self._pauses = []
        else:
            self._expired = f"timed out after {self.step.timeout:g} s"
        self._end(now)

    def _end(self, now: float) -> None:
        signal_group(self.leader, TERM)
        signal_group(self.leader, CONT)
        self._expires = _FOREVER
        self._kills = self._latest = min(self._kills, now + self.step.grace)

    def _beat(self, now: float) -> None:
        self._heartbeat = min(self._heartbeat * 2, _LONGEST_HEARTBEAT)
        self._beats = now + self._heartbeat
        if not self.leader:  # it has just been said that there is a pause
            return
        step, seconds = self.step, now - self._started
        text = f"{step.title()}: still running after {seconds:.0f} s"
        self._journal.info(text, event="running", step=step.label, seconds=seconds)

    def _record(self, result: str) -> None:
        self.attempts.append((self.since, time.monotonic(), result))

    def _close(self, outcome: str) -> None:
        self.is_open = False
        self.outcome = outcome
        self._resumes = self._expires = self._kills = self._beats = _FOREVER


def _whereabouts(step: "Step", failure: Failure) -> str:
    """Return where a command without a name stands in its plan, if that isn't said anyway."""
    file = step.place.rpartition(":")[0]
    if step.is_named or step.kind != "run" or failure.text.startswith(file):
        return ""
    return f" ({step.place})"
