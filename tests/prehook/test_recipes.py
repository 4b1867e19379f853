"""The recipes of docs/recipes.md are what the platforms take."""

import json
import re
from pathlib import Path

import pytest
import yaml

PAGE = (Path(__file__).parents[2] / "docs/recipes.md").read_text()
BLOCKS = re.findall(r"^## (.*?)$|^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def blocks(language):
    """Return heading and text of each block in a language."""
    heading, found = "", []
    for title, kind, text in BLOCKS:
        heading = title or heading
        if kind == language:
            found.append((heading, text))
    return found


def test_task_definition_is_one():
    """The ECS task definition has the members and types of botocore's model of the service."""
    session = pytest.importorskip("botocore.session").get_session()
    validate = pytest.importorskip("botocore.validate").ParamValidator()
    shape = session.get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
    ((_, text),) = blocks("json")
    report = validate.validate(json.loads(text), shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize(
    ("heading", "text"), blocks("yaml"), ids=[name for name, _ in blocks("yaml")]
)
def test_yaml_is_yaml(heading, text):
    """What is shown as YAML can be read as such."""
    assert yaml.safe_load(text)


@pytest.mark.parametrize("text", [text for _, text in blocks("python")])
def test_python_is_python(text):
    """What is shown as Python compiles."""
    compile(text, "recipe", "exec", dont_inherit=True)
