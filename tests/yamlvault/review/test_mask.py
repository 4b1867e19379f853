"""Masks in place of sealed scalars."""

from __future__ import annotations

import pytest

import yamlvault
from yamlvault.review.mask import mark_of, masked, without_lookalikes
from yamlvault.source import read, without_metadata

SEALED = "yv1.AAAAAAAA.BBBB"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a: {SEALED}\n", "a: @\n"),
        (f'{{"a": "{SEALED}"}}', '{"a": @}'),
        (f"a: &x {SEALED} # c\nb: *x\n", "a: &x @ # c\nb: *x\n"),
        (f"- '{SEALED}'\n- |-\n  {SEALED}\n", "- @\n- @\n"),
        (f"{SEALED}: a\n", f"{SEALED}: a\n"),
        (f"# {SEALED}\na: x {SEALED}\n", f"# {SEALED}\na: x {SEALED}\n"),
    ],
)
def test_marks(text, expected):
    """Just the sealed scalars are replaced, wherever they stand; anchors stay."""
    assert masked(text) == expected.replace("@", mark_of(SEALED))


def test_a_mark_is_of_its_sealed_text(recipient):
    """Equal sealed texts have equal marks, and no two others do."""
    text = "".join(f"k{number}: x\n" for number in range(50))
    source = read(yamlvault.encrypt(text, keks=[recipient]))
    bare = without_metadata(source).text
    marks = [line.partition(": ")[2] for line in masked(bare).splitlines()]
    assert len(set(marks)) == 50
    assert masked(bare) == masked(bare)
    assert max(map(len, marks)) < 30


@pytest.mark.parametrize("text", [mark_of(SEALED), "# yamlvault: scope $: 4 sealed scalars"])
def test_lookalikes(text):
    """What looks like a mark or a line of ours is another text afterwards, and stays so."""
    once = without_lookalikes(text)
    assert once != text
    assert without_lookalikes(once) == once
    assert once.replace("\\", "") == text
