"""The errors of yamlvault."""

import pickle

import pytest

import yamlvault
from yamlvault import errors
from yamlvault.errors import YamlVaultError, suggestion

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, YamlVaultError)
]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "what failed"),
        ({"source": "x.yml"}, "x.yml: what failed"),
        ({"line": 3, "column": 7}, "line 3, column 7: what failed"),
        ({"source": "x.yml", "line": 3, "column": 7}, "x.yml:3:7: what failed"),
        ({"source": ""}, ": what failed"),
        ({"hint": "do this"}, "what failed"),
    ],
)
def test_text(place, text):
    """The text of an error is its place, as far as it is known, and what failed."""
    assert str(YamlVaultError("what failed", **place)) == text


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_attributes(kind):
    """Every error has all the attributes, and can be caught as the base class."""
    error = kind("m", source="s", line=1, column=2, hint="h")
    found = (error.message, error.source, error.line, error.column, error.hint)
    assert found == ("m", "s", 1, 2, "h")
    assert kind("m").hint is kind("m").line is kind("m").source is None
    with pytest.raises(YamlVaultError):
        raise error


def test_exit_statuses():
    """Wrong usage exits with 2, everything else with 1."""
    assert {kind.__name__: kind.exit_status for kind in CLASSES if kind.exit_status != 1} == {
        "UsageError": 2
    }


def test_a_malformed_key_path_is_a_value_error():
    """A wrong argument can be caught as Python's own class for it."""
    assert issubclass(yamlvault.KeyPathError, ValueError)


def test_all_but_usage_errors_are_public():
    """Each class that the library raises can be imported from the package."""
    public = {kind.__name__ for kind in CLASSES if hasattr(yamlvault, kind.__name__)}
    assert {kind.__name__ for kind in CLASSES} - public == {"UsageError"}
    assert public <= set(yamlvault.__all__)


@pytest.mark.parametrize(
    ("wrong", "known", "hint"),
    [
        ("pasword", ["user", "password"], "is `password` meant?"),
        ("xyz", ["user", "password"], "known are user, password"),
        ("user", ["users", "use"], "is `users` meant?"),
        ("gte", ["git", "get", "rotate"], "is `get` meant?"),
    ],
)
def test_suggestion(wrong, known, hint):
    """A near word is suggested, otherwise all are named."""
    assert suggestion(wrong, iter(known)) == hint


def test_errors_can_be_copied_and_sent_to_other_processes():
    """Place and hint survive a pickle, as a process pool makes one of what its workers raise."""
    error = pickle.loads(pickle.dumps(yamlvault.NoKeyError("m", source="s", line=1, hint="h")))
    assert (error.message, error.source, error.line, error.hint) == ("m", "s", 1, "h")
