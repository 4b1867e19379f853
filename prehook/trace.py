"""The timeline of a start, as a file that trace viewers open (Perfetto, chrome://tracing).

The format is that of "Trace Event Format": an object with the events, times in microseconds.
"""

from __future__ import annotations

import json
import posix
import time
from errno import EAGAIN, ENXIO

from prehook import link
from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from prehook.lane import Lane
    from prehook.scene import Scene

WRITER = "prehook"
FORMAT = 1
OWN_THREAD = 1  # prehook itself; the steps are on those behind it
_FREE = ("place", "reason")  # arguments whose texts are not ours
_STARTED = 19  # field of /proc/PID/stat, counted from the state as 0 (proc(5): starttime)
_CLOCK_BOOTTIME = 7  # clock_gettime(2)


def write(path: str, started: float, lanes: list[Lane], scene: Scene, status: int) -> None:
    """Write it; if that can't be done, say so, and the start goes on.

    Args:
        path: The file.
        started: When prehook was ready to begin with the steps, on the monotonic clock.
        lanes: The steps that have begun.
        scene: The start.
        status: What the start ends with; 0 if CMD is next.
    """
    now = time.monotonic()
    begin = min(_process_start(now), started)
    events = [*_metadata(lanes), *_own(begin, started, now, _result(scene, status))]
    events += sorted(
        (*_attempts(lanes, begin, now), *_skipped(scene, begin)), key=lambda event: event["ts"]
    )
    begun = time.time() - (now - begin)
    whole = {
        "traceEvents": [_masked(event, scene) for event in events],
        "displayTimeUnit": "ms",
        "otherData": {
            "writer": WRITER,
            "format": FORMAT,
            "begun": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun)),  # RFC 3339
        },
    }
    try:
        _store(path, json.dumps(whole, indent=1).encode() + b"\n")
    except OSError as error:
        hints = {
            ENXIO: "it is a socket, or a pipe that nobody reads",
            EAGAIN: "it is a pipe that nobody reads fast enough",
        }
        hint = hints.get(error.errno or 0, "name a file on a file system that can be written")
        text = f"the trace can't be written to {quoted(path)}: {error.strerror}"
        scene.journal.warn(text, hint, event="trace")


def _process_start(now: float) -> float:
    """Return when the process was started, on the monotonic clock, to 10 ms."""
    try:
        descriptor = posix.open("/proc/self/stat", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return now
    try:
        fields = posix.read(descriptor, 4096).rpartition(b")")[2].split()
    finally:
        posix.close(descriptor)
    since_boot = int(fields[_STARTED]) / posix.sysconf("SC_CLK_TCK")
    # That clock counts on while the machine sleeps, and the monotonic one doesn't
    return now - max(0.0, time.clock_gettime(_CLOCK_BOOTTIME) - since_boot)


def _result(scene: Scene, status: int) -> str:
    if scene.signals.ended_by is not None:
        return "ended"
    return "failed" if status else "ok"


def _metadata(lanes: list[Lane]) -> Iterator[dict[str, Any]]:
    yield _event("M", "process_name", OWN_THREAD, args={"name": WRITER})
    yield _event("M", "thread_name", OWN_THREAD, args={"name": WRITER})
    threads = set(_threads(lanes))
    for thread in sorted(threads | {OWN_THREAD + 1}):
        number = thread - OWN_THREAD
        name = "steps" if number == 1 else f"steps beside them {number - 1}"
        yield _event("M", "thread_name", thread, args={"name": name})


def _own(begin: float, started: float, now: float, result: str) -> Iterator[dict[str, Any]]:
    yield _event(
        "X", WRITER, OWN_THREAD, ts=0, dur=_micro(now - begin), cat="start", args={"result": result}
    )
    yield _event(
        "X", "interpreter", OWN_THREAD, ts=0, dur=_micro(started - begin), cat="start", args={}
    )


def _attempts(lanes: list[Lane], begin: float, now: float) -> Iterator[dict[str, Any]]:
    for number, (lane, thread) in enumerate(zip(lanes, _threads(lanes), strict=True), 1):
        attempts = [*lane.attempts]
        if lane.leader:  # the start breaks off: there was no process for another one
            attempts.append((lane.since, now, "ended"))
        for attempt, (since, until, result) in enumerate(attempts, 1):
            yield _event(
                "X",
                lane.step.title(),
                thread,
                ts=_micro(since - begin),
                dur=_micro(until - since),
                cat="step",
                args={
                    "step": number,
                    "attempt": attempt,
                    "result": result,
                    "kind": lane.step.kind,
                    "place": lane.step.place,
                },
            )


def _skipped(scene: Scene, begin: float) -> Iterator[dict[str, Any]]:
    for step, moment, reason in scene.skipped:
        yield _event(
            "i",
            step.title(),
            OWN_THREAD + 1,
            ts=_micro(moment - begin),
            s="t",
            cat="step",
            args={"result": "skipped", "reason": reason, "kind": step.kind, "place": step.place},
        )


def _threads(lanes: list[Lane]) -> list[int]:
    """Return a thread for each step: the first on which no other one runs at that time."""
    free_from: list[float] = []
    found = []
    for lane in lanes:
        begin = lane.attempts[0][0] if lane.attempts else lane.since
        index = next((i for i, end in enumerate(free_from) if end <= begin), len(free_from))
        end = lane.attempts[-1][1] if lane.attempts else begin
        free_from[index : index + 1] = [float("inf") if lane.leader else end]
        found.append(OWN_THREAD + 1 + index)
    return found


def _event(phase: str, name: str, thread: int, **rest: Any) -> dict[str, Any]:
    return {"ph": phase, "name": name, "pid": 1, "tid": thread, **rest}


def _micro(seconds: float) -> int:
    return round(seconds * 1e6)


def _masked(event: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """Take secrets out of the texts that are of somebody else.

    Ours stay as they are: to mask them would hide nothing, and a secret may be "ok".
    """
    if event.get("cat") != "step":
        return event
    args = {
        key: _text(value, scene) if key in _FREE else value for key, value in event["args"].items()
    }
    return {**event, "name": _text(event["name"], scene), "args": args}


def _text(text: str, scene: Scene) -> str:
    """Return a text masked, and without what JSON can't hold: bytes that are not UTF-8."""
    return scene.journal.mask(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _store(path: str, data: bytes) -> None:
    """Write a file where it stands.

    Not beside it and renamed: it may be bind-mounted, a pipe or /dev/stderr. A pipe that nobody
    reads must not stop the start.
    """
    flags = posix.O_WRONLY | posix.O_CLOEXEC | posix.O_NOCTTY | posix.O_NONBLOCK
    try:
        descriptor = posix.open(path, flags | posix.O_CREAT | posix.O_EXCL, 0o644)
        posix.fchmod(descriptor, 0o644)  # whatever the umask: who looks isn't who runs it
    except FileExistsError:
        link.check(path)
        descriptor = posix.open(path, flags | posix.O_TRUNC)
    try:
        while data:
            data = data[posix.write(descriptor, data) :]
    finally:
        posix.close(descriptor)
