"""Quoting: real shells and readers of env files read back what was written."""

from __future__ import annotations

import json

import pytest
from env_readers import SHELLS, by_docker, by_node, by_python_dotenv, by_shell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yamlvault import YamlVaultError, quoting
from yamlvault.variables import Variable

FEW = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
TRICKY = [
    "", " ", "a b", " a ", "\ta\t", "'", '"', "''", "it's", 'say "x"', "\\", "\\\\", "\\n", "a\\",
    "C:\\dir\\new", "\\'", '\\"', "$HOME", "${HOME}", "$(id)", "`id`", "$$", "$", "#", "a#b",
    "a #b", "# a", "!", "!!", "~", "*", "a;b", "a&b", "a|b", "<>", "{a,b}", "[a]", "=", "a=b", "==",
    "%s", "\n", "a\nb", "a\n", "\na", "a\n\nb\n\n", "\r", "a\r\nb", "-n", "--", "é", "🔑", "\u2028",
    "\x85", "\x01", "\x7f", "\x1b[31m", "export A=b", "A='x'\nB=y", "'\nX=1\n'", '"\nX=1\n"',
    "l1 \\\nl2", "null", "true", "1e400", "-----BEGIN X-----\nQUJD+/=\n-----END X-----\n",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(TRICKY),
    st.lists(st.sampled_from([*TRICKY, "x"]), max_size=6).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
)
LISTS = st.lists(VALUES, min_size=1, max_size=40)


def variables(values):
    """Return variables with these values."""
    return [
        Variable(f"YV_{number}", value, f"$.yv.{number}") for number, value in enumerate(values)
    ]


def expected(found):
    return {one.name: one.value for one in found}


def ours(read):
    """Return of what was read what the tests have written."""
    return {name: value for name, value in read.items() if name.startswith("YV_")}


def expressible(write, values):
    """Return the variables that a format can express, and their text."""
    kept = []
    for one in variables(values):
        try:
            write([one])
        except YamlVaultError:
            continue
        kept.append(one)
    return kept, write(kept)


@pytest.mark.parametrize("shell", SHELLS)
@FEW
@given(values=LISTS)
def test_shell(shell, values):
    """Every shell reads every value back, byte for byte: sourced, and in `eval` as in the docs."""
    found = variables(values)
    text = quoting.shell(found)
    source = "source FILE" if shell == "fish" else ". FILE"
    assert ours(by_shell(shell, source, text)) == expected(found)
    if shell != "fish":
        assert ours(by_shell(shell, 'eval "$(cat FILE)"', text, locale="C")) == expected(found)


@pytest.mark.parametrize("shell", SHELLS)
def test_shell_with_every_tricky_value(shell):
    """The values that are known to be hard come back from every shell."""
    found = variables(TRICKY)
    source = "source FILE" if shell == "fish" else ". FILE"
    assert ours(by_shell(shell, source, quoting.shell(found))) == expected(found)


READERS = {
    "python-dotenv": by_python_dotenv,
    "node": by_node,
    "dash": lambda text: by_shell("dash", "set -a\n. FILE", text),
    "bash": lambda text: by_shell("bash", "set -a\n. FILE", text),
}


@pytest.mark.parametrize("reader", READERS)
@FEW
@given(values=LISTS)
def test_dotenv(reader, values):
    """What is printed as a .env file is read as the same by every reader; the rest is refused."""
    kept, text = expressible(quoting.dotenv, values)
    assert ours(READERS[reader](text)) == expected(kept)


@pytest.mark.parametrize("reader", READERS)
def test_dotenv_with_every_tricky_value(reader):
    """The values that are known to be hard are read back, or refused."""
    kept, text = expressible(quoting.dotenv, TRICKY)
    assert ours(READERS[reader](text)) == expected(kept)


@pytest.mark.parametrize(
    "value",
    ["", " a ", "it's", 'say "x"', "$HOME", "$(id)", "`id`", "a #b", "C:\\dir", "l1\nl2\n",
     "a=b", "é🔑", "p@ss!w0rd#%^&*()", "postgres://u:p@h:5/d?x=1&y=2", TRICKY[-1]],
)  # fmt: skip
def test_what_a_dotenv_file_can_express(value):
    """The usual values are not refused."""
    assert quoting.dotenv([Variable("A", value, "$.a")]).startswith("A=")


@pytest.mark.parametrize(
    "value", ["${HOME}", "a\rb", "a\\", "a\\\\b", "it's $5", "'\"", "'`", "'\\"]
)
def test_what_a_dotenv_file_can_not_express(value):
    """A value on which readers differ is refused by its key path, and is not shown."""
    with pytest.raises(YamlVaultError, match=r"^\$\.a can't be written") as caught:
        quoting.dotenv([Variable("A", value, "$.a")])
    assert "--format json or shell" in caught.value.hint


@FEW
@given(values=LISTS)
def test_docker(values):
    """The Docker client passes on what is printed for it as it is; the rest is refused."""
    kept, text = expressible(quoting.docker, values)
    assert ours(by_docker(text)) == expected(kept)


def test_docker_with_every_tricky_value():
    """The values that are known to be hard reach Docker as they are, or are refused."""
    long = "x" * (65535 - len("YV_0="))
    kept, text = expressible(quoting.docker, [long, *TRICKY])
    assert kept[0].value == long
    assert ours(by_docker(text)) == expected(kept)


@pytest.mark.parametrize(
    ("value", "says"),
    [("a\nb", "line break"), ("a\rb", "line break"), ("'a'", "quotes"), ("é" * 33000, "65535")],
)
def test_what_docker_can_not_take(value, says):
    """A value that Docker would change is refused by its key path."""
    with pytest.raises(YamlVaultError, match=r"^\$\.a .*" + says):
        quoting.docker([Variable("A", value, "$.a")])


@settings(deadline=None)
@given(values=LISTS)
def test_json(values):
    """JSON is an object of strings, of any value."""
    found = variables(values)
    assert json.loads(quoting.json(found)) == expected(found)


@pytest.mark.parametrize("write", quoting.FORMATS.values())
def test_nothing(write):
    """No variables are no lines, and an empty object."""
    assert write([]) in ("", "{}\n")
