"""Assignment: one value set, and nothing else."""

import json
import textwrap

import pytest
import yaml
from documents import streams
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st
from parties import ADMIN, PASSERBY, path_text

import yamlvault
from yamlvault.document.compose import compose
from yamlvault.document.new_scalar import Value
from yamlvault.document.node import Scalar
from yamlvault.document.text import encode
from yamlvault.editing.assignment import assign
from yamlvault.editing.setting import set_value
from yamlvault.errors import DocumentError, KeyPathError
from yamlvault.keypath import parse
from yamlvault.source import read

LENIENT = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.lists(
        st.sampled_from(["one", "two ", " three", "", "# no", "a: b", "- c", "\ttab", "é", "..."]),
        min_size=1,
        max_size=5,
    ).map("\n".join),
    st.sampled_from(
        ["yes", "42", "~", "null", "0x1", "1:30", "2024-01-01", "<<", "=", "*a", "&a", "!x", "%",
         "{a: b}", "[a", "it's", 'say "x"', "a\\b", "a #b", "a: b", "- a", "? a", "| a", "---",
         "\ufeffa", "\u2028", "a\r\nb", "a\rb", "\x85", "\0", "yv1.", "yv1.AAAAAAAA."]
    ),
)  # fmt: skip

BLOCK = "a:\n  x: 1 # said\n  y: two\n\n# end\nb: &b [1, {c: d}]\nl:\n- v\n- k: w\nlast: z\n"
JSON = json.dumps({"a": {"x": "1", "y": []}, "b": ["q"], "l": {}}, indent=2) + "\n"
FILES = {
    "block": BLOCK,
    "crlf": BLOCK.replace("\n", "\r\n"),
    "no last line break": BLOCK.removesuffix("\n"),
    "byte order mark": "\ufeff" + BLOCK,
    "json": JSON,
    "json line": json.dumps(json.loads(JSON)),
    "markers": f"--- # head\n{BLOCK}...\n",
    "deep": f"top:\n    deep:\n{textwrap.indent(BLOCK, ' ' * 8)}",
}
PATHS = ["$.a.x", "$.a.y", "$.l[0]", "$.l[1].k", "$.last", "$.a.new", "$.new", "$.a.'new key'",
         "$.new.deep.'er'", "$.b[1].c", "$.l[2]", "$.b[1]",
         "$.b[1].new", "$.a.'7'", "$.'yes'", "$.l.new"]  # fmt: skip


def put(encrypted, path, value):
    """Return an encrypted file in which a value is set, as `yamlvault set` does it."""
    source = read(encrypted)
    sealing = set_value(source, parse(path), Value(value), ADMIN.keyring)
    return encode(sealing.text, bom=source.bom)


def around(before, after):
    """Return what is gone of the first text, and what is new in the second."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return before[start : len(before) - end], after[start : len(after) - end]


def _common(first, second):
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(first), len(second)))


@pytest.mark.parametrize("name", FILES)
@settings(LENIENT, max_examples=60)
@given(value=TEXTS, path=st.sampled_from(PATHS))
def test_what_is_set_is_got(name, value, path):
    """Any text comes back from any place in any style of file, and nothing else is changed."""
    plain = FILES[name].encode()
    if name == "deep":
        path = path.replace("$", "$.top.deep")
    encrypted = yamlvault.encrypt(plain, keks=[ADMIN.kek])
    try:
        changed = put(encrypted, path, value)
    except KeyPathError as error:
        assert any(part in path for part in (".l.", "l[", "b[", "a.y")), error  # noqa: PT017
        reject()
    assert yamlvault.loads(changed, path=path, keyring=ADMIN.keyring) == value
    after = yamlvault.decrypt(changed, keyring=ADMIN.keyring)
    gone, new = around(plain.decode(), after.decode())
    assert any(gone in old for old in ('"1"', "two", "v", "w", "z", "d", '"q"'))
    assert without(yaml.safe_load(plain), path) == without(yaml.safe_load(after), path)
    if "crlf" in name and "\n" not in value:
        assert new.count("\n") == new.count("\r\n")
    if "json" in name:
        assert without(json.loads(after), path) == without(json.loads(plain), path)


def without(data, path):
    """Return the data without what a path of names leads to, nor mappings that are empty then."""
    names = [component.text for component in parse(path).components]
    return _without(data, names)


def _without(data, names):
    if isinstance(data, list):
        index = int(names[0]) if names and names[0].isdigit() else -1
        kept = [
            _without(item, names[1:]) if number == index else item
            for number, item in enumerate(data)
            if number != index or names[1:]
        ]
        while kept and kept[-1] is None:  # an item that was appended
            kept.pop()
        return kept or None
    if not isinstance(data, dict) or not names:
        return data
    kept = {
        key: _without(value, names[1:]) if key == names[0] else value
        for key, value in data.items()
        if key != names[0] or names[1:]
    }
    return {key: value for key, value in kept.items() if value is not None} or None


@settings(LENIENT, max_examples=250)
@given(data=streams(), value=TEXTS, choice=st.data())
def test_any_scalar_of_any_document(data, value, choice):
    """Where a scalar stands is set to the value, all other nodes stay; or it is refused."""
    try:
        source = read(data)
    except DocumentError:
        reject()
    paths = [
        path for node in source.stream.nodes if type(node) is Scalar and (path := path_text(node))
    ]
    path = choice.draw(st.sampled_from([one for one in paths if one != "$"] or ["$.none"]))
    path += choice.draw(st.sampled_from(["", "", ".new"]))
    try:
        assigned = assign(source.stream, parse(path), Value(value))
    except (DocumentError, KeyPathError) as error:
        event(f"refused: {error.message.partition(path)[2][:40]}")
        return
    event("set")
    again = compose(assigned.text)
    assert assigned.node.value == value
    kept = {
        path_text(node): node.value
        for node in source.stream.nodes
        if type(node) is Scalar and path_text(node) and not path.startswith(path_text(node))
    }
    now = {path_text(node): node.value for node in again.nodes if type(node) is Scalar}
    assert kept.items() <= now.items()
    assert len(again.nodes) - len(source.stream.nodes) in (0, 1, 2, 4)


@pytest.mark.parametrize("sealed", ["yv1.AAAAAAAA.AAAA", "yv1.--------.--------"])
@pytest.mark.parametrize("name", ["block", "json"])
def test_a_value_that_looks_sealed(name, sealed):
    """A text in the form of a sealed scalar is refused: no reader would open the file again."""
    encrypted = yamlvault.encrypt(FILES[name], keks=[ADMIN.kek])
    for path in ("$.a.x", "$.new"):
        with pytest.raises(KeyPathError, match="the form of a sealed scalar") as caught:
            put(encrypted, path, sealed)
        assert sealed not in f"{caught.value!r} {caught.value.hint}"
    own = str(read(encrypted).sealed[0].sealed)
    with pytest.raises(KeyPathError, match="the form of a sealed scalar"):
        put(encrypted, "$.a.x", own)
    for near in (f" {sealed}", f"{sealed}\n", sealed[:13], sealed.upper()):
        changed = put(encrypted, "$.a.x", near)
        assert yamlvault.loads(changed, path="$.a.x", keyring=ADMIN.keyring) == near


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("a: 1\n", "$", "no place for one value"),
        ("a: 1\n", "$.*", "does not name one place"),
        ("a: 1\n", "$./a/", "does not name one place"),
        ("a: 1\n", "$.a.b", "no mapping"),
        ("a: {b: 1}\n", "$.a", "names a mapping"),
        ("a: [1]\n", "$.a", "names a list"),
        ("a: [1]\n", "$.a[2]", "an item that is not there"),
        ("a: &a {b: 1}\nc: *a\n", "$.c.b", "an alias"),
        ("a: &a {b: 1}\nc: *a\n", "$.c", r"is an alias, \*a"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", "$.c.<<", "is a merge key"),
        ("- 1\n", "$.a", "no mapping"),
        ("a\n", "$.a", "no mapping"),
    ],
)
def test_no_place_for_a_value(text, path, says):
    """What names no place for one scalar is refused with the reason."""
    with pytest.raises(KeyPathError, match=says):
        assign(compose(text), parse(path), Value("v"))


@pytest.mark.parametrize("path", ["$.yamlvault", "$.yamlvault.format"])
def test_the_key_of_the_metadata(path):
    """Nothing is put at the key that the metadata has."""
    with pytest.raises(DocumentError, match="reserved for the metadata"):
        assign(compose("a: 1\n"), parse(path), Value("v"))


def test_several_documents():
    """In a stream of several documents a path names no one place."""
    with pytest.raises(DocumentError, match="one document"):
        assign(compose("a: 1\n---\na: 2\n"), parse("$.a"), Value("v"))


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        ("", "$.a.b", "v", "a:\n  b: v\n"),
        ("a:\n", "$.a", "v", "a: v\n"),
        ("a: # said\n", "$.a", "v", "a: v # said\n"),
        ("a:\n", "$.a.b", "v", "a:\n  b: v\n"),
        ("a:\n    b: 1\nc:\n", "$.c.d", "v", "a:\n    b: 1\nc:\n    d: v\n"),
        ("a:\n  b: 1\n# end\n", "$.a.c", "v", "a:\n  b: 1\n  c: v\n# end\n"),
        ("a: 1", "$.b", "v", "a: 1\nb: v"),
        ("a: 1\r\n", "$.b", "l\nm", 'a: 1\r\nb: "l\\nm"\r\n'),
        ("a: &x 1\nb: *x\n", "$.a", "v", "a: &x v\nb: *x\n"),
        ("a: !!int 1\n", "$.a", "v", "a: v\n"),
        ("a: 1 # c\n", "$.a", "l\nm\n", 'a: "l\\nm\\n" # c\n'),
        ("a: 1\n", "$.a", "l\nm\n", "a: |\n  l\n  m\n"),
        ("a: 1\nb: 2\n", "$.a", "l\nm", "a: |-\n  l\n  m\nb: 2\n"),
        ("a: 1\nb: 2\n", "$.a", "l\n\n\n", "a: |+\n  l\n\n\nb: 2\n"),
        ("- a: 1\n", "$[0].b", "l\nm\n", "- a: 1\n  b: |\n    l\n    m\n"),
        ("{}\n", "$.a.b", "v", '{"a": {"b": "v"}}\n'),
        ('{"a": 1}\n', "$.b", "v", '{"a": 1, "b": "v"}\n'),
        ("{a: }\n", "$.b", "v", "{a: , b: v }\n"),
        ("{a: 1,}\n", "$.b", "v", "{a: 1, b: v,}\n"),
        ("a: |\n  text\n", "$.b", "v", "a: |\n  text\nb: v\n"),
        ("a: old\n", "$.a", "", 'a: ""\n'),
        ("? a\n: 1\n", "$.a", "v", "? a\n: v\n"),
    ],
)
def test_how_it_is_written(text, path, value, result, parser):
    """A value takes the place of the old one, a new entry stands behind the last one."""
    assert assign(compose(text), parse(path), Value(value)).text == result


@pytest.mark.parametrize("path", ["$.b", "$.d.e", "$.a.f"])
def test_nothing_new_is_plaintext(path):
    """A new path that nothing seals is refused: the value would stay in plaintext."""
    text = "a:\nc: 2\n"
    encrypted = yamlvault.encrypt(text, keks=[ADMIN.kek], seal="$.c", keyring=PASSERBY)
    with pytest.raises(KeyPathError, match="none of what is sealed"):
        put(encrypted, path, "v")
