"""No message has a secret in it, whatever is wrong."""

import re
import traceback

import pytest

import yamlvault
from yamlvault import config

MARK = "hunter2"

MALFORMED = [
    "a: {m}\nb: '{m}\n",
    "a: [{m}\nb: {m}\n",
    "a: {m}\n\tb: {m}\n",
    'a: "\\q{m}"\n',
    "a: *{m}\n",
    "a: !{m}<\n",
    "a: !<{m}\n",
    "a: !h!{m} x\n",
    "%TAG {m}\n---\na\n",
    "%{m}\n--- - {m}\n",
    "a: {m}\na: {m}\n",
    "{m}: 1\n{m}: 2\n",
    "a: |{m}\n  x\n",
    "a: @{m}\n",
    "a: `{m}\n",
    "a: {m}: {m}\n",
    "a: {m}\n b: {m}\n",
    "- {m}\na: {m}\n",
    "a: {m}\x07\n",
    'a: "{m}\\ud800"\n',
    "a: %{m}\n",
    "a: ? {m}: [\n",
    "yamlvault: {m}\n",
    "yamlvault: [{m}]\n",
    "yamlvault: {{format: {m}}}\n",
    "a: " + "[" * 300 + "{m}\n",
    "a: &x{m}:y {m}\n",
]

UNLOADABLE = [
    "a: 2024-13-45 # {m}\nb: {m}\n",
    "a: !{m} x\n",
    "a: !!int {m}\n",
    "a: !!float {m}\n",
    "a: !!binary '{m}!'\n",
    "a: !!timestamp {m}\n",
    "a: !!bool {m}\n",
    "a: !!python/object:os.{m} {{}}\n",
    "? [{m}]\n: {m}\n",
    "<<: {m}\n",
    "a: !!set {m}\n",
    "a: {m}\n---\nb: {m}\n",
    "a: &x {m}\nb: &x {m}\nc: *x\n",
]


def said(error):
    """Return all that an error says, its causes and their traces included."""
    # the source lines in a trace are code; what is behind them is what the error says
    lines = traceback.format_exception(error)
    trace = "".join(line for line in lines if not line.startswith('  File "'))
    return f"{error} {error!r} {error.hint} {error.args} {trace}"


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_documents(text, parser, recipient):
    """What is refused is not quoted, under either parser."""
    data = text.format(m=MARK)
    with pytest.raises(yamlvault.YamlVaultError) as caught:
        yamlvault.encrypt(data, keks=[recipient])
    assert MARK not in said(caught.value)
    assert caught.value.line is not None


def test_bytes_that_are_not_utf8(recipient):
    """The bytes around a wrong one are not quoted."""
    with pytest.raises(yamlvault.DocumentError) as caught:
        yamlvault.encrypt(b"a: " + MARK.encode() + b"\xff", keks=[recipient])
    assert MARK not in said(caught.value)


@pytest.mark.parametrize("text", UNLOADABLE)
def test_values_that_no_loader_makes(text, parser, recipient, keyring):
    """A value that can't be constructed is not quoted, though PyYAML quotes it."""
    encrypted = yamlvault.encrypt(text.format(m=MARK), keks=[recipient])
    with pytest.raises(yamlvault.YamlVaultError) as caught:
        yamlvault.loads(encrypted, keyring=keyring)
    assert MARK not in said(caught.value)


def test_tampered_files(recipient, keyring):
    """What stands beside a secret that was tampered with is not quoted."""
    text = yamlvault.encrypt(f"a: {MARK}\nb: {MARK}\n", keks=[recipient], seal="$.a").decode()
    for changed in (text.replace("b: ", "c: "), re.sub(r"(yv1\.[\w-]+\.)\w", r"\1-", text)):
        with pytest.raises(yamlvault.IntegrityError) as caught:
            yamlvault.decrypt(changed, keyring=keyring)
        assert MARK not in said(caught.value)


@pytest.mark.parametrize("text", [MARK, f"AGE-SECRET-KEY-1{MARK.upper()}", f"-----BEGIN {MARK}"])
def test_identities(text, recipient):
    """A mistyped identity is not quoted, nor shown by a keyring."""
    encrypted = yamlvault.encrypt("a: 1\n", keks=[recipient])
    keyring = yamlvault.Keyring([text], passphrase=MARK)
    with pytest.raises(yamlvault.YamlVaultError) as caught:
        yamlvault.decrypt(encrypted, keyring=keyring)
    assert MARK.upper() not in said(caught.value).upper()
    assert MARK.upper() not in repr(keyring).upper()


def test_a_secret_key_where_a_recipient_is_expected():
    """An identity given as a KEK URI by mistake is not quoted."""
    for uri in (f"age:AGE-SECRET-KEY-1{MARK}", f"AGE-SECRET-KEY-1{MARK}"):
        with pytest.raises(yamlvault.KEKError) as caught:
            yamlvault.encrypt("a: 1\n", keks=[uri])
        assert MARK not in said(caught.value)


def test_configuration():
    """A value of `.yamlvault.yml` that is not expected is not quoted."""
    for text in (f"rules: {MARK}", f"rules:\n  - files: {{{MARK}: 1}}\n    keks: x"):
        with pytest.raises(yamlvault.ConfigError) as caught:
            config.parse(text.encode(), ".yamlvault.yml")
        assert MARK not in said(caught.value)


def test_objects_that_hold_secrets_have_no_repr_of_them(recipient, keyring):
    """What ends up in a log by accident says its type."""
    from yamlvault.opening import open_scopes
    from yamlvault.source import read

    source = read(yamlvault.encrypt(f"a: {MARK}\n", keks=[recipient]))
    opened = open_scopes(source, keyring)
    shown = repr([read(f"a: {MARK}\n".encode()), source, opened, keyring, opened[0].payload])
    assert MARK not in shown
    assert all(MARK not in repr(node) for node in read(f"a: {MARK}\n".encode()).stream.nodes)


def test_files_with_several_scopes():
    """Neither a refused addition nor a refused renewal quotes what stands in the file."""
    from parties import ADMIN, ANN, BEN, PASSERBY, encrypted, more, scope_of, two

    from yamlvault.renewal import rewrap, rotate
    from yamlvault.source import parse

    plain = f"name: {MARK}\nann:\n  x: {MARK}\n  y: two\nben:\n  z: {MARK}\n"
    text = encrypted(plain, two())
    edited = text.replace("ben:\n", f"ben:\n  new: {MARK}\n")
    wrapped = [stanza.wrapped for stanza in scope_of(text).keys[0].stanzas]
    lines = []
    talkative = yamlvault.Keyring([ANN.identity], tell=lines.append)
    attempts = [
        lambda: more(edited, talkative),
        lambda: more(edited, PASSERBY),
        lambda: more(text, talkative),
        lambda: more(text.replace("name: ", f"out: &a {MARK}\nname: "), ADMIN.keyring, "$.name"),
        lambda: rewrap(parse(edited), None, ADMIN.keyring, fresh=True),
        lambda: rotate(parse(edited), None, ADMIN.keyring),
        lambda: rotate(parse(text), None, talkative),
        lambda: rotate(parse(text), two()[:1], ADMIN.keyring),
        lambda: encrypted(plain, [*two(), two()[0]]),
        lambda: encrypted(f"a: &a {{b: {MARK}}}\nc: *a\n", [two()[0]._replace(paths=("$.a",))]),
        lambda: yamlvault.loads(edited, path="$.ben", keyring=BEN.keyring),
        lambda: yamlvault.loads(text, path="$.ben", missing="omit", keyring=talkative),
    ]
    for attempt in attempts:
        with pytest.raises(yamlvault.YamlVaultError) as caught:
            attempt()
        message = said(caught.value)
        assert MARK not in message
        assert ANN.identity not in message
        assert not any(repr(one)[2:20] in message for one in wrapped)
    assert lines
    assert MARK not in "".join(lines)


def test_values_that_are_set():
    """A value that can't be set is not quoted."""
    from yamlvault.document.compose import compose
    from yamlvault.document.new_scalar import Value
    from yamlvault.editing.assignment import assign
    from yamlvault.keypath import parse

    for text, path in (("a: 1\n", "$"), ("a: [1]\n", "$.a"), ("a: 1\n---\n", "$.a"), ("a", "$.b")):
        with pytest.raises(yamlvault.YamlVaultError) as caught:
            assign(compose(text), parse(path), Value(MARK))
        assert MARK not in said(caught.value)
    value = f"yv1.AAAAAAAA.{MARK}"
    with pytest.raises(yamlvault.YamlVaultError) as caught:
        assign(compose("a: 1\n"), parse("$.a"), Value(value))
    assert MARK not in said(caught.value)
