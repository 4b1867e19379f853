"""yamlvault gives for each file of fixtures/vectors the result that the format demands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

import yamlvault
from yamlvault import Keyring
from yamlvault.loading import default_loader

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "vectors"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
VECTORS = EXPECTED["vectors"]
OPENING = [name for name, wanted in VECTORS.items() if wanted["result"] == "ok"]
REFUSED = [name for name, wanted in VECTORS.items() if wanted["result"] != "ok"]


@pytest.fixture(scope="module")
def keyring():
    """The identity and the passphrase of the vectors."""
    identity = (FOLDER / EXPECTED["identity"]).read_text()
    return Keyring([identity], EXPECTED["passphrase"])


@pytest.mark.parametrize("name", OPENING)
def test_opens(name, keyring):
    """`decrypt` gives the plaintext file: byte for byte, or with equal values."""
    plaintext = (FOLDER / VECTORS[name]["plaintext"]).read_bytes()
    opened = yamlvault.decrypt((FOLDER / name).read_bytes(), keyring=keyring)
    if VECTORS[name]["exact"]:
        assert opened == plaintext
    else:
        assert values(opened) == values(plaintext)


@pytest.mark.parametrize("name", OPENING)
def test_loads(name, keyring):
    """`loads_all` gives what PyYAML reads in the plaintext file."""
    try:
        wanted = values((FOLDER / VECTORS[name]["plaintext"]).read_bytes())
    except yaml.MarkedYAMLError:
        wanted = None  # such as a collection as a key
    data = (FOLDER / name).read_bytes()
    if wanted is None:
        with pytest.raises(yamlvault.DocumentError):
            yamlvault.loads_all(data, keyring=keyring)
    else:
        assert yamlvault.loads_all(data, keyring=keyring) == wanted


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name, keyring):
    """Both ways to read it raise the error of exactly this class."""
    data = (FOLDER / name).read_bytes()
    for read in (yamlvault.decrypt, yamlvault.loads_all):
        with pytest.raises(yamlvault.YamlVaultError) as caught:
            read(data, keyring=keyring)
        assert type(caught.value).__name__ == VECTORS[name]["result"]
        assert str(caught.value).count("the metadata has") <= 1
        assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_the_lists_name_exactly_the_files():
    """No file is without its entry, in `expected.json` and in README.md, and none is missing."""
    files = {path.name for path in FOLDER.glob("*_*.yml")}
    assert set(VECTORS) == files
    rows = re.findall(
        r"^\| `(\w+\.yml)` \| (\w+) \| \S", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    assert dict(rows) == {name: wanted["result"] for name, wanted in VECTORS.items()}
    assert len(rows) == len(files)
    plaintext = {f"plaintext/{path.name}" for path in FOLDER.glob("plaintext/*")}
    assert plaintext == {VECTORS[name]["plaintext"] for name in OPENING}
    others = {path.name for path in FOLDER.iterdir()} - files
    assert others == {".gitattributes", "README.md", "expected.json", "identity.txt", "plaintext"}


def values(data):
    return list(yaml.load_all(data.decode("utf-8-sig"), Loader=default_loader()))
