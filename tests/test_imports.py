"""What an import costs, and who may import whom."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def modules_after(statement):
    """Return the modules that a fresh interpreter has after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_importing_yamlvault_is_cheap():
    """An application that imports it loads no parser, crypto or SDK until it needs it."""
    heavy = {"yaml", "cryptography", "pyrage", "boto3", "botocore", "google", "argparse", "socket"}
    assert modules_after("import yamlvault") & heavy == set()


def test_loading_needs_no_network_modules():
    """Opening a file with an age identity loads nothing that could use the network."""
    loaded = modules_after("import yamlvault.loading, yamlvault.kek.age")
    assert loaded & {"boto3", "botocore", "google", "socket", "ssl", "http", "urllib"} == set()


@pytest.mark.parametrize("file", sorted((ROOT / "yamlvault").rglob("*.py")), ids=lambda p: p.stem)
def test_yamlvault_never_imports_prehook(file):
    """The library knows nothing of the entrypoint."""
    assert not re.search(r"^\s*(from|import) prehook", file.read_text(), re.MULTILINE)
