"""Secret values in what prehook prints: by value, in each form."""

import base64
import json
from urllib.parse import quote

import pytest

PASSWORD = "correct-horse/battery&staple"


def plan(name, more=""):
    return (
        "steps:\n  - secrets: {file: secrets.yml, path: $.production.password}\n"
        f"{more}  - {{name: {json.dumps(name)}, run: 'true'}}\n"
    )


@pytest.fixture
def vault(place):
    place.encrypt(f"production: {{password: {PASSWORD}, user: public-name}}\n",
                  seal="$.production.password")  # fmt: skip
    return place


@pytest.mark.parametrize(
    "form",
    [
        PASSWORD,
        quote(PASSWORD, safe=""),
        PASSWORD.encode().hex(),
        base64.b64encode(b"user:" + PASSWORD.encode() + b"!!").decode(),
    ],
)
def test_lines_of_later_steps(vault, form):
    """A line about a later step has a mark in place of the value, in text and in JSON."""
    done = vault.run(plan(form))
    assert "***" in done.stderr.splitlines()[-1]
    assert form not in done.stderr
    done = vault.run(plan(form), options=("--log", "json"))
    assert "***" in json.loads(done.stderr.splitlines()[-1])["message"]
    assert form not in done.stderr


def test_lines_of_a_step_beside_it(vault):
    """A step that runs beside, and began before the value was known, is masked as well."""
    waiting = f"  - {{name: '{PASSWORD}', wait: 'tcp://127.0.0.1:1', timeout: 2}}\n"
    done = vault.run(plan("later", waiting))
    assert done.returncode == 124, done.stderr
    assert "prehook: ***: " in done.stderr
    assert PASSWORD not in done.stderr


def test_what_is_not_sealed(vault):
    """What stands in the clear beside it is no secret."""
    text = plan("public-name").replace("$.production.password", "$.production")
    done = vault.run(text)
    assert "prehook: public-name: ok" in done.stderr
