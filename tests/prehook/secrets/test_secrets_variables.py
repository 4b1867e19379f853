"""Secrets as variables: for CMD, and only what a plan names."""

import pytest

PASSWORD = "correct-horse/battery&staple"
URL = f"postgres://app:{PASSWORD}@db.internal/app"


def plan(path, name="VALUE"):
    return (
        "steps:\n  - secrets:\n      file: secrets.yml\n      path: $.production\n"
        f"      env: {{{name}: '{path}'}}\n"
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.database.url", URL),
        ("$.database.pool", "0o20"),
        ("$.database.since", "2024-05-06"),
        ("$.database.replicas[1]", "10.0.0.2"),
        ("$.motto", "déjà vu"),
    ],
)
def test_scalars(place, path, value):
    """Each is the text that `yamlvault exec` gives: numbers as they are written, dates ISO 8601."""
    assert place.ok(plan(path), "printenv", "VALUE") == f"{value}\n"


def test_it_takes_the_place_of_another(place):
    """What CMD had by that name before is replaced, and a hook still sees the old value."""
    text = plan("$.motto") + "  - run: printenv VALUE\n"
    environment = {**place.environment, "VALUE": "before"}
    assert place.ok(text, "printenv", "VALUE", env=environment) == "before\ndéjà vu\n"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.database", "$.database is a mapping, and no value"),
        ("$.database.replicas", "$.database.replicas is a list, and no value"),
        ("$.database.proxy", "$.database.proxy is null"),
        ("$.database.urls", "key path $.database.urls names nothing there"),
        ("$.database.*", "key path $.database.* names"),
        ("$.production.motto", "key path $.production.motto names nothing there"),
    ],
)
def test_what_is_no_variable(place, path, message):
    """A mapping, a list, null, nothing and several values are errors that name the key path."""
    assert f"secrets: secrets.yml: {message}" in place.refused(plan(path))


def test_null_byte(place):
    """A value that no environment can have is an error, without the value."""
    place.encrypt('production: {odd: "correct-horse/battery&staple\\0x"}\n')
    assert "the value for VALUE has a null byte" in place.refused(plan("$.odd"))


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "NODE_OPTIONS", "GIT_CONFIG_COUNT"])
def test_what_decides_which_code_runs(place, name):
    """Such a variable is refused when the plan is read: who may add a secret would run code."""
    error = place.refused(plan("$.motto", name))
    assert f"prehook.yml:5:13: {name} decides what code runs" in error


@pytest.mark.parametrize("name", ["a-b", "1A", "'A B'", "é"])
def test_names(place, name):
    """A name that not every shell takes is refused when the plan is read."""
    assert "is no name of an environment variable" in place.refused(plan("$.motto", name))
