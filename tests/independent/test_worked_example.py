"""The numbers of docs/format.md, section 9, computed twice: here and by yamlvault."""

import re
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(Path(__file__).parent))

import reader
import tree

from yamlvault.format import mac
from yamlvault.format.encoding import encode, path_of
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Scope, Stanza, WrappedKey
from yamlvault.format.payload import payload_of
from yamlvault.format.scope import Map
from yamlvault.format.sealed import Sealer
from yamlvault.source import parse

PAGE = (
    (Path(__file__).parents[2] / "docs" / "format.md").read_text().split("## 9. Worked example")[1]
)
TEXT, SEALED, TABLE = (block.split("\n", 1)[1] for block in PAGE.split("```")[1:6:2])
SEALED = SEALED.strip()


@pytest.fixture(scope="module")
def numbers():
    rows = re.sub(r"\n {15}", "", TABLE).splitlines()
    return {row[:14].strip(): bytes.fromhex(row[15:]) for row in rows}


def test_the_second_reader_computes_them(numbers):
    """Keys, AEAD, P, N and the MACs, from the text of the page alone."""
    document, data_key = numbers["document id"], numbers["data key"]
    assert reader.derive(data_key, document, "seal") == numbers["seal key"]
    assert reader.derive(data_key, document, "mac") == numbers["MAC key"]
    plain = tree.compose(TEXT)[0].root
    password = plain.children[1].children[3]
    assert tree.path(password) == numbers["P"]
    key_id = SEALED[4:12].encode()
    parts = [b"yamlvault.v1.scalar", document, key_id, tree.path(password)]
    associated = b"".join(map(tree.lp, parts))
    sealed = reader.b64(SEALED[13:])
    assert sealed[:12] == numbers["nonce"]
    opened = AESGCM(numbers["seal key"]).decrypt(sealed[:12], sealed[12:], associated)
    assert opened == numbers["payload"]
    root = tree.compose(TEXT.replace("!!str hunter2", SEALED))[0].root
    db, words, alias = root.values
    assert tree.encode(db.values[0]) == numbers["N(localhost)"]
    assert tree.encode(words.values[1]) == numbers["N(~)"]
    assert tree.encode(alias) == numbers["N(*db)"]
    assert tree.encode(db) == numbers["N($.db)"]
    assert tree.encode(words) == numbers['N($."a b")']
    assert tree.encode(root, {db: b"#", words: b"#"}) == numbers["T($)"]
    assert [reader.label(db), reader.label(words)] == ["$.db", '$."a b"']


def test_yamlvault_computes_them(numbers):
    """The implementation gives the same numbers."""
    document = numbers["document id"]
    data_key = DataKey(SEALED[4:12], numbers["data key"])
    plain = parse(TEXT)
    password = next(n for n in plain.stream.nodes if getattr(n, "value", "") == "hunter2")
    assert payload_of(TEXT, password).pack() == numbers["payload"]
    sealer = Sealer(data_key.seal_key(document), document, data_key.id)
    assert sealer.open(SEALED, path_of(password)).source == "!!str hunter2"
    source = parse(TEXT.replace("!!str hunter2", SEALED))
    stanza = Stanza("age:age1example", b"wrapped")
    scope = Scope(("$",), ("$.db.password",), (WrappedKey(data_key.id, (stanza,)),))
    scopes = Map(source.stream, [scope])
    signed = mac.sign(scope, 0, scopes, data_key.mac_key(document), document)
    assert signed.root == numbers["root"]
    assert signed.rules == numbers["rules"]
    assert signed.sections == {
        "$.db": numbers["mac $.db"],
        '$."a b"': numbers['mac $."a b"'],
    }
    root = source.stream.documents[0].root
    sections = scopes.territories[0].sections
    assert encode(root, {id(node): b"#" for node in sections.values()}) == numbers["T($)"]


def test_other_labels():
    """The labels that the page names."""
    documents = tree.compose('7: [x]\n"a.b\\tc": {}\nlist: [[a]]\n---\na: 1\n')
    labels = [reader.label(node) for node in documents[0].root.values]
    assert labels == ["$.!303dadc3360b0b0c", '$."a.b\\tc"', "$.list"]
    assert reader.label(documents[0].root.values[2].values[0]) == "$.list[0]"
    assert reader.label(documents[1].root) == "1:$"
    assert all(label in PAGE for label in labels[:2])
