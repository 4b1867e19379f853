"""`secrets` of a plan: what is refused when it is read, and what explain says."""

import pytest

FILE = "file: secrets.yml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{path: $.a}", "prehook.yml:2:14: the key `file` is missing"),
        (f"{{{FILE}, paht: $.a}}", "unknown key 'paht'"),
        (f"{{{FILE}, path: a.b}}", "prehook.yml:2:40: key path 'a.b'"),
        (f"{{{FILE}, as: env}}", "'env' is no name for templates"),
        (f"{{{FILE}, as: a-b}}", "'a-b' is no name for templates"),
        (f"{{{FILE}, fd: true}}", "`fd` is the name of a variable, or false"),
        (f"{{{FILE}, fd: LD_AUDIT}}", "LD_AUDIT decides what code runs"),
        (f"{{{FILE}, fd: 3}}", "'3' is no name of an environment variable"),
        (f"{{{FILE}, format: yml}}", "`format` is yaml or json"),
        (f"{{{FILE}, env: {{A: b}}}}", "key path 'b'"),
        (
            f"{{{FILE}, env: {{YAMLVAULT_FD: $.a}}}}",
            "YAMLVAULT_FD has the number of the descriptor",
        ),
        (f"{{{FILE}, env: {{}}}}", "a mapping of texts is expected"),
        (f"{{{FILE}, write: {{mode: 0400}}}}", "the key `path` is missing"),
        ("[a.yml, b.yml]", "a mapping with file, path"),
        ("'{{ env.A'", "prehook.yml:2"),
    ],
)
def test_refusals(place, text, message):
    """Each is named with its place, before anything runs."""
    plan = f"steps:\n  - secrets: {text}\n  - run: touch ran\n"
    assert message in place.refused(plan)
    assert not (place.directory / "ran").exists()


BOTH = [
    ("{file: secrets.yml}", "{file: secrets.yml, fd: OTHER}", "secrets"),
    ("{file: secrets.yml}", "{file: secrets.yml, as: other}", "YAMLVAULT_FD"),
    (
        "{file: secrets.yml, env: {A: $.staging.database.url}}",
        "{file: secrets.yml, as: other, fd: A}",
        "A",
    ),
]


@pytest.mark.parametrize(("first", "second", "name"), BOTH)
def test_the_same_name_twice(place, first, second, name):
    """Two steps that hand on the same are refused when the plan is read."""
    plan = f"steps:\n  - run: touch ran\n  - secrets: {first}\n  - secrets: {second}\n"
    error = place.refused(plan)
    assert f"prehook.yml:4: the step at prehook.yml:3 hands on {name} already" in error
    assert not (place.directory / "ran").exists()


@pytest.mark.parametrize(("first", "second", "name"), BOTH)
def test_the_same_name_by_conditions(place, first, second, name):
    """With conditions they can be for different starts; in one start the second is refused."""
    plan = (
        f"steps:\n  - {{secrets: {first}, when: {{ONE: true}}}}\n"
        f"  - {{secrets: {second}, when: {{TWO: true}}}}\n"
    )
    for chosen in ({"ONE": "1"}, {"TWO": "1"}):
        place.ok(plan, env={**place.environment, **chosen})
    error = place.refused(plan, env={**place.environment, "ONE": "1", "TWO": "1"})
    assert name in error
    assert "already" in error


def test_texts_with_variables(place):
    """File, part, key paths and target can name variables."""
    plan = (
        "steps:\n  - secrets:\n      file: '{{ env.NAME }}.yml'\n      path: $.{{ env.STAGE }}\n"
        "      env: {URL: '$.{{ env.PART }}.url'}\n"
    )
    environment = {**place.environment, "NAME": "secrets", "STAGE": "staging", "PART": "database"}
    assert place.ok(plan, "printenv", "URL", env=environment) == "postgres://staging\n"
    del environment["STAGE"]
    error = place.refused(plan, env=environment)
    assert 'environment variable "STAGE" is not set' in error


def test_explain(place):
    """It says what is opened and to whom it is handed, opens nothing and shows no value."""
    place.identity.unlink()
    place.plan(
        "steps:\n  - secrets:\n      file: secrets.yml\n      path: $.{{ env.STAGE }}\n"
        "      env: {URL: $.database.url}\n      write: {path: /run/app.yml, mode: 0440}\n"
    )
    from sessions import run

    environment = {**place.environment, "STAGE": "production-value"}
    done = run(
        "explain", "-f", "prehook.yml", "--", "true",
        cwd=place.directory, env=environment, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for part in ("secrets.yml", "$.{{ env.STAGE }}", "YAMLVAULT_FD", "URL from $.database.url"):
        assert part in done.stdout
    assert "/run/app.yml with yaml, mode 0440, only on a tmpfs" in done.stdout
    assert "production-value" not in done.stdout
