"""The wait itself: a thread for each target, and what there is to say about them."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue

from prehook.errors import PrehookError
from prehook.step import TIMED_OUT
from prehook.wait.probe import PATIENCE, NotThereError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prehook.wait.probe import Probe

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between two looks; doubled each time
_SHORTEST_PAUSE = 0.05
_LONGEST_TURN = 3600.0  # seconds; locks don't take an infinite timeout
_FOREVER = float("inf")


class Watch:
    """One target, looked at again and again by a thread of its own.

    Attributes:
        probe: What looks at it.
        hint: What to do about the last reason.
    """

    def __init__(self, probe: Probe, deadline: float, sightings: SimpleQueue[Sighting]) -> None:
        self.probe = probe
        self.hint: str | None = None
        self._reason = ""
        self._said: set[str] = set()
        self._deadline = deadline
        self._sightings = sightings
        # Later than any look that ends by itself: what is left is a name being looked up
        self._speaks = time.monotonic() + PATIENCE + 1

    def start(self) -> None:
        """Begin to look.

        Raises:
            PrehookError: There is no thread to be had.
        """
        try:
            threading.Thread(target=self._run, daemon=True).start()
        except RuntimeError:
            raise PrehookError(
                "no new thread", hint="raise the limit on processes (docker run --pids-limit)"
            ) from None

    @property
    def speaks(self) -> float:
        """When there is something to say though nothing has been seen."""
        return _FOREVER if self._said else self._speaks

    @property
    def reason(self) -> str:
        """Why the target is not there."""
        return self._reason or self.probe.doing

    @property
    def has_waited(self) -> bool:
        """Whether anybody was told."""
        return bool(self._said)

    def take(self, error: NotThereError) -> None:
        """Keep why it is not there."""
        self._reason, self.hint = error.reason, error.hint

    def news(self) -> str:
        """Return a line if there is something new to say: no reason is said twice."""
        if self.reason in self._said:
            return ""
        self._said.add(self.reason)
        return f"waiting for {self.probe.shown}: {self.reason}"

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while time.monotonic() < self._deadline:
            seen: BaseException | None = None
            try:
                self.probe.look(self._deadline)
            except BaseException as error:  # noqa: BLE001 (a bug of ours is the main thread's to tell)
                seen = error
            self._sightings.put((self, seen))
            if not isinstance(seen, NotThereError):
                return
            # Once more shortly before the end
            time.sleep(max(_SHORTEST_PAUSE, min(pause, (self._deadline - time.monotonic()) / 2)))
            pause = min(pause * 2, _LONGEST_PAUSE)


Sighting = tuple[Watch, "BaseException | None"]


def await_all(probes: Sequence[Probe], deadline: float, say: Callable[[str], None]) -> None:
    """Return when all targets have been there.

    The threads are left alone at the end, whatever they are at: the process ends soon, and a
    name server that doesn't answer must not keep it.

    Args:
        probes: What looks at the targets.
        deadline: On the monotonic clock; can be infinite.
        say: Takes a line.

    Raises:
        PrehookError: Some were not there in time; the message names each with its reason.
    """
    started = time.monotonic()
    sightings: SimpleQueue[Sighting] = SimpleQueue()
    pending = [Watch(probe, deadline, sightings) for probe in probes]
    for watch in pending:
        watch.start()
    while pending:
        now = time.monotonic()
        wakes = min(deadline, *(watch.speaks for watch in pending), now + _LONGEST_TURN)
        try:
            # A signal's handler runs while this waits, and what it raises comes out of here
            watch, seen = sightings.get(timeout=max(0.0, wakes - now))
        except Empty:
            now = time.monotonic()
            if now >= deadline:
                raise _missed(pending, len(probes), now - started) from None
            lines = [watch.news() for watch in pending if watch.speaks <= now]
        else:
            lines = [_settled(watch, seen, pending, time.monotonic() - started)]
        for line in filter(None, lines):
            say(line)


def _settled(watch: Watch, seen: BaseException | None, pending: list[Watch], seconds: float) -> str:
    """Take note of what was seen, and return the line that it is worth."""
    if isinstance(seen, NotThereError):
        watch.take(seen)
        return watch.news()
    if seen:
        raise seen
    pending.remove(watch)
    return f"{watch.probe.shown} is there after {seconds:.1f} s" if watch.has_waited else ""


def _missed(pending: list[Watch], count: int, seconds: float) -> PrehookError:
    after = f"not there after {round(seconds, 1):g} s"
    if count == 1:
        text = f"{pending[0].probe.shown} is {after}: {pending[0].reason}"
    else:
        verb = "is" if len(pending) == 1 else "are"
        each = ", ".join(f"{watch.probe.shown} ({watch.reason})" for watch in pending)
        text = f"{len(pending)} of {count} targets {verb} {after}: {each}"
    hinted = next((watch for watch in pending if watch.hint), None)
    hint = hinted.hint if hinted else None
    if hinted and count > 1:
        hint = f"{hinted.probe.shown}: {hint}"
    return PrehookError(text, hint=hint, exit_status=TIMED_OUT)
