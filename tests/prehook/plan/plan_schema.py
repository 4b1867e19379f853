"""The schema of plans, as an editor applies it."""

import json
from pathlib import Path

import jsonschema
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from prehook import plan

SCHEMA = json.loads((Path(plan.__file__).parent / plan.SCHEMA).read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def loaded(text):
    """Return what an editor with YAML 1.2 sees."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise AssertionError(text) from error
