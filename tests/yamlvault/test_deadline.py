"""Deadlines: a moment that is shared out."""

from yamlvault.deadline import Deadline


def test_what_is_left():
    """The time that is left is never more than was given, nor negative."""
    assert 900 < Deadline(1000).left <= 1000
    assert Deadline(0).left == 0.0


def test_shares():
    """Each of several parts gets the same time, and the last one all that is left."""
    deadline = Deadline(1000)
    assert 200 < deadline.share(4).left <= 250
    assert 900 < deadline.share(1).left <= 1000
    assert Deadline(0).share(3).left == 0.0
