"""A file as it was read: data and metadata apart."""

import pytest

import yamlvault
from yamlvault.document.compose import compose
from yamlvault.errors import DocumentError, NotEncryptedError
from yamlvault.format.sealed import key_id_of
from yamlvault.source import (
    parse,
    read,
    require_metadata,
    same_structure,
    without_metadata,
)

SEALED = "yv1.AAAAAAAA.AAAA"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("text", ["a: 1\n", "[1]", "x\n---\ny\n", "", "# c"])
def test_metadata_is_apart(text, mark, recipient, parser):
    """The nodes are those of the plaintext, and the metadata stands beside them."""
    data = mark + text.encode()
    plain = read(data)
    source = read(yamlvault.encrypt(data, keks=[recipient]))
    assert (plain.metadata, plain.removal, plain.sealed) == (None, None, [])
    assert source.bom == plain.bom == bool(mark)
    assert source.metadata.scopes[0].keys[0].stanzas[0].kek == recipient
    assert len(source.stream.nodes) == len(plain.stream.nodes)
    assert len(source.stream.documents) == len(plain.stream.documents)
    bare = without_metadata(source)
    assert same_structure(bare.stream, source.stream)
    assert "yamlvault" not in bare.text
    assert without_metadata(plain) is plain


def test_a_plaintext_has_no_metadata():
    """It is refused where an encrypted file is wanted, with what to do."""
    with pytest.raises(NotEncryptedError, match=r"^not encrypted$") as caught:
        require_metadata(parse("a: 1\n"))
    assert "yamlvault encrypt" in caught.value.hint


def test_metadata_that_was_lost():
    """Sealed scalars without metadata are told from a plaintext: something is missing there."""
    with pytest.raises(NotEncryptedError, match="no metadata any more") as caught:
        require_metadata(parse(f"a: 1\nb: {SEALED}\n"))
    assert (caught.value.line, caught.value.column) == (2, 4)
    assert "history" in caught.value.hint


def test_sealed_scalars_and_their_keys():
    """The sealed scalars are found with the ids of their data keys; keys are never sealed."""
    source = parse(f"{SEALED}: 1\na: [{SEALED}, yv1.BBBBBBBB.AAAA, x]\n")
    assert [scalar.sealed for scalar in source.sealed] == [SEALED, "yv1.BBBBBBBB.AAAA"]
    assert [key_id_of(scalar.sealed) for scalar in source.sealed] == ["AAAAAAAA", "BBBBBBBB"]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("a: 1", "a:   1 # c", True),
        ("a: [1, 2]", "a:\n- 1\n- 2", True),
        ("a: 'x'", 'a: "x"', True),
        ("a: x", "a: 'x'", False),
        ("a: 1", "a: 2", False),
        ("a: 1", "b: 1", False),
        ("a: 1", "a: !t 1", False),
        ("a: 1", "a: &x 1", False),
        ("a: &x 1", "a: &y 1", False),
        ("a: [1]", "a: [1, 2]", False),
        ("a: [1]", "a: !t [1]", False),
        ("a: [1]", "a: &x [1]", False),
        ("a: [1, 2]", "a: {1: 2}", False),
        ("[[1], 2]", "[[1, 2]]", False),
        ("a: &x 1\nb: *x", "a: &x 1\nb: 1", False),
        ("[&x 1, &y 1, *x]", "[&x 1, &y 1, *y]", False),
        (f"a: {SEALED}", f"a: '{SEALED}'", True),
        (f"a: {SEALED}", "a: yv1.AAAAAAAA.AAAB", False),
        (f"a: {SEALED}", f"a: &x {SEALED}", False),
        (f"a: {SEALED}", f"a: !t {SEALED}", False),
        ("a: 1", "a: 1\n---\nb", False),
    ],
)
def test_same_structure(first, second, same, parser):
    """Layout may differ; kinds, tags, values, anchors and sealed texts may not."""
    assert same_structure(compose(first), compose(second)) is same
    assert same_structure(compose(second), compose(first)) is same


def test_errors_have_the_place_in_the_file():
    """What can't be parsed has its place, behind a byte order mark too."""
    with pytest.raises(DocumentError) as caught:
        read(b"\xef\xbb\xbfa: 1\nb: @x\n")
    assert (caught.value.line, caught.value.column) == (2, 4)


def test_repr_shows_nothing():
    """A source can be plaintext."""
    assert repr(parse("a: hunter2")) == "<Source>"
