"""Masks on texts."""

import pytest

from prehook.mask import masked


@pytest.mark.parametrize(
    ("text", "hidden", "expected"),
    [
        ("nothing here", ["secret"], "nothing here"),
        ("a secret and a secret", ["secret"], "a *** and a ***"),
        ("secret", ["secret"], "***"),
        ("secretsecret!", ["secret"], "***!"),
        ("abcdefgh", ["abcde", "defgh"], "***"),
        ("abcdefgh abcde", ["abcde", "abcdefgh"], "*** ***"),
        ("xababax", ["aba"], "x***x"),
        ("one two", ["two", "one"], "*** ***"),
    ],
)
def test_masks(text, hidden, expected):
    """Each occurrence is one mark; what overlaps or touches is hidden as one."""
    assert masked(text, hidden) == expected
