"""One entry taken out of a document."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from documents import streams
from hypothesis import given, settings

from yamlvault.document.compose import compose
from yamlvault.document.text import decode
from yamlvault.editing.removal import remove
from yamlvault.errors import DocumentError, KeyPathError
from yamlvault.keypath import KeyPath, Name, parse

CONSTRUCTS = sorted((Path(__file__).parents[3] / "fixtures" / "constructs").glob("*.yml"))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("$.a", "a: 1\nb: 2\n", "b: 2\n"),
        ("$.b", "a: 1  # one\nb: 2  # two\n", "a: 1  # one\n"),
        ("$.b", "a: 1\nb: 2", "a: 1\n"),
        ("$.a", "a: 1\n", "{}\n"),
        ("$.a.b", "a:\n  b: 1\nc: 2\n", "a: {}\nc: 2\n"),
        ("$.a.b", "a:  # here\n  b: 1\nc: 2\n", "a: {}  # here\nc: 2\n"),
        ("$.a.b", "a: &x\n  b: 1\nc: *x\n", "a: &x {}\nc: *x\n"),
        ("$.a", "a:\n  b: 1\n  # of a\n\n# of c\nc: 2\n", "\n# of c\nc: 2\n"),
        ("$.b", "a: 1\n# of b\nb: |\n  x\n\n  y\n# of c\nc: 2\n", "a: 1\n# of b\n# of c\nc: 2\n"),
        ("$.l[0]", "l:\n  - 1\n  - 2\n", "l:\n  - 2\n"),
        ("$.l[1]", "l:\n- 1\n- 2\n- 3\n", "l:\n- 1\n- 3\n"),
        ("$.l[0]", "l:\n- 1\nm: 2\n", "l: []\nm: 2\n"),
        ("$.l[0].a", "l:\n  - a: 1\n    b: 2\n", "l:\n  - b: 2\n"),
        ("$.l[0].a", "l:\n  - a: 1\n", "l:\n  - {}\n"),
        ("$[0][0]", "- - 1\n  - 2\n", "- - 2\n"),
        ("$[1]", "- 1\n-\n- 3\n", "- 1\n- 3\n"),
        ("$.a", "{a: 1, b: 2}\n", "{b: 2}\n"),
        ("$.b", "{a: 1, b: 2}\n", "{a: 1}\n"),
        ("$.b", '{\n  "a": 1,\n  "b": 2\n}\n', '{\n  "a": 1\n}\n'),
        ("$.a", "{a: 1}\n", "{}\n"),
        ("$.l[0]", "l: [1, 2]\n", "l: [2]\n"),
        ("$.a", "? a\n: 1\n? b\n: 2\n", "? b\n: 2\n"),
        ("$.a", "a:\nb: 2\n", "b: 2\n"),
        ("$.b", "a: 1\r\nb: 2\r\nc: 3\r\n", "a: 1\r\nc: 3\r\n"),
        ("$.a", "--- # first\na: 1\nb: 2\n...\n", "--- # first\nb: 2\n...\n"),
    ],
)
def test_its_lines_go_and_nothing_else(path, before, after, parser):
    """The lines of the entry go, and with the last one its collection becomes an empty one."""
    assert remove(before, parse(path)) == after


@pytest.mark.parametrize(
    ("path", "text", "error"),
    [
        ("$.c", "a: 1\n", KeyPathError),
        ("$", "a: 1\n", KeyPathError),
        ("$.*", "a: 1\n", KeyPathError),
        ("$.a", "a: 1\n---\na: 2\n", KeyPathError),
        ("$.a", "a: &x 1\nb: *x\n", DocumentError),
        ("$.a", "a: {b: &x 1}\nb: *x\n", DocumentError),
    ],
)
def test_what_is_refused(path, text, error):
    """What names no one place, or what an alias elsewhere stands for, is not removed."""
    with pytest.raises(error):
        remove(text, parse(path))


def _places(data, path=()):
    """Yield the way to everything in the data but the root."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in pairs:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from _places(value, (*path, key))


def _removals(text):
    """Remove each entry in turn and check the data; yield whether it could be removed."""
    try:
        (data,) = list(yaml.load_all(text, Loader=yaml.BaseLoader))
    except (ValueError, yaml.YAMLError):
        return
    for place in list(_places(data)) if isinstance(data, (dict, list)) else ():
        components = [Name(str(step), is_quoted=isinstance(step, str)) for step in place]
        try:
            after = remove(text, KeyPath("$…", tuple(components)))
        except KeyPathError:
            continue  # behind an alias, or a key that is a null
        except DocumentError as error:
            yield "alias" in error.message
            continue
        # aliases share what they stand for, as the file does
        (wanted,) = list(yaml.load_all(text, Loader=yaml.BaseLoader))
        parent = wanted
        for step in place[:-1]:
            parent = parent[step]
        del parent[place[-1]]
        assert list(yaml.load_all(after, Loader=yaml.BaseLoader)) == [wanted]
        yield True


@pytest.mark.parametrize("path", CONSTRUCTS, ids=lambda path: path.stem)
def test_every_entry_of_the_constructs_can_be_removed(path, parser):
    """Each entry is removed, and the data is the data without it."""
    try:
        text, _ = decode(path.read_bytes())
        compose(text)
    except DocumentError:
        pytest.skip("not YAML")
    assert all(_removals(text))


@settings(deadline=None, max_examples=150)
@given(data=streams())
def test_nothing_else_changes(data):
    """Whatever the document: the data after a removal is the data without the entry."""
    text, _ = decode(data)
    try:
        compose(text)
    except DocumentError:
        return
    for _ in _removals(text):
        pass
