"""Several scopes, whatever happens to them, are read alike by a reader made from the format."""

import sys
from pathlib import Path

from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

import yamlvault
from yamlvault.addition import encrypt_more
from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.document.splice import Edit, splice
from yamlvault.document.text import decode, encode
from yamlvault.errors import DocumentError, KEKError, KeyPathError
from yamlvault.renewal import rewrap, rotate
from yamlvault.rule import ScopeRule
from yamlvault.sealing import encrypt
from yamlvault.source import parse, read

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "yamlvault"))

import reader
from documents import streams
from parties import ADMIN, ANN, BEN, PASSERBY, SEALED, path_text
from test_independent import _agrees
from untouched import assert_only_scalars_changed

PEOPLE = (ANN, BEN)


@st.composite
def scoped(draw):
    """Return a stream, its rules with random roots, and the encrypted text."""
    data = draw(streams())
    text, bom = decode(data)
    try:
        nodes = compose(text).nodes
    except DocumentError:
        reject()
    paths = sorted({path for node in nodes if node.step is not None and (path := path_text(node))})
    chosen = draw(st.lists(st.sampled_from(paths), unique=True, min_size=1, max_size=5))
    if draw(st.booleans()):
        chosen = ["$", *(path for path in chosen if path != "$")]
    groups = [[] for _ in range(3)]
    for path in chosen:
        groups[draw(st.integers(0, 2))].append(path)
    rules = []
    for group in filter(None, groups):
        keks = (ADMIN.kek, *draw(st.sets(st.sampled_from([one.kek for one in PEOPLE]))))
        rules.append(ScopeRule(keks, tuple(group), tuple(group), append=True))
    source = parse(text, bom=bom)
    try:
        sealing = encrypt(source, rules, PASSERBY)
    except KEKError:
        event("an alias or a scope leads to another scope")
        rules = [rule._replace(keks=(ADMIN.kek, ANN.kek)) for rule in rules]
        sealing = attempt(parse(text, bom=bom), rules)
    except (DocumentError, KeyPathError) as error:
        event(f"refused: {error.message[:40]}")
        reject()
    return data, rules, encode(sealing.text, bom=bom)


def attempt(source, rules):
    try:
        return encrypt(source, rules, PASSERBY)
    except (DocumentError, KeyPathError) as error:
        event(f"refused: {error.message[:40]}")
        reject()


def sealed_of(data):
    return [str(node.sealed) for node in read(data).sealed]


def ids_of(data):
    return {key.id for scope in read(data).metadata.scopes for key in scope.keys}


def check(encrypted, data, *, agrees):
    assert yamlvault.decrypt(encrypted, keyring=ADMIN.keyring) == data
    assert_only_scalars_changed(data, encrypted)
    if agrees:
        assert reader.decrypt(encrypted, [ADMIN.identity]) == data


def replaced(data, encrypted, choice):
    """Put a plaintext in place of a sealed scalar, in both; return them and the node's number."""
    source, (text, bom) = read(encrypted), decode(data)
    before = compose(text).nodes
    numbers = [
        number
        for number, node in enumerate(source.stream.nodes)
        if isinstance(node, Scalar) and node.sealed and before[number].anchor is None
    ]
    if not numbers:
        return None
    number = choice.draw(st.sampled_from(numbers))
    fresh = choice.draw(st.sampled_from(["'fresh text'", '"42"', "fresh", "7"]))
    old, new = before[number], source.stream.nodes[number]
    edited = splice(source.text, [Edit(new.start, new.end, fresh)])
    wanted = splice(text, [Edit(old.start, old.end, fresh)])
    return encode(wanted, bom=bom), parse(edited, bom=bom)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(made=scoped(), choice=st.data())
def test_additions_rewrap_and_rotate(made, choice):
    """Both readers give the same bytes after each step; a rewrap keeps what is sealed."""
    data, rules, encrypted = made
    agrees = _agrees(data)
    event(f"{len(rules)} scopes, agrees: {agrees}")
    check(encrypted, data, agrees=agrees)
    steps = ["add", "add", "rewrap", "fresh", "rotate", "other"]
    for step in choice.draw(st.lists(st.sampled_from(steps), max_size=4)):
        source = read(encrypted)
        before = sealed_of(encrypted)
        if step == "add":
            changed = replaced(data, encrypted, choice)
            if changed is None:
                continue
            data, edited = changed
            agrees = agrees and _agrees(data)
            is_added_to = any(len(scope.keys) > 1 for scope in source.metadata.scopes)
            people = [PASSERBY] if is_added_to else [PASSERBY, ANN.keyring, ADMIN.keyring]
            who = choice.draw(st.sampled_from(people))
            sealing = encrypt_more(edited, (), who)
            assert sealing.sealed == 1
            text = sealing.text
        elif step == "rotate":
            is_added_to = any(len(scope.keys) > 1 for scope in source.metadata.scopes)
            choices = [rules] if is_added_to else [None, rules]
            renewal = rotate(source, choice.draw(st.sampled_from(choices)), ADMIN.keyring)
            text = renewal.text
        elif step == "other":
            wanted = [rule._replace(keks=(ADMIN.kek, ANN.kek, BEN.kek)) for rule in rules]
            text = rewrap(source, wanted, ADMIN.keyring).text or source.text
        else:
            text = rewrap(source, rules, ADMIN.keyring, fresh=step == "fresh").text or source.text
        ids = ids_of(encrypted)
        encrypted = encode(text, bom=source.bom)
        check(encrypted, data, agrees=agrees)
        if step == "rotate":
            assert ids.isdisjoint(ids_of(encrypted))
            assert set(before).isdisjoint(sealed_of(encrypted))
            assert all(len(scope.keys) == 1 for scope in read(encrypted).metadata.scopes)
        elif step == "add":
            assert sum(one not in before for one in sealed_of(encrypted)) == 1
        else:
            assert ids_of(encrypted) == ids
            assert sealed_of(encrypted) == before
    assert len(SEALED.findall(encrypted.decode())) == len(sealed_of(encrypted))
