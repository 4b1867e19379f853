"""Attempts: again where that may help, and never beyond the deadline."""

import os
import threading

import pytest

from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError
from yamlvault.kek.attempts import LIMIT, attempt, within
from yamlvault.kek.refusal import DENIED, MALFORMED, THROTTLED, TIMEOUT, Refusal


class Calls:
    """A call that fails with each of some errors, and then returns."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.number = 0

    def __call__(self, deadline):
        self.number += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def tried(call, seconds=30):
    """Return what comes of attempts, and what was told."""
    told = []
    return attempt(call, Deadline(seconds), told.append, "name"), told


def test_transient_refusals():
    """They are tried again, and each further attempt is told."""
    call = Calls(Refusal(THROTTLED), Refusal(THROTTLED))
    result, told = tried(call)
    assert (result, call.number, len(told)) == ("done", 3, 2)
    assert "too many requests" in told[0]


def test_attempts_are_bounded():
    """What stays transient is refused in the end."""
    call = Calls(*[Refusal(THROTTLED)] * (LIMIT + 3))
    with pytest.raises(Refusal) as caught:
        tried(call)
    assert caught.value.kind is THROTTLED
    assert call.number == LIMIT


@pytest.mark.parametrize("error", [Refusal(DENIED), KEKError("no client")])
def test_what_is_tried_once(error):
    """A refusal for good, and an error of ours, come through as they are."""
    call = Calls(error)
    with pytest.raises(type(error)) as caught:
        tried(call)
    assert caught.value is error
    assert call.number == 1


def test_what_nobody_thought_of():
    """Any other error is a refusal that names its class, and not its text: that can be a secret."""
    with pytest.raises(Refusal) as caught:
        tried(Calls(ValueError("marker")))
    assert (caught.value.kind, caught.value.detail) == (MALFORMED, "ValueError")
    assert caught.value.__cause__ is None


def test_patience():
    """With patience, one attempt that is silent does not take the time of all."""
    silence = threading.Event()
    deadlines = []

    def call(deadline):
        deadlines.append(deadline.left)
        return "done" if len(deadlines) > 1 else silence.wait(60)

    told = []
    try:
        assert attempt(call, Deadline(60), told.append, "name", patience=0.2) == "done"
    finally:
        silence.set()
    assert max(deadlines) <= 0.2
    assert "no answer within the deadline; attempt 1 of 5" in told[0]


def test_no_time_left():
    """Where the deadline has passed, nothing is tried again."""
    with pytest.raises(Refusal) as caught:
        tried(Calls(Refusal(THROTTLED), Refusal(THROTTLED)), seconds=0.01)
    assert caught.value.kind in (THROTTLED, TIMEOUT)


def test_a_deadline_that_has_passed():
    """What has no time left is not begun: nobody would wait for its answer."""
    call = Calls()
    with pytest.raises(Refusal) as caught:
        tried(call, seconds=0)
    assert caught.value.kind is TIMEOUT
    assert call.number == 0


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="/proc is Linux's")
def test_the_thread_of_a_call_is_gone_when_it_returns():
    """Who forks then has no thread in its last moments, with a lock of OpenSSL's in its hands."""
    for _ in range(300):
        number = within(Deadline(30), lambda _: threading.get_native_id())
        assert not os.path.exists(f"/proc/self/task/{number}")
