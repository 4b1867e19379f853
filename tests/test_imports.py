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


@pytest.mark.parametrize(
    "statement",
    ["import yamlvault", "from yamlvault import *", "from yamlvault import load, Keyring, Vault"],
)
def test_public_names_cost_nothing(statement):
    """However it is imported, what needs a parser or a cipher comes with the first call."""
    heavy = {"yaml", "cryptography", "pyrage", "jinja2", "prehook"}
    assert modules_after(statement) & heavy == set()


def test_making_a_vault_costs_nothing():
    """A keyring and a vault look for nothing before they are used."""
    loaded = modules_after("import yamlvault; yamlvault.Vault(); yamlvault.Keyring()")
    assert loaded & {"yaml", "cryptography", "pyrage"} == set()


def test_no_cloud_sdk_without_a_uri_of_its_kind():
    """A whole round trip with an age identity imports no SDK of a cloud."""
    code = (
        "import pyrage, yamlvault; i = pyrage.x25519.Identity.generate();"
        "e = yamlvault.encrypt('a: 1', keks=[f'age:{i.to_public()}']);"
        "assert yamlvault.loads(e, keyring=yamlvault.Keyring([str(i)])) == {'a': 1}"
    )
    sdks = {"boto3", "botocore", "http", "google", "grpc", "requests"}
    assert modules_after(code) & sdks == set()


def test_the_light_client_of_aws_imports_no_sdk():
    """What asks KMS the light way loads neither boto3 nor what boto3 is made of."""
    loaded = modules_after("import yamlvault.kek.aws, yamlvault.kek.aws.light")
    assert "http" in loaded
    assert loaded & {"boto3", "botocore", "urllib3", "awscrt", "requests"} == set()


def test_a_uri_of_aws_imports_no_client():
    """A URI can be parsed before either client is loaded."""
    loaded = modules_after("import yamlvault.kek.aws")
    assert loaded & {"boto3", "botocore", "http", "ssl", "socket"} == set()


@pytest.mark.parametrize("module", ["prehook", "prehook.chain", "prehook.execute", "prehook.hook"])
def test_the_entrypoint_does_not_import_yamlvault(module):
    """A chain without secrets starts without what opens them."""
    loaded = modules_after(f"import {module}")
    assert loaded & {"yamlvault", "yaml", "cryptography", "pyrage", "jinja2"} == set()
