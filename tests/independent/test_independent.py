"""The second writer against the second reader, and what the reader refuses."""

import re
import sys
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import reader
import writer

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
KEYS = [str(IDENTITY)]

TEXTS = {
    "simple": "a: 1\nb: secret # c\nc:\n  d: [x, 'y', \"z\"]\n  e: {f: yes}\n",
    "block": "a: |\n  one\n\n  two\nb: >-\n    x\n    y\n\n# c\nc: |+\n  t\n\n\nd: 1\n",
    "no end": "a: b",
    "no end of block": "a: 1\nb: |\n  x\n  y",
    "keep": "a: |+\n  x\n\n\n",
    "props": "a: &x !!str 5\nb: !!int &y 6\nc: *x\nd: &z # c\n  - &q\n    7\n",
    "directive": "%TAG !e! tag:e.example,2000:\n---\na: !e!x v\n",
    "sequence": "- a\n- - |2\n      b\n  - 'c\n\n    d'\n- e: f\n  g: h\n",
    "several": "a: 1\n---\n- b\n---\nc\n...\n",
    "json": '{"a": 1, "b": [true, "\\ud83d\\ude00"], "c": {"d": null}}\n',
    "empty flow": "{}\n",
    "scalar": "--- |\n  text\n",
    "keys": "? [a, b]\n: 1\n? {c: d}\n: - 2\n? &k e\n: *k\non: 3\n'q r': {}\n",
    "comments": "# first\na: 1 # x\n\n# last\n",
    "crlf": "a: 'b\r\n  c'\r\nd: e\r\n",
    "multi": "a:\n  b: x\n    y\n  c: 'd\n    e'\n",
}


def seal_some(node):
    return node.value != "" and node.value not in ("d", "h")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_round(text):
    sealed = writer.encrypt(text, RECIPIENT, seal_some)
    assert reader.decrypt_text(sealed, KEYS) == text.encode()
    assert (b"yv1." in sealed) == (text != "{}\n")


def test_data():
    sealed = writer.encrypt(TEXTS["simple"], RECIPIENT)
    expected = {"a": 1, "b": "secret", "c": {"d": ["x", "y", "z"], "e": {"f": True}}}
    assert reader.open_file(sealed, KEYS) == [expected]
    assert b"secret" not in sealed


def test_passphrase():
    sealed = writer.encrypt("a: b\n", None, passphrase="p")
    assert reader.open_file(sealed, [], "p") == [{"a": "b"}]
    with pytest.raises(reader.NoKey):
        reader.open_file(sealed, KEYS, "q")


BASE = writer.encrypt(
    "a: 1\nb:\n  c: 2\n  x: [3]\ne: &e plain\nf: *e\n", RECIPIENT, seal_some
).decode()


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (r"format: 1", "format: 2", reader.Version),
        (r"format: 1", 'format: "1"', reader.Version),
        (r"format: 1", "format: 1\n  more: 1", reader.Malformed),
        (r"  document: .*\n", "", reader.Malformed),
        (r"(    - paths:)", r"    - seal: []\n      paths:", reader.Malformed),
        (r'paths: *\n *- "\$"', 'paths:\n        - "$.b"', reader.Malformed),
        (r'seal: *\n *- "\$"', 'seal:\n        - "$.b"', reader.Integrity),
        (r"kek: \"age:", 'kek: "kms:', reader.NoKey),
        (r"kek: \"age:", 'kek: "age: ', reader.Integrity),
        (r"^a: (.*)$", r"a: ! \1", reader.Integrity),
        (r"^a: (.*)$", r"a: plain", reader.Integrity),
        (r"^a: (.*)$", r"a: \1=", reader.Malformed),
        (r"^a: (.*)$", r"a: \1\na: \1", reader.Malformed),
        (r"^  c: ", r"  d: ", reader.Integrity),
        (r"^b:", r"B:", reader.Integrity),
        (r"^f: \*e", r"f: plain", reader.Integrity),
        (r'"\$\.b"\n', '"$.c"\n', reader.Integrity),
        (r"^yamlvault:", "other:", reader.Malformed),
        (r"$(?![\s\S])", "---\nx: 1\n", reader.Malformed),
    ],
)
def test_refused(old, new, error):
    changed, count = re.subn(old, new, BASE, count=1, flags=re.MULTILINE)
    assert count
    with pytest.raises(error):
        reader.open_file(changed.encode(), KEYS)


def test_unaffected():
    """What section 4 does not cover may change."""
    (a,) = re.findall(r"^a: .*\n", BASE, re.MULTILINE)
    moved = BASE.replace(a, "").replace("yamlvault:", f"# c\n{a}\nyamlvault:").replace("[", "[ ")
    assert reader.open_file(moved.encode(), KEYS) == reader.open_file(BASE.encode(), KEYS)
    (c,) = re.findall(r"^  c: (.*)\n", BASE, re.MULTILINE)
    quoted = BASE.replace(c, f"|-\n      {c}")
    assert reader.open_file(quoted.encode(), KEYS) == reader.open_file(BASE.encode(), KEYS)


def test_moved_into_flow():
    """Section 3.2: a block scalar in a flow collection becomes a double-quoted one."""
    sealed = writer.encrypt("a:\n  b: |\n    x\n    y\n  c: !t z, z\n", RECIPIENT).decode()
    b, c = re.findall(r"  ([bc]: yv1\..*)\n", sealed)
    flow = re.sub(r"a:\n.*\n.*\n", f"a: {{{b}, {c}}}\n", sealed)
    text = reader.decrypt_text(flow.encode(), KEYS).decode()
    assert text == 'a: {b: "x\\ny\\n", c: !t "z, z"}\n'


def test_moved_deeper():
    sealed = writer.encrypt("a:\n  b: |\n      x\n\n       y\n", RECIPIENT).decode()
    deeper = sealed.replace("  b: yv1", "     b: yv1", 1)
    expected = "a:\n     b: |\n         x\n\n          y\n"
    assert reader.decrypt_text(deeper.encode(), KEYS).decode() == expected


def test_circular_alias_in_key():
    text = "? &k [x, {? [*k, y]\n  : 1}]\n: 2\n"
    sealed = writer.encrypt(text, RECIPIENT)
    assert reader.decrypt_text(sealed, KEYS).decode() == text


plain = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=150)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.from_regex(r"k[a-z]{1,5}", fullmatch=True), st.lists(plain, max_size=3)))
def test_random(data):
    lines = [
        f"{key}:{' []' if not values else ''}\n"
        + "".join(f"- {reader.quote(value)}\n" for value in values)
        for key, values in data.items()
    ]
    text = "".join(lines).replace("yamlvault", "x") or "{}\n"
    sealed = writer.encrypt(text, RECIPIENT)
    assert reader.decrypt_text(sealed, KEYS).decode() == text
    if data:
        assert reader.open_file(sealed, KEYS) == [data]
