"""The plans in the documentation are what docs/plan.md and the schema say."""

import os
import re
from importlib import import_module
from pathlib import Path

import pytest
from plan_schema import SCHEMA, VALIDATOR, loaded
from sessions import run

from prehook.plan.reading import KINDS, SETTINGS, TOP
from prehook.plan.running import FIELDS

DOCS = Path(__file__).parents[3] / "docs"


def examples():
    for page in sorted([*DOCS.glob("*.md"), DOCS.parent / "README.md"]):
        blocks = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        for number, text in enumerate(blocks, 1):
            if re.search(r"^steps:", text, re.MULTILINE):
                yield pytest.param(text, id=f"{page.stem} {number}")


@pytest.mark.parametrize("text", list(examples()))
def test_example(text, tmp_path):
    """A plan that the documentation shows is valid by the schema, and prehook reads it."""
    VALIDATOR.validate(loaded(text))
    (tmp_path / "prehook.yml").write_text(text)
    environment = {"PATH": os.environ["PATH"]}
    result = run("explain", "-f", "prehook.yml", "--", "true", cwd=tmp_path, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stderr == b""


def test_examples_have_all_kinds():
    """docs/plan.md shows each kind of step."""
    text = (DOCS / "plan.md").read_text()
    assert all(f"- {kind}:" in text or f"    {kind}:" in text for kind in KINDS)
    assert all(f"## {kind}\n" in text for kind in KINDS)
    assert all(f"| `{name}` |" in text for name in (*SETTINGS, *TOP, *FIELDS))


def test_schema_is_one():
    """The schema is valid by the meta-schema, and names what the reader knows."""
    VALIDATOR.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == set(TOP)
    step = SCHEMA["$defs"]["step"]
    assert set(step["properties"]) == {*KINDS, *SETTINGS}
    assert {one["required"][0] for one in step["oneOf"]} == set(KINDS)
    assert set(fields("run")) == set(FIELDS)


@pytest.mark.parametrize("kind", ["wait", "secrets", "render", "assets"])
def test_schema_names_all_fields(kind):
    """The schema has the fields of a kind that its reader has."""
    reading = import_module(f"prehook.{kind}.reading")
    assert set(fields(kind)) == set(reading.FIELDS)


def fields(kind):
    """Return the properties of the mapping of a kind."""
    definition = SCHEMA["$defs"]["target" if kind == "wait" else kind]
    for one in definition.get("oneOf", [definition]):
        if "properties" in one:
            return one["properties"]
    raise AssertionError(kind)
