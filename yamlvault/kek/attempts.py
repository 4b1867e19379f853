"""Attempts: a call to a service within a deadline, again where that may help."""

from __future__ import annotations

import os
import sys
import time
from threading import Thread

from yamlvault.deadline import Deadline
from yamlvault.errors import YamlVaultError
from yamlvault.kek.refusal import MALFORMED, TIMEOUT, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

LIMIT = 5  # attempts
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0  # seconds


def attempt(
    call: Callable[[Deadline], T],
    deadline: Deadline,
    tell: Callable[[str], None],
    name: str,
    patience: float | None = None,
) -> T:
    """Return what a call returns, after some more attempts where its refusals are transient.

    The pauses double, and half of each is random, so that a hundred containers that are throttled
    together do not come back together.

    Args:
        call: What is called with the deadline.
        deadline: For all attempts with their pauses.
        tell: Gets a line for each attempt that failed.
        name: What is attempted, for these lines.
        patience: The seconds that one attempt gets, after which there can be another; None to
            let the first one have all the time.

    Raises:
        Refusal: It is not transient, or the attempts or the time are used up.
    """
    pause = _FIRST_PAUSE
    for number in range(1, LIMIT + 1):
        until = deadline if patience is None else Deadline(min(patience, deadline.left))
        try:
            return within(until, call)
        except YamlVaultError:
            raise
        except Refusal as refusal:
            wait = jittered(pause)
            is_slow = patience is not None and refusal.kind is TIMEOUT
            passes = refusal.kind.is_transient or is_slow
            if not passes or number == LIMIT or wait >= deadline.left:
                raise
            detail = f" ({refusal.detail})" if refusal.detail else ""
            tell(
                f"{name}: {refusal.kind.text}{detail}; attempt {number} of {LIMIT}, "
                f"again in {wait:.1f} s"
            )
        except Exception as error:  # noqa: BLE001  a defect keeps no container's next KEK from it
            # of an answer or a setting that nobody thought of; its text can quote a secret
            raise Refusal(MALFORMED, type(error).__name__) from None
        time.sleep(wait)
        pause = min(2 * pause, _LONGEST_PAUSE)
    raise AssertionError("unreachable")


def within(deadline: Deadline, call: Callable[[Deadline], T]) -> T:
    """Return what a call returns, in a thread of its own that is left behind at the deadline.

    No timeout that a client knows covers all: a name server, a program that hands out
    credentials, an answer that comes byte by byte.

    Raises:
        Refusal: The deadline passed.
        BaseException: What the call raised.
    """
    if not deadline.left:
        raise Refusal(TIMEOUT)  # nobody would wait for the answer
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call(deadline))
        except BaseException as failure:  # noqa: BLE001  it is raised in the caller's thread
            failures.append(failure)

    thread = Thread(target=run, name="yamlvault-kms", daemon=True)
    thread.start()
    thread.join(deadline.left)
    if not thread.is_alive():
        _see_off(thread, deadline)
    if failures:
        raise failures[0]
    if not results:
        raise Refusal(TIMEOUT)
    return results[0]


def _see_off(thread: Thread, deadline: Deadline) -> None:
    """Wait until the kernel has no such thread any more, which is soon.

    Before Python 3.13, join() does not wait for the thread's destructors. One of them is OpenSSL's,
    and takes a lock: an application that forks in this moment, as prefork servers do when they have
    loaded their settings, leaves it locked in the child for ever.
    """
    if sys.version_info < (3, 13):
        task = f"/proc/self/task/{thread.native_id}"
        while os.path.exists(task) and deadline.left:
            time.sleep(0)


def jittered(pause: float) -> float:
    """Return the seconds of a pause: at least half of it."""
    from random import SystemRandom

    return SystemRandom().uniform(pause / 2, pause)
