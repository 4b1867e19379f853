"""Variables: a section of an encrypted file as an environment."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parties import ADMIN, ANN, encrypted, two

import yamlvault
from yamlvault import DocumentError, KeyPathError, NoKeyError, YamlVaultError
from yamlvault.variables import Naming, variables

KEYRING = ADMIN.keyring


def made(text, path=None, *, wanted=(), naming=None, **options):
    """Return the names and values of the variables of a plaintext that was encrypted."""
    data = yamlvault.encrypt(text, keks=[ADMIN.kek])
    found = variables(data, path, KEYRING, naming or Naming(**options), wanted=wanted)
    return {one.name: one.value for one in found}


def refused(text, path=None, error=YamlVaultError, **options):
    """Return the error for a plaintext that can't be variables."""
    with pytest.raises(error) as caught:
        made(text, path, **options)
    assert "marker" not in f"{caught.value!r} {caught.value.hint}"
    return caught.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("text", "text"), ("'yes'", "yes"), ('"a\\tb"', "a\tb"), ("|\n  l1\n  l2\n", "l1\nl2\n"),
        ("12", "12"), ("0x1F", "0x1F"), ("0o14", "0o14"), ("014", "014"), ("1_000", "1_000"),
        ("+7", "+7"), ("1:30:00", "1:30:00"), ("0123456789012345678901234567890", None),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.10", "1.10"), ("1e400", "1e400"), ("1.0e+400", "1.0e+400"), ("-0.0", "-0.0"),
        (".inf", ".inf"), ("1.0", "1.0"), ("!!int '5'", "5"), ("!!float '5'", "5"),
        ("yes", "true"), ("True", "true"), ("off", "false"), ("y", "y"),
        ("2024-01-01", "2024-01-01"), ("2001-12-14t21:59:43.10-05:00",
        "2001-12-14T21:59:43.100000-05:00"), ("!!binary aGk=", "aGk="), ("''", ""), ("! 12", None),
        ("🔑", "🔑"),
    ],
)  # fmt: skip
def test_values(written, value, parser):
    """Numbers stay as they are written, booleans, dates and binaries have one form each."""
    assert made(f"a: {written}\n") == {"A": written.lstrip("! ") if value is None else value}


@pytest.mark.parametrize("null", ["", "~", "null", "Null"])
def test_null_is_no_variable(null, parser):
    """Null is not handed on as an empty text or as a word."""
    assert made(f"a: {null}\nb: 1\n") == {"B": "1"}


def test_nested_keys_and_lists(parser):
    """Keys are joined, and the items of a list have their numbers."""
    text = "database:\n  password: s\n  hosts: [a, {name: b}]\n  5432: p\nempty: {}\nnone: []\n"
    names = ["DATABASE_PASSWORD", "DATABASE_HOSTS_0", "DATABASE_HOSTS_1_NAME", "DATABASE_5432"]
    assert list(made(text)) == names
    assert list(made(text, separator="__"))[2] == "DATABASE__HOSTS__1__NAME"
    assert next(iter(made(text, keep_case=True))) == "database_password"
    assert next(iter(made(text, prefix="app_"))) == "app_DATABASE_PASSWORD"
    assert made(text, "$.database.hosts", prefix="H") == {"H0": "a", "H1_NAME": "b"}


def test_aliases_and_merge_keys(parser):
    """What an alias or a merge key brings in is there, and the mapping's own keys win."""
    text = (
        "base: &b {host: b, port: 1, deep: &d {x: 1}}\nmine:\n  <<: *b\n  host: m\n  copy: *d\n"
        "both:\n  <<: [{port: 2}, *b]\n"
    )
    mine = {"HOST": "m", "PORT": "1", "DEEP_X": "1", "COPY_X": "1"}
    assert made(text, "$.mine") == mine
    # which of several merged mappings wins differs between versions of PyYAML
    port = str(yaml.safe_load(text)["both"]["port"])
    assert made(text, "$.both") == {"HOST": "b", "PORT": port, "DEEP_X": "1"}


KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=3)
SCALARS = st.one_of(KEYS, st.booleans(), st.none(), st.integers())
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def _flat(data, path=()):
    if isinstance(data, dict):
        return {k: v for key, one in data.items() for k, v in _flat(one, (*path, key)).items()}
    if isinstance(data, list):
        return {k: v for n, one in enumerate(data) for k, v in _flat(one, (*path, str(n))).items()}
    text = {True: "true", False: "false"}[data] if isinstance(data, bool) else str(data)
    return {} if data is None else {"__".join(path): text}


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(data=st.dictionaries(KEYS, TREES, min_size=1, max_size=4), flow=st.booleans())
def test_any_tree(data, flow):
    """For any data the variables are what walking `yaml.safe_load` of it gives."""
    text = yaml.safe_dump({"top": data}, default_flow_style=flow)
    naming = Naming(separator="__", keep_case=True)
    assert made(text, "$.top", naming=naming) == _flat(yaml.safe_load(text)["top"])


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("a_b: marker\na: {b: marker}\n", ["$.a_b", "$.a.b"]),
        ("host: marker\nHOST: marker\n", ["$.host", "$.HOST"]),
        ("a: {1: marker}\nb: 1\n\"a\": {'1': marker}\n", None),
        ("a: {1: marker, '1': marker}\n", ["$.a.1", "$.a.1"]),
        ("a: [marker]\na_0: marker\n", ["$.a[0]", "$.a_0"]),
        ("a: ~\nA: marker\n", ["$.a", "$.A"]),
    ],
)
def test_two_keys_with_one_name(text, paths):
    """Two keys that give one name are refused by their key paths, one that is null as well."""
    if paths is None:
        with pytest.raises(DocumentError, match="duplicate key"):
            made(text)
        return
    message = refused(text).message
    assert message.startswith(f"{paths[0]} and {paths[1]} would both be ")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("api-key", "$.api-key"), ("a.b", '$."a.b"'), ("'a b'", "$.a b"), ("1a", "$.1a"),
        ("é", "$.é"), ("\u017f", "$.\u017f"), ("''", '$.""'), ("a=b", "$.a=b"),
        ("'a[\"'", '$."a[\\""'),
        ("'a.\\'", '$."a.\\\\"'), ('"a\\n"', "$.a\n"),
    ],
)  # fmt: skip
def test_invalid_names(key, path):
    """A key of which no name can be made is refused by its key path; letters stay what they are."""
    error = refused(f"{key}: marker\nfine: 1\n")
    assert error.message == f"no names of environment variables can be made of {path}"
    assert "--replace-invalid" in error.hint
    assert made(f"{key}: m\nfine: 1\n", wanted=["FINE"]) == {"FINE": "1"}


def test_many_invalid_names():
    """Of many keys some are named, and how many more there are."""
    text = "".join(f"a-{number}: marker\n" for number in range(8))
    assert refused(text).message.endswith("$.a-0, $.a-1, $.a-2, $.a-3, $.a-4 and 3 more")


def test_replace_invalid():
    """What can't be in a name becomes `_` where that is asked for; a digit in front does not."""
    assert made("api-key: 1\nc: {é.x: 2}\n", replace_invalid=True) == {"API_KEY": "1", "C___X": "2"}
    refused("a-b: 1\na.b: 2\n", replace_invalid=True)
    assert "--prefix" in refused("1a: marker\n", replace_invalid=True).hint
    assert made("1a: v\n", prefix="N") == {"N1A": "v"}


@pytest.mark.parametrize(
    "key",
    ["path", "LD_PRELOAD", "ld_library_path", "BASH_ENV", "ifs", "node_options", "PYTHONPATH"],
)
def test_names_that_decide_what_code_runs(key):
    """Such a name is refused unless it is asked for in full; a pattern does not ask for it."""
    name = key.upper()
    assert f"$.{key} would be {name}, which decides" in refused(f"{key}: marker\n").message
    refused(f"{key}: marker\n", wanted=["*"])
    assert made(f"{key}: v\nb: 1\n", wanted=[name]) == {name: "v"}
    assert made(f"{key}: v\nb: 1\n", wanted=["*", name]) == {name: "v", "B": "1"}
    assert made(f"{key}: v\n", prefix="X_") == {f"X_{name}": "v"}


def test_names_that_only_look_so():
    """What the dynamic loader does not know is nobody's business."""
    assert made("ld_sdk_key: v\npaths: [p]\n") == {"LD_SDK_KEY": "v", "PATHS_0": "p"}


def test_wanted():
    """Names and patterns choose variables; one that chooses none is an error with a suggestion."""
    text = "db: {host: h, port: 1}\nhost: x\n"
    assert made(text, wanted=["DB_*", "HOST"]) == {"DB_HOST": "h", "DB_PORT": "1", "HOST": "x"}
    assert made(text, wanted=["[!D]*"]) == {"HOST": "x"}
    error = refused(text, error=KeyPathError, wanted=["HOST", "DB_HOTS"])
    assert (error.message, error.hint) == ("no variable is called DB_HOTS", "is `DB_HOST` meant?")
    refused(text, error=KeyPathError, wanted=["db_*"])


@pytest.mark.parametrize("path", ["$.a", "$.l[0]"])
def test_one_value_is_no_section(path):
    """A path to a single value has no name to give it."""
    assert "is one value" in refused("a: marker\nl: [marker]\n", path, error=KeyPathError).message


@pytest.mark.parametrize(("text", "path"), [("a:\n", "$.a"), ("a: {}\n", "$.a"), ("{}\n", None)])
def test_an_empty_section(text, path):
    """A section that has nothing is no variables."""
    assert made(f"b: 1\n{text}" if path else text, path) == {}


def test_null_bytes():
    """A null byte ends a value in C: it is refused."""
    assert "null byte" in refused('a: "marker\\0marker"\n').message


@pytest.mark.parametrize(
    "text", ["a: !!set {marker}\n", "a: !!omap [x: marker]\n", "? [marker]\n: 1\n"]
)
def test_what_has_no_form(text):
    """Sets, ordered mappings and keys that are lists are refused."""
    refused(text)


@pytest.mark.parametrize("text", ["a: !x marker\n", "a: !!int marker\n", "a: !!bool marker\n"])
def test_what_can_not_be_loaded(text):
    """What `yamlvault get` refuses is refused."""
    refused(text, error=DocumentError)


def test_a_value_of_millions():
    """A few lines of aliases that stand for millions of values, or for themselves, are refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]\n"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 9)]
    assert "more than 10000 values" in refused("".join(lines), error=DocumentError).message
    empty = [line.replace("[x, x, x, x, x, x, x, x]", "[]") for line in lines]
    assert "more than 10000 values" in refused("".join(empty), error=DocumentError).message
    assert "more than 10000 values" in refused("a: &a {b: *a}\n", error=DocumentError).message


def test_scopes():
    """Only the scope of the section is asked for; a whole file with a closed one is refused."""
    data = encrypted(rules=two()).encode()
    found = variables(data, "$.ann", ANN.keyring, Naming())
    assert {one.name: one.value for one in found} == {"X": "1", "Y": "two"}
    assert [one.path for one in found] == ["$.ann.x", "$.ann.y"]
    with pytest.raises(NoKeyError):
        variables(data, None, ANN.keyring, Naming())
    found = variables(data, None, ANN.keyring, Naming(), missing="omit")
    assert [one.name for one in found] == ["NAME", "ANN_X", "ANN_Y"]


def test_no_value_in_a_repr():
    """What is printed of variables in a log has no values."""
    data = yamlvault.encrypt("a: marker\n", keks=[ADMIN.kek])
    assert repr(variables(data, None, KEYRING, Naming())) == "[<Variable A>]"
