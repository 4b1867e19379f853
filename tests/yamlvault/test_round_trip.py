"""What holds for every document, every selection and both parsers."""

import pytest
import yaml
from documents import streams
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st
from untouched import SEALED, assert_only_scalars_changed, sealable

import yamlvault
from yamlvault.addition import encrypt_more
from yamlvault.document.compose import compose
from yamlvault.document.node import Collection
from yamlvault.document.splice import Edit, splice
from yamlvault.document.text import decode, encode
from yamlvault.errors import DocumentError
from yamlvault.source import parse, read

# `parser` is a fixture of the function: it is the same for all examples of one
KEEP = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)


def accepted(data):
    """Return the tree of a document that can be edited."""
    text, _ = decode(data)
    try:
        stream = compose(text)
    except DocumentError:
        event("not YAML")
        reject()
    event("YAML")
    return stream


def lenient_loader():
    """Return a loader that knows every tag: of the parser that yamlvault has now."""

    class Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("", lambda _, tag, node: (tag, str(node.value)[:99]))
    return Loader


@KEEP
@given(data=streams())
def test_decrypt_gives_the_bytes_back(data, parser, recipient, keyring):
    """decrypt(encrypt(x)) is x, all scalars are sealed, and nothing else is touched."""
    accepted(data)
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    text, _ = decode(data)
    assert len(SEALED.findall(encrypted.decode())) == sealable(text, parser)
    assert_only_scalars_changed(data, encrypted)
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data


@KEEP
@given(data=streams(), choice=st.data())
def test_selections_come_back(data, choice, parser, recipient, keyring):
    """With any selection of key paths the bytes come back, and no other scalar is sealed."""
    stream = accepted(data)
    keys = ["k", '"key two"', "q", "defaults", "7", "*", "[0]", "[1]", "/e/", '":sym"']
    component = st.sampled_from(keys)
    paths = choice.draw(st.lists(st.lists(component, max_size=3), min_size=1, max_size=3))
    texts = ["$" + "".join(c if c[0] == "[" else f".{c}" for c in path) for path in paths]
    try:
        encrypted = yamlvault.encrypt(data, keks=[recipient], seal=texts)
    except yamlvault.KeyPathError:
        reject()
    assert len(read(encrypted).sealed) <= sum(
        not isinstance(node, Collection) for node in stream.nodes
    )
    assert_only_scalars_changed(data, encrypted)
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data


@KEEP
@given(data=streams())
def test_load_gives_what_safe_load_gives(data, parser, recipient, keyring):
    """The values of the encrypted file are those of the plaintext, or neither can be loaded."""
    accepted(data)
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    loader = lenient_loader()
    try:
        expected = repr(list(yaml.load_all(data, loader)))
    except (yaml.YAMLError, ValueError):
        event("safe_load fails")
        with pytest.raises(DocumentError):
            yamlvault.loads_all(encrypted, loader=loader, keyring=keyring)
        return
    assert repr(yamlvault.loads_all(encrypted, loader=loader, keyring=keyring)) == expected


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(data=streams())
def test_both_parsers_give_one_tree(data):
    """What both parsers accept has the same nodes at the same places under both."""
    text, _ = decode(data)
    trees = []
    for parser in ("libyaml", "pure"):
        try:
            stream = compose(text, parser)
        except DocumentError:
            reject()
        trees.append(
            [
                (type(node).__name__, node.start, getattr(node, "tag", ""))
                + ((node.end, node.value) if hasattr(node, "value") else ())
                for node in stream.nodes
            ]
        )
    assert trees[0] == trees[1]


def test_equal_values_are_never_equal_when_sealed(recipient):
    """Whoever compares sealed scalars learns nothing of which values are equal."""
    data = "".join(f"k{number}: same\n" for number in range(500)).encode()
    first, second = (yamlvault.encrypt(data, keks=[recipient]).decode() for _ in range(2))
    sealed = SEALED.findall(first) + SEALED.findall(second)
    assert len(set(sealed)) == len(sealed) == 1000


def test_padding_hides_the_length_of_short_values(recipient):
    """Values of 1 to 40 bytes have sealed scalars of one length."""
    data = "".join(f"k{length}: '{'x' * length}'\n" for length in range(1, 41)).encode()
    sealed = SEALED.findall(yamlvault.encrypt(data, keks=[recipient]).decode())
    assert len(sealed) == 40
    assert len({len(text) for text in sealed}) == 1


@KEEP
@given(data=streams(), choice=st.data())
def test_plaintext_put_in_place_of_a_secret(data, choice, parser, recipient, keyring):
    """A sealed scalar overwritten by hand is sealed anew, and all others keep their text."""
    stream = accepted(data)
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    sealed = [number for number, node in enumerate(read(encrypted).stream.nodes) if _sealed(node)]
    if not sealed:
        reject()
    number = choice.draw(st.sampled_from(sealed))
    source = read(encrypted)
    before, after = stream.nodes[number], source.stream.nodes[number]
    if before.anchor is not None:
        reject()
    fresh = "'fresh text'"
    edited = splice(source.text, [Edit(after.start, after.end, fresh)])
    sealing = encrypt_more(parse(edited, bom=source.bom), (), keyring)
    assert (sealing.sealed, sealing.kept) == (1, len(sealed) - 1)
    kept = {node.sealed for node in source.sealed} - {after.sealed}
    assert kept <= {node.sealed for node in parse(sealing.text).sealed}
    text, bom = decode(data)
    wanted = encode(splice(text, [Edit(before.start, before.end, fresh)]), bom=bom)
    assert yamlvault.decrypt(encode(sealing.text, bom=bom), keyring=keyring) == wanted


def _sealed(node):
    return getattr(node, "sealed", None) is not None
