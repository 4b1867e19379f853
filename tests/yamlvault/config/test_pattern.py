"""Patterns of file names: what can match nothing."""

import pytest

from yamlvault.config.pattern import flaw, matches


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("!a.yml", "take files out"),
        ("/srv/shop/a.yml", "absolute"),
        ("config/", "a folder is no file"),
        ("./a.yml", "empty component"),
        ("../a.yml", "empty component"),
        ("a/../b.yml", "empty component"),
        ("a//b.yml", "empty component"),
        ("//a.yml", "empty component"),
        ("..", "empty component"),
        ("a/[z-a].yml", "range"),
        ("[!].yml", "a set that is empty"),
    ],
)
def test_patterns_that_match_nothing(pattern, says):
    """A pattern that can match no file says why, and what to write."""
    found = flaw(pattern, "/srv/shop")
    assert says in found.message
    assert found.hint


@pytest.mark.parametrize(
    "pattern",
    ["a.yml", "/a.yml", "a/**", "**/a.yml", "*", "...", "a/...", ".a/b", "/srv/a", "a..b"],
)  # fmt: skip
def test_patterns_that_can_match(pattern):
    """A pattern that can match a file has no flaw."""
    assert flaw(pattern, "/srv/shop") is None


def test_the_hint_is_a_pattern_that_works():
    """What is written as the hint says matches the file that was meant."""
    hint = flaw("/srv/shop/config/a.yml", "/srv/shop").hint
    assert matches(hint.removeprefix("write "), "config/a.yml")
    assert matches(flaw("config/", "/srv/shop").hint.removeprefix("write "), "config/x/a.yml")
