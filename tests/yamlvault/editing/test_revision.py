"""Revision: the encrypted text opens to just what was edited, and only what changed is new."""

import re

import pytest
from documents import streams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parties import (
    ADMIN,
    ANN,
    BEN,
    PASSERBY,
    SEALED,
    TWO,
    encrypted,
    key_ids,
    more,
    opened,
    two,
)
from test_constructs import EXACT, FILES

import yamlvault
from yamlvault import DocumentError, IntegrityError, NoKeyError, ScopeRule
from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.document.text import encode, newline_of
from yamlvault.editing.draft import Draft
from yamlvault.editing.revision import revise
from yamlvault.format.encoding import path_of
from yamlvault.format.payload import has_lines
from yamlvault.sealing import encrypt
from yamlvault.source import parse, read

ONE = [ScopeRule((ADMIN.kek,))]


def draft_of(plain, rules=None, keyring=ADMIN.keyring):
    """Return the draft of a text that is encrypted just now."""
    return Draft(parse(encrypt(parse(plain), rules or ONE, PASSERBY).text), keyring)


def revised(draft, text, keyring=ADMIN.keyring, rules=None):
    """Return what an edit makes of a draft; it opens to the edited text."""
    sealing = revise(draft, text, keyring, rules)
    assert opened(sealing.text) == text
    assert sealing.sealed + sealing.kept == len(parse(sealing.text).sealed)
    return sealing


def sealed_texts(text):
    """Return the sealed texts by the path of the scalar."""
    return {path_of(scalar): scalar.sealed for scalar in parse(text).sealed}


def sources(text):
    """Return how what could be sealed is written, and whether in flow, by its path."""
    return {
        path_of(node): (text[node.start : node.end], bool(node.parent and node.parent.is_flow))
        for node in compose(text).nodes
        if isinstance(node, Scalar) and node.encoded is None and not node.is_empty
    }


# --- every construct


@pytest.mark.parametrize(("parser", "name"), EXACT, indirect=["parser"])
def test_nothing_edited(name, parser, recipient, keyring):
    """A revision without an edit changes no sealed scalar, and opens to the same bytes."""
    data = FILES[name].read_bytes()
    source = read(yamlvault.encrypt(data, keks=[recipient]))
    draft = Draft(source, keyring)
    sealing = revise(draft, draft.text, keyring)
    assert sealed_texts(sealing.text) == sealed_texts(source.text)
    assert sealing.sealed == 0
    assert yamlvault.decrypt(encode(sealing.text, bom=source.bom), keyring=keyring) == data


@pytest.mark.parametrize(("parser", "name"), EXACT, indirect=["parser"])
def test_comment_in_front(name, parser, recipient, keyring):
    """A comment line in front of everything changes no sealed scalar."""
    data = FILES[name].read_bytes()
    source = read(yamlvault.encrypt(data, keks=[recipient]))
    draft = Draft(source, keyring)
    text = f"# new{newline_of(draft.text)}{draft.text}"
    sealing = revise(draft, text, keyring)
    assert sealed_texts(sealing.text) == sealed_texts(source.text)
    assert yamlvault.decrypt(sealing.text.encode(), keyring=keyring) == text.encode()


# --- random edits


def outcome(do, *arguments):
    """Return what is done, or why the text is refused."""
    try:
        return do(*arguments), None
    except DocumentError as error:
        return None, error


@st.composite
def edited(draw, text):
    """Return a text after some edits, most of which leave it YAML."""
    for _ in range(draw(st.integers(1, 3))):
        lines = text.splitlines(keepends=True)
        if not lines:
            return text
        index = draw(st.integers(0, len(lines) - 1))
        newline = newline_of(text)
        kind = draw(st.sampled_from(["word", "word", "comment", "delete", "twice", "swap", "add"]))
        if kind == "word":
            scalars = [one for one in compose_or_none(text) if not one.is_empty]
            if not scalars:
                continue
            scalar = draw(st.sampled_from(scalars))
            new = draw(st.sampled_from(["new", '"new"', "42", "'n w'", "yes", "", "[n, w]"]))
            text = text[: scalar.start] + new + text[scalar.end :]
            continue
        if kind == "comment":
            lines.insert(index, f"# said{newline}")
        elif kind == "delete":
            del lines[index]
        elif kind == "twice":
            lines.insert(index, lines[index])
        elif kind == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], lines[index]
        else:
            lines.insert(index, f"new{draw(st.integers(0, 9))}: v{newline}")
        text = "".join(lines)
    return text


def compose_or_none(text):
    """Return the scalars of a text, none where it is not YAML."""
    try:
        return [node for node in compose(text).nodes if isinstance(node, Scalar)]
    except DocumentError:
        return []


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_edit(data):
    """Any edit is refused with its place, or opens to its text, with all kept that is the same."""
    plain = data.draw(streams())
    try:
        source = read(encode(encrypt(read(plain), ONE, PASSERBY).text, bom=read(plain).bom))
    except DocumentError:
        return
    draft = Draft(source, ADMIN.keyring)
    text = data.draw(edited(draft.text))
    sealing, refusal = outcome(revised, draft, text)
    if sealing is None:
        _, unreadable = outcome(compose, text)
        assert refusal.line is not None or "can't be edited" in refusal.message
        assert unreadable is None or str(refusal) == str(unreadable)
        return
    before, after = sealed_texts(source.text), sealed_texts(sealing.text)
    old, new = sources(draft.text), sources(text)
    for path, sealed in after.items():
        if not has_lines(new[path][0]):
            # an anchor is outside of what is sealed: one of another name changes nothing
            was, now = (_without_anchor(one.get(path)) for one in (old, new))
            assert (before.get(path) == sealed) == (was == now)


def _without_anchor(found):
    """Return the text of a scalar without an anchor, behind its tag if it has one."""
    return found and (re.sub(r"\A(![^\s&]*\s+)?&\S+\s+", r"\1", found[0]), *found[1:])


# --- what is kept


TREE = """\
# head
a: &a
  one: 1   # first
  two: "t w o"
list:
  - x
  - y: z
  - |
    l1
    l2
last: {f: [1, 2], g: 'h'}
"""


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("one: 1", "one: 2", 1),
        ('"t w o"', "t w o", 1),
        ("one: 1   # first", "one:  1 # second", 0),
        ('  one: 1   # first\n  two: "t w o"', '  two: "t w o"\n  one: 1', 0),
        ("# head\n", "", 0),
        ("# head\n", "# head\nnew: v\n", 1),
        ("  - x\n", "  - w\n  - x\n", 4),  # all in the list are at other places then
        ("  - x\n", "  - x\n  - w\n", 3),
        ("    l2\n", "    l2\n  - w\n", 1),
        ("  - x\n", "", 2),
        ("last:", "first:", 3),
        ("[1, 2]", "[1, 2, 3]", 1),
        ("[1, 2]", "[ 1,\n  2 ]", 0),
        ("'h'", "", 0),
        ("&a", "", 0),
        ("a: &a", "a: &b", 0),
        ("    l1\n    l2\n", "       l1\n       l2\n", 1),
        ("last: ", "ref: *a\nlast: ", 0),
    ],
)
def test_how_many_are_sealed(old, new, count):
    """What has its path and its text is kept, all else is sealed anew."""
    assert old in TREE
    draft = draft_of(TREE)
    text = TREE.replace(old, new, 1)
    sealing = revised(draft, text)
    assert sealing.sealed == count
    before, after = sealed_texts(draft.lock.source.text), sealed_texts(sealing.text)
    assert sum(before.get(path) != sealed for path, sealed in after.items()) == count


def test_moved_section_with_another_indentation():
    """A section that is moved and indented otherwise keeps its sealed texts, those of lines too."""
    plain = "a:\n  k: 1\n  l: |\n    x\n    y\nb:\n  c: 2\n"
    text = "b:\n  c: 2\na:\n    l: |\n      x\n      y\n    k: 1\n"
    assert revised(draft_of(plain), text).sealed == 0


def test_only_the_line_differs():
    """One scalar of many edited changes its line, and in the metadata the MACs."""
    plain = "".join(f"s{n}:\n" + "".join(f"  k{m}: v\n" for m in range(20)) for n in range(25))
    draft = draft_of(plain)
    sealing = revised(draft, plain.replace("s7:\n  k0: v", "s7:\n  k0: w"))
    pairs = zip(draft.lock.source.text.splitlines(), sealing.text.splitlines(), strict=True)
    (line, mac) = [new.split(":")[0].strip() for old, new in pairs if old != new]
    assert line == "k0"
    assert mac != "root"


# --- what is to be sealed


def test_only_paths_under_seal():
    """A new key under a `seal` path is sealed, and another is not."""
    rules = [ScopeRule((ADMIN.kek,), ("$",), ("$.*.password",))]
    plain = "a:\n  password: p\n  host: h\n"
    text = plain + "b:\n  password: q\n  host: i\n"
    sealing = revised(draft_of(plain, rules), text, rules=rules)
    assert re.sub(SEALED, "S", sealing.text).startswith(
        "a:\n  password: S\n  host: h\nb:\n  password: S\n  host: i\nyamlvault:"
    )
    assert sealing.sealed == 1


def test_last_secret_removed():
    """What was sealed may all be taken out."""
    rules = [ScopeRule((ADMIN.kek,), ("$",), ("$.a.password",))]
    sealing = revised(draft_of("a:\n  password: p\n  host: h\n", rules), "a:\n  host: h\n")
    assert sealing.sealed == sealing.kept == 0


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ("a: 1\r\nb: 2\r\n", "a: 1\r\nnew: 3\r\nb: 2\r\n"),
        ('{"a": "x", "b": 2}\n', '{"a": "x", "n": "new", "b": 2}\n'),
        ("a: 1\n---\nb: 2\n", "a: 1\nc: 3\n---\nb: 2\n---\nd: 4\n"),
        ("a: 1\n---\nb: 2\n", "a: 1\n"),
        ("- a\n- b\n", "- a\n"),
        ("a: 1", "a: 1\nb: 2"),
        ("a: 1\n", "just a text\n"),
        ("a: 1\n", "a: |\n  no line break"),
        ("a: |\n  no line break", "a: |\n  no line break\n"),
        ("a: &x 1\nb: *x\n", "a: &x 2\nb: *x\nc: *x\n"),
        ("a: &x 1\n", "a: &x"),
        ("a: 1\n", "# nothing\n"),
    ],
)
def test_layouts(plain, text):
    """Line breaks, flow, several documents and roots of all kinds open to what was edited."""
    draft = draft_of(plain)
    sealing = revised(draft, text)
    if plain.startswith("{"):
        assert sealing.text.count('"yv1.') == 3


# --- refusals


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: 1\nb: [\n", 3, 1, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate key"),
        ("a:\n\tb: 1\n", 2, 1, "not valid YAML"),
        ("a: 1\nyamlvault: {}\n", 2, 1, "reserved"),
        ("a: 1\n---\n? yamlvault\n: 2\n", 3, 3, "reserved"),
        ("b: *x\n", 1, 4, "no anchor"),
        ("a: yv1.AAAAAAAA.BBBB\n", 1, 4, "was not sealed for this place"),
        ("a: \a\n", 1, 4, "not allowed"),
        ("a: &x'y'\n", None, None, ""),
    ],
)
def test_refused_with_its_place(text, line, column, says):
    """What can't be taken is refused with line and column in the edited text."""
    draft = draft_of("a: &x 1\nb: *x\n")
    with pytest.raises((DocumentError, IntegrityError)) as caught:
        revise(draft, text, ADMIN.keyring)
    if line is not None:
        assert (caught.value.line, caught.value.column) == (line, column)
    assert says in caught.value.message
    assert "'y'" not in caught.value.message


# --- scopes that do not open


def test_closed_scope_stays():
    """A scope that does not open keeps its sealed scalars, and stays as its writer signed it."""
    draft = Draft(parse(encrypted()), ANN.keyring)
    text = "# said\n" + draft.text.replace("x: 1", "x: 2")
    sealing = revise(draft, text, ANN.keyring, two())
    assert sealing.unchecked == ("$.ben",)
    assert sealing.sealed == 1
    assert opened(sealing.text) == "# said\n" + TWO.replace("x: 1", "x: 2")


def _broken(sealed):
    """Return a sealed text with another character in the middle."""
    return sealed[:30] + ("A" if sealed[30] != "A" else "B") + sealed[31:]


def edit_of_closed(change):
    """Return a draft of which Ann opens her scope alone, and what becomes of its text."""
    draft = Draft(parse(encrypted()), ANN.keyring)
    (sealed,) = SEALED.findall(draft.text)
    return draft, change(draft.text, sealed)


@pytest.mark.parametrize(
    ("change", "line", "error"),
    [
        (lambda text, sealed: text.replace("y: two", f"y: {sealed}"), 4, IntegrityError),
        (lambda text, sealed: text.replace("name:", f"n: {sealed}\nname:"), 1, IntegrityError),
        (lambda text, sealed: text.replace("z:", "w:"), 6, IntegrityError),
        (lambda text, sealed: text.replace(sealed, _broken(sealed)), 6, IntegrityError),
        (lambda text, sealed: text.replace(sealed, "new"), 6, NoKeyError),
        (lambda text, sealed: text + "  more: new\n", 7, NoKeyError),
        (lambda text, sealed: text.replace(f"  z: {sealed}", "  {}"), None, NoKeyError),
    ],
    ids=["copied", "moved", "renamed", "broken", "replaced", "added", "removed"],
)
def test_closed_scope_is_not_to_be_changed(change, line, error):
    """What is sealed and does not open can't be moved or changed: refused with the line."""
    draft, text = edit_of_closed(change)
    with pytest.raises(error) as caught:
        revise(draft, text, ANN.keyring, two())
    assert caught.value.line == line


def test_write_only():
    """With `append` a scope that does not open gets what is new under a data key of its own."""
    rules = two(append=True)
    draft = Draft(parse(encrypted(append=True)), ANN.keyring)
    (sealed,) = SEALED.findall(draft.text)
    text = draft.text.replace(sealed, "fresh") + "  more: new\n"
    sealing = revise(draft, text, ANN.keyring, rules)
    assert sealing.appended == ("$.ben",)
    assert list(map(len, key_ids(sealing.text))) == [1, 2]
    assert opened(sealing.text) == TWO.replace("three", "fresh") + "  more: new\n"
    assert opened(sealing.text, BEN.keyring.__class__([ADMIN.identity, BEN.identity]))


def test_write_only_who_opens_nothing():
    """Who opens nothing at all can still add, and all that was sealed stays."""
    rules = two(append=True)
    draft = Draft(parse(encrypted(append=True)), PASSERBY)
    sealing = revise(draft, draft.text.replace("ben:\n", "ben:\n  more: new\n"), PASSERBY, rules)
    assert sealing.appended == ("$.ben",)
    assert sealing.sealed == 1
    assert opened(sealing.text) == TWO.replace("ben:\n", "ben:\n  more: new\n")


def test_encrypt_has_nothing_to_do_after_it():
    """What was revised is signed: nothing is left to seal or to vouch for."""
    sealing = revised(draft_of(TREE), TREE.replace("x", "w"))
    with pytest.raises(yamlvault.AlreadyEncryptedError):
        more(sealing.text, ADMIN.keyring)
