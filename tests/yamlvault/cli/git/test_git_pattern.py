"""Patterns of ours mean the same to git: asked with `git check-attr`."""

from __future__ import annotations

import itertools
import random

import pytest

from yamlvault.cli.git.pattern import translated
from yamlvault.config.pattern import matches

PIECES = [
    *("a", "b", "a.yml", "secrets", ".", "-", "x y", "!", "#", '"', "\\", "\t", "["),
    *(
        "*",
        "**",
        "**/",
        "?",
        "/",
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[]a]",
        "[!]]",
        "[\\]",
        "[attr]",
    ),
    *("[[:alpha:]]", "[c-a]", "]", "***", "é"),
]
SPECIAL = [
    *("*secrets*.yml", "config/**/*.enc.yml", "config/**.yml", "/top.yml", "**/x.yml", "a**b/c"),
    *(
        "#a",
        "!a",
        '"a"',
        "a b",
        "[attr]x",
        "config/**",
        "**",
        "/**",
        "a/**/b",
        "x/",
        "a**/b",
        "**b",
    ),
    *("***/a", "a/***", "a***b/c", "[!a]", "[^]]", "\\a", "[", "a[", "[]", "*.yml*"),
]
NAMES = ["a", "b", "ab", "c", "a.yml", "secrets.yml", "x y", "!a", "#a", '"a"', "\\a", "[a", "t]"]


def patterns(seed):
    rng = random.Random(seed)
    return ["".join(rng.choices(PIECES, k=rng.randint(1, 5))) for _ in range(150)]


def paths(seed):
    rng = random.Random(seed)
    found = {"/".join(rng.choices(NAMES, k=rng.randint(1, 4))) for _ in range(150)}
    return sorted({*found, *NAMES, "config/a.yml", "config/x/y.enc.yml", "top.yml", "d/top.yml"})


@pytest.mark.parametrize("folder", ["", "sub [x]"])
@pytest.mark.parametrize("seed", range(6))
def test_git_takes_them_as_we_do(fresh, folder, seed):
    """A pattern sets the attribute for just the files that the rule is for."""
    ours = list(dict.fromkeys([*(SPECIAL if not seed else []), *patterns(seed)]))
    lines = [
        f"{one} p{number}\n"
        for number, pattern in enumerate(ours)
        for one in translated(pattern, folder)
    ]
    (fresh.folder / ".gitattributes").write_text("".join(lines), encoding="utf-8")
    names = paths(seed)
    below = [f"{folder}/{name}" for name in names] if folder else names
    found = fresh.git("check-attr", "-z", "--all", "--", *below, *(["a"] if folder else []))
    fields = found.split("\0")
    set_for = set(zip(fields[::3], fields[1::3], strict=False))
    for (number, pattern), (name, path) in itertools.product(
        enumerate(ours), zip(names, below, strict=True)
    ):
        assert ((path, f"p{number}") in set_for) == matches(pattern, name), (pattern, name)


def test_too_many_lines(fresh):
    """A pattern that would become very many lines is refused, and not written in part."""
    fresh.session.ok("init", "a**/" * 9 + "b")
    assert "too many **" in fresh.session.refused("git", "install")
    assert not (fresh.folder / ".gitattributes").exists()
    assert "yamlvault" not in (fresh.folder / ".git" / "config").read_text()
