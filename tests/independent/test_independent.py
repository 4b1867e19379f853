"""What yamlvault writes is opened by a reader that knows docs/format.md alone."""

import json
import sys
from pathlib import Path

import pytest

import yamlvault

sys.path.insert(0, str(Path(__file__).parent))

import reader
import tree

FIXTURES = Path(__file__).parents[2] / "fixtures"
FOLDER = FIXTURES / "vectors"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
VECTORS = EXPECTED["vectors"]


def _agrees(data):
    """Tell whether ruamel and PyYAML see the same nodes: the reader stands on the former."""
    try:
        documents = tree.compose(data.decode().removeprefix("\ufeff"))
    except (tree.Refused, UnicodeDecodeError):
        return False
    from yamlvault.source import read

    ours = [getattr(node, "value", None) for node in read(data).stream.nodes]
    theirs = [
        node.value if node.kind == "S" else None
        for document in documents
        for node in document.root.walk()
    ]
    return ours == theirs


@pytest.mark.parametrize("folder", ["constructs", "yaml-test-suite"])
def test_documents(folder, recipient, identity):
    """Every fixture that both parsers read alike is decrypted to the same bytes."""
    tried, wrong = 0, []
    for file in sorted((FIXTURES / folder).glob("*.y*ml")):
        data = file.read_bytes()
        try:
            encrypted = yamlvault.encrypt(data, keks=[recipient])
        except yamlvault.YamlVaultError:
            continue
        if not _agrees(data):
            continue
        tried += 1
        try:
            if reader.decrypt(encrypted, [identity]) != data:
                wrong.append(file.name)
        except tree.Refused as error:
            wrong.append(f"{file.name}: {error}")
    assert wrong == []
    assert tried > {"constructs": 400, "yaml-test-suite": 200}[folder]


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name):
    """The second reader opens the vectors that open, to the same plaintext, and no other."""
    identity = [
        line for line in (FOLDER / EXPECTED["identity"]).read_text().split() if "SECRET" in line
    ]
    data = (FOLDER / name).read_bytes()
    if VECTORS[name]["result"] != "ok":
        with pytest.raises(tree.Refused):
            reader.decrypt(data, identity, EXPECTED["passphrase"])
        return
    opened = reader.decrypt(data, identity, EXPECTED["passphrase"])
    plaintext = (FOLDER / VECTORS[name]["plaintext"]).read_bytes()
    if VECTORS[name]["exact"]:
        assert opened == plaintext
    else:
        assert readings(opened) == readings(plaintext)


def readings(data):
    """Return tag and value of each scalar, and the kind of each other node, in any order."""
    return sorted(
        (node.kind, tree.tag_of(node), node.value)
        for document in tree.compose(data.decode())
        for node in document.root.walk()
    )
