import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prehook.errors import PrehookError
from prehook.words import split

PLAIN = [
    "python -V",
    "  a   b\tc ",
    "'a b' c",
    'a"b c"d',
    r"a\ b",
    r'"a\"b" "\n"',
    "--foo='x y'",
    "''",
    "a '' b",
    "sh -c 'a && b > $HOME | c; d `e` * ? ~ # &'",
    'echo "a|b" \\$HOME \\*',
    "a~b a#b a=b",
    "[ -f /x ]",
    "echo caf\u00e9 \udcff",
]
SHELL = [
    "a && b",
    "a || b",
    "a | b",
    "a; b",
    "a;b",
    "a > f",
    "a 2>&1",
    "a < f",
    "a &",
    "echo $HOME",
    "echo `x`",
    "ls *",
    "ls a?",
    "ls [ab]",
    "cd ~",
    "cd ~/x",
    "a # b",
    "(a)",
    "a\nb",
    "a \\\n b",
    'echo "x"$y',
    "echo 'x'|y",
]


@pytest.mark.parametrize("text", PLAIN)
def test_splits_as_shlex(text):
    """Words are those of a POSIX shell, as the standard library splits them."""
    assert split(text, "hook 1") == shlex.split(text)


@pytest.mark.parametrize("text", SHELL)
def test_refuses_what_only_a_shell_understands(text):
    """An operator that would be passed on as a word in silence is refused."""
    with pytest.raises(PrehookError) as caught:
        split(text, "hook 7")
    assert caught.value.exit_status == 125
    assert caught.value.message.startswith("hook 7 has ")
    assert "sh -c" in caught.value.hint


def test_names_place_of_operator():
    """The message says what and where."""
    with pytest.raises(PrehookError) as caught:
        split("make 'a && b' && c", "hook 1")
    assert caught.value.message == 'hook 1 has an unquoted "&&" at character 15'


@pytest.mark.parametrize("text", ["'a", '"a', "a\\", "", "  "])
def test_refuses_unfinished(text):
    """An open quote, a last backslash and an empty hook are errors and no tracebacks."""
    with pytest.raises(PrehookError):
        split(text, "hook 1")


def test_assignment_is_refused_without_its_value():
    """`NAME=value cmd` needs a shell; the value can be a secret."""
    with pytest.raises(PrehookError) as caught:
        split("TOKEN=hunter2 cmd", "hook 1")
    assert "TOKEN" in caught.value.message
    assert "hunter2" not in str(caught.value) + caught.value.hint


@given(st.text(alphabet="ab \t'\"\\=-/.", max_size=20))
def test_agrees_with_shlex(text):
    """Whatever is let through has the words of shlex."""
    try:
        words = split(text, "hook 1")
    except PrehookError:
        return
    assert words == shlex.split(text)


@given(st.text(max_size=20))
def test_quoted_is_never_refused(text):
    """What shlex.quote has quoted means itself."""
    assert split("echo " + shlex.quote(text), "hook 1") == ["echo", text]
