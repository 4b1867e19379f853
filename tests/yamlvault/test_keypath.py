"""Key paths: the gem's syntax, read strictly (docs/key-paths.md)."""

import pytest

from yamlvault.document.compose import compose
from yamlvault.errors import KeyPathError
from yamlvault.keypath import parse, parse_list
from yamlvault.selection import select, with_targets

TEXT = """\
a: 1
b:
  c: 2
  d: [3, {e: 4}, [5, 6]]
"x, y": 7
"q.r": 8
"it's": 9
:sym: 10
5432: 11
true: 12
"*": 13
? [k]
: 14
list:
  - name: 15
"""


def named(text, paths):
    """Return the numbers in the subtrees that the paths name."""
    nodes = select(compose(text), parse_list(paths))
    return [int(scalar.value) for scalar in with_targets(nodes)]


@pytest.mark.parametrize(
    ("paths", "numbers"),
    [
        ("$", list(range(1, 16))),
        ("$.a", [1]),
        ("$.b", [2, 3, 4, 5, 6]),
        ("$.b.d[0]", [3]),
        ("$.b.d.0", [3]),
        ("$.b.d.[0]", [3]),
        ("$.b.d[1].e", [4]),
        ("$.b.d[2][1]", [6]),
        ("$.b.d[*]", [3, 4, 5, 6]),
        ("$.b.*", [2, 3, 4, 5, 6]),
        ("$.*.c", [2]),
        ("$.'x, y'", [7]),
        ('$."x, y", $.a', [1, 7]),
        ("$.a,$.b.c", [1, 2]),
        ("$.a,   $.b.c  ", [1, 2]),
        ("$.'q.r'", [8]),
        ('$."it\'s"', [9]),
        ("$.'it\\'s'", [9]),
        ("$.:sym", [10]),
        ("$.5432", [11]),
        ("$.true", [12]),
        ("$./^[a-b]$/", [1, 2, 3, 4, 5, 6]),
        ("$./x, y/", [7]),
        ("$./q\\.r/", [8]),
        ("$.list[0].name", [15]),
        ("$.*", list(range(1, 16))),
        ("$.'*'", [13]),
    ],
)
def test_what_a_path_names(paths, numbers):
    """A path names the subtrees that it matches, in the order of the document."""
    assert named(TEXT, paths) == numbers


@pytest.mark.parametrize(
    "paths",
    ["$.sym", "$.[5432]", "$./5432/", "$./true/", "$.b.c.*", "$.b.d[3]", "$.b.d.e", "$.a.b", "$.A"],
)
def test_a_path_that_names_nothing_is_an_error(paths):
    """Plaintext that a mistyped path meant is not left in silence."""
    with pytest.raises(KeyPathError, match="names nothing"):
        named(TEXT, f"$.a, {paths}")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("a.b", 1),
        ("", 1),
        ("$.", 3),
        ("$..a", 3),
        ("$a", 2),
        ("$.a[", 5),
        ("$.a[x]", 5),
        ("$.a[-1]", 5),
        ("$.'a", 5),
        ('$."a', 5),
        ("$./a", 5),
        ("$./(/", 6),
        ("$.a b,", 7),
        ("$.'a'b", 6),
    ],
)
def test_malformed_paths(path, place):
    """A malformed path is refused, with the place of the mistake."""
    with pytest.raises(KeyPathError, match=rf"at character {place}$"):
        parse_list(path)


def test_one_path_is_wanted():
    """Where one value is asked for, a list of paths is refused."""
    with pytest.raises(KeyPathError, match="one key path"):
        parse("$.a, $.b")


def test_every_document_of_a_stream():
    """`$` is the root of each document; a path must name something in one of them."""
    assert named("a: 1\n---\na: 2\n---\nb: 3\n", "$.a") == [1, 2]


def test_aliases_and_merges_are_sealed_where_they_are_anchored():
    """What an alias in a subtree stands for is meant too: its value is a value of the subtree."""
    text = "d: &d {x: 1}\ne: &e 2\np:\n  <<: *d\n  y: *e\n  z: 3\no: 4\n"
    assert named(text, "$.p") == [1, 2, 3]


def test_keys_are_never_named():
    """Scalars in mapping keys are not sealed, complex keys included."""
    assert named("? {1: 2}\n: 3\n", "$") == [3]


def test_an_alias_as_a_key_has_the_name_it_stands_for():
    """`*k : …` is found under the text of the anchored key."""
    assert named("&k name: 1\nb: {*k : 2}\n", "$.b.name") == [2]


def test_suggestion():
    """The hint names the key that is near, where the path stopped matching."""
    with pytest.raises(KeyPathError) as caught:
        named("production:\n  password: 1\n", "$.production.pasword")
    assert "`password`" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("$.' a'", " a"),
        ("$.a b", "a b"),
        (r'$."a\"b"', 'a"b'),
        (r"$.'a\\'", "a\\"),
        (r'$."\a"', "a"),
        ("$.''", ""),
        ("$.'/x/'", "/x/"),
        ("$.'[0]'", "[0]"),
        ("$.:'a'", ":'a'"),
        ("$.-1", "-1"),
        ("$.007", "007"),
        ("$.é\U0001f511", "é\U0001f511"),
    ],
)
def test_texts_of_keys(path, key):
    """Quotes and backslashes make any text a key; without quotes it is what stands there."""
    component = parse(path).components[0]
    assert (component.text, component.matches_key(key, is_text=True)) == (key, True)
    assert not component.matches_key(f"{key}x", is_text=True)
    assert not component.matches_key(None, is_text=False)


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (r"$./a\/b/", "a/b", True),
        (r"$./^a$/", "ab", False),
        ("$./a/", "bab", True),
        ("$./(?i)A/", "a", True),
        (r"$./\d/", "x1", True),
        (r"$./\\/", "\\", True),
        ("$.//", "anything", True),
    ],
)
def test_regular_expressions(path, text, found):
    """An expression is searched for in keys that are strings; a slash has a backslash."""
    component = parse(path).components[0]
    assert component.matches_key(text, is_text=True) is found
    assert not component.matches_key(text, is_text=False)
    assert not component.matches_item(0)


@pytest.mark.parametrize("path", ["$.'0'", '$."0"'])
def test_a_quoted_number_is_a_key(path):
    """In quotes it is text and names no item; in brackets it names no key."""
    assert named("'0': 1\n", path) == [1]
    with pytest.raises(KeyPathError):
        named("- 1\n", path)
    with pytest.raises(KeyPathError):
        named("0: 1\n", "$[0]")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 20, "9" * 5000])
@pytest.mark.parametrize("form", ["$.{}", "$[{}]"])
def test_numbers_that_no_list_reaches(form, number):
    """A number of any length is a number, and names nothing."""
    with pytest.raises(KeyPathError, match="names nothing"):
        named("- 1\n", form.format(number))
