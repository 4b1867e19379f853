"""Splicing: the one way in which text is changed."""

import pytest

from yamlvault.document.splice import Edit, splice


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ([], "abcdef"),
        ([Edit(0, 0, "X")], "Xabcdef"),
        ([Edit(6, 6, "X")], "abcdefX"),
        ([Edit(0, 6, "")], ""),
        ([Edit(1, 3, "X")], "aXdef"),
        ([Edit(4, 5, "Y"), Edit(0, 1, "X")], "XbcdYf"),
        ([Edit(1, 3, "X"), Edit(3, 4, "Y")], "aXYef"),
        ([Edit(3, 4, "Y"), Edit(3, 3, "X")], "abcXYef"),
        ([Edit(2, 2, "X"), Edit(2, 2, "Y")], "abXYcdef"),
        ([Edit(1, 2, "é\U0001f511\r\n")], "aé\U0001f511\r\ncdef"),
    ],
)
def test_edits_are_made_in_the_order_of_the_text(edits, text):
    """Edits come in any order; an insertion stands before what replaces the text at its place."""
    assert splice("abcdef", edits) == text


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(0, 3, ""), Edit(2, 4, "")],
        [Edit(2, 4, ""), Edit(0, 3, "")],
        [Edit(0, 5, ""), Edit(1, 2, "")],
        [Edit(0, 5, ""), Edit(3, 3, "x")],
        [Edit(1, 2, "a"), Edit(1, 2, "b")],
    ],
)
def test_edits_that_overlap_are_a_bug(edits):
    """Two edits of the same characters are never made, whatever their order."""
    with pytest.raises(AssertionError, match="overlap"):
        splice("abcdef", edits)


def test_edits_are_consumed_once():
    """Any iterable of edits will do."""
    assert splice("abc", (Edit(index, index, "-") for index in range(4))) == "-a-b-c-"


def test_repr_shows_no_text():
    """An edit's text can be plaintext."""
    assert repr(Edit(1, 2, "hunter2")) == "<Edit 1:2>"
