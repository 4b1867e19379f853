"""Where the metadata goes, and that either parser takes it out again."""

import json

import pytest
import yaml

import yamlvault
from yamlvault.document import events

FLOW = [
    "{}",
    "{ # nothing\n}",
    "{a: 1}",
    "{a: 1, }",
    "{a: }",
    "{a: ,}",
    "{'a':,'b':}",
    "{a, b}",
    "{?}",
    "{\n  a: 1\n}",
    "{\n  a: # empty\n}",
    "{\n a: 1, # x\n ? # y\n}",
    "{\n? explicit: entry,\nimplicit: entry,\n?\n}",
    "{a: !!str }",
    "{a: &x }",
    "&r {a: }",
    "--- {a: 1} # c\n...\n",
    "{a: [], b: {}, }\n",
]
BLOCK = [
    "",
    "# nothing\n",
    "a: 1",
    "a: 1\n",
    "a: 1\r\n",
    "a: 1\n# end",
    "a: 1\n...\n",
    "a: 1\n...\n# behind\n",
    "  a: 1\n  b: 2\n",
    "--- !x\na: 1\n",
    "a: |+\n  x\n\n",
    "a: |\n  x",
    "- 1\n",
    "text",
    "--- |\n  x\n",
    "a: 1\n---\nb: 2\n",
    "k: &a\n  !!str x: 1\n  y: |\n   secret\n",
    "a: 1\n---\n",
    "---\n",
]
PAIRS = [(w, r) for w in ("libyaml", "pure") for r in ("libyaml", "pure")]


@pytest.mark.parametrize("text", FLOW + BLOCK)
@pytest.mark.parametrize(("writes", "reads"), PAIRS)
def test_what_one_parser_writes_the_other_reads(
    text, writes, reads, recipient, keyring, monkeypatch
):
    """The metadata goes in and out without a trace, whichever parser is installed."""
    parsers = dict(events.PARSERS)
    if {writes, reads} - parsers.keys():
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(events, "PARSERS", {writes: parsers[writes]})
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    monkeypatch.setattr(events, "PARSERS", {reads: parsers[reads]})
    assert yamlvault.decrypt(encrypted, keyring=keyring).decode() == text


@pytest.mark.parametrize("text", ["{}", '{"a": 1}', '{\n  "a": [true, null],\n  "b": {}\n}\n'])
def test_json_stays_json(text, recipient, keyring):
    """An encrypted JSON document is JSON, and so is what it is decrypted to."""
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    assert json.loads(encrypted)["yamlvault"]["format"] == 1
    assert yamlvault.loads(encrypted, keyring=keyring) == json.loads(text)


def test_lines_have_the_line_breaks_of_the_file(recipient):
    """A file with CRLF has CRLF in its metadata too."""
    encrypted = yamlvault.encrypt(b"a: 1\r\nb: 2\r\n", keks=[recipient])
    assert encrypted.count(b"\n") == encrypted.count(b"\r\n") > 5


def test_a_block_scalar_that_ends_the_text(recipient, keyring):
    """It keeps its value, which a line break behind it would change: it is sealed in any case."""
    text = "a: 1\nb: |\n  no line break"
    encrypted = yamlvault.encrypt(text, keks=[recipient], seal="$.a")
    assert b"no line break" not in encrypted
    assert yamlvault.decrypt(encrypted, keyring=keyring).decode() == text
    assert yamlvault.loads(encrypted, keyring=keyring) == {"a": 1, "b": "no line break"}


def test_metadata_moved_by_hand(recipient, keyring):
    """The key is found at the top of the mapping as well as at its end."""
    text = yamlvault.encrypt("a: 1\nb: 2\n", keks=[recipient]).decode()
    data, metadata = text.split("yamlvault:")
    moved = f"yamlvault:{metadata}{data}"
    assert yamlvault.decrypt(moved, keyring=keyring) == b"a: 1\nb: 2\n"
    assert yamlvault.loads(moved, keyring=keyring) == yaml.safe_load("a: 1\nb: 2\n")


def test_the_key_is_reserved(recipient):
    """A document that uses the key for itself is refused, and so is one in an earlier document."""
    for text in ("yamlvault: {a: 1}\n", "yamlvault: 1\n---\nb: 2\n"):
        with pytest.raises((yamlvault.FormatError, yamlvault.DocumentError)) as caught:
            yamlvault.encrypt(text, keks=[recipient])
        assert "name" in caught.value.hint


@pytest.mark.parametrize("name", ["\\u007f", "\\u0085", "\\u2028", "\\ufeff", "\\u0000", "\\ufffe"])
def test_json_with_odd_names_of_sections(name, recipient, keyring, parser):
    """The label of a section in JSON is escaped where YAML would not take it as it is."""
    text = f'{{"a{name}b": {{"x": 1}}}}'
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    json.loads(encrypted)
    assert yamlvault.decrypt(encrypted, keyring=keyring).decode() == text


@pytest.mark.parametrize(
    ("text", "head", "tail"),
    [
        ("a: 1\n# end\n", "a: yv1.", '"\n'),
        ("a: 1\n...\n# behind\n", "a: yv1.", '"\n...\n# behind\n'),
        ("  a: 1\n", "  a: yv1.", '"\n'),
        ("a: 1", "a: yv1.", '"'),
        ("- 1\n", "- yv1.", '"\n'),
        ("a: 1\r\n", "a: yv1.", '"\r\n'),
        ("{}", '{"yamlvault": {', "}}"),
        ("{a: 1} # c\n", '{a: "yv1.', "}} # c\n"),
        ("# c\n", "# c\nyamlvault:\n", '"\n'),
    ],
)
def test_where_it_is_written(text, head, tail, recipient):
    """It stands behind the data, in front of `...` and inside of `}`; what is around it stays."""
    encrypted = yamlvault.encrypt(text, keks=[recipient]).decode()
    assert encrypted.startswith(head)
    assert encrypted.endswith(tail)


@pytest.mark.parametrize(
    ("text", "own"),
    [("a: 1\n", 0), ("- 1\n", 1), ("x\n", 1), ("a: 1\n---\nb: 2\n", 1), ("{a: 1}\n", 0), ("", 0)],
)
def test_whether_it_has_a_document_of_its_own(text, own, recipient):
    """What is no single mapping gets a document behind it, an empty stream gets the only one."""
    before = len(list(yaml.parse(text, yaml.SafeLoader))) and text.count("---") + bool(text)
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    documents = list(yaml.safe_load_all(encrypted))
    assert len(documents) == max(before + own, 1)
    assert "yamlvault" in documents[-1]


@pytest.mark.parametrize("indent", ["", "   "])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_moved_among_the_keys(index, indent, recipient, keyring, parser):
    """Between any two keys it is found, and nothing but its lines is taken out."""
    entries = [
        f"{indent}a: 1 # c\n",
        f"{indent}b:\n{indent}- 2\n\n",
        f"{indent}# d\n{indent}e: |\n{indent} f\n",
    ]
    encrypted = yamlvault.encrypt("".join(entries), keks=[recipient], seal="$.a").decode()
    start = encrypted.index(f"{indent}yamlvault:")
    metadata, data = encrypted[start:], encrypted[:start]
    marks = [0, data.index(f"{indent}b:"), data.index(f"{indent}# d")]
    moved = data[: marks[index]] + metadata + data[marks[index] :]
    assert yamlvault.decrypt(moved, keyring=keyring).decode() == "".join(entries)


def test_moved_to_the_front_of_a_flow_mapping(recipient, keyring):
    """A tool that sorts the keys of JSON may put it first, or between others."""
    data = json.loads(yamlvault.encrypt('{"a": 1, "z": 2}', keks=[recipient]))
    for names in (["yamlvault", "a", "z"], ["a", "yamlvault", "z"]):
        text = json.dumps({name: data[name] for name in names})
        assert yamlvault.decrypt(text, keyring=keyring) == b'{"a": 1, "z": 2}'


def test_two_documents_have_it_in_the_last_one(recipient, keyring):
    """In an earlier document it is a key like others: the stream is not encrypted then."""
    encrypted = yamlvault.encrypt("a: 1\n", keks=[recipient]).decode()
    with pytest.raises(yamlvault.NotEncryptedError):
        yamlvault.decrypt(f"{encrypted}---\nb: 2\n", keyring=keyring)
