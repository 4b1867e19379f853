"""Opening: data keys unwrapped, MACs verified, scalars opened, text put back."""

import pytest
from vectors.making import PASSPHRASE, Rule, identity, make, other, own

from yamlvault.errors import IntegrityError, NoKeyError, NotEncryptedError
from yamlvault.keyring import Keyring
from yamlvault.opening import Lock, open_scopes, plaintext
from yamlvault.source import parse

TEXT = b"a: {x: 1, y: two}\nb: [3]\nc: 4\n"
TWO = Rule(("$.a",), ("$.a",), (own(),)), Rule(("$.b",), ("$.b",), (other(),))


@pytest.fixture(scope="module")
def ring():
    return Keyring([str(identity())])


def source(*rules, text=TEXT, **changes):
    return parse(make(text, *rules, **changes).decode())


def test_all_scopes(ring):
    """Every scope is verified and opened, and the text comes back."""
    found = source(TWO[0], TWO[1]._replace(keks=(own(),)))
    opened = open_scopes(found, ring)
    assert [item.reading.value for item in opened] == ["1", "two", "3"]
    assert plaintext(found, opened) == TEXT.decode()


def test_some_scopes(ring):
    """Of the scopes that are asked for, and of no other, the data keys are unwrapped."""
    found = source(*TWO)
    assert [item.reading.value for item in open_scopes(found, ring, {0})] == ["1", "two"]
    assert open_scopes(found, ring, set()) == []
    for numbers in ({1}, {0, 1}, None):
        with pytest.raises(NoKeyError):
            open_scopes(found, ring, numbers)


def test_a_plaintext_is_refused(ring):
    """Without metadata there is nothing to open."""
    with pytest.raises(NotEncryptedError):
        open_scopes(parse("a: 1\n"), ring)


def test_all_data_keys_are_unwrapped(ring):
    """Each older data key has a say in whether others may stand behind it, in use or not."""
    found = source(Rule(keys=3), text=b"a: 1\nb: 2\nc: 3\nd: 4\n")
    scope = found.metadata.scopes[0]
    lock = Lock(found)
    assert list(lock.unlock(0, ring)) == [key.id for key in scope.keys]
    lock.sealed[0] = []
    assert list(lock.unlock(0, ring)) == [key.id for key in scope.keys]
    assert plaintext(found, open_scopes(found, ring)) == "a: 1\nb: 2\nc: 3\nd: 4\n"


def test_two_data_keys_without_leave(ring):
    """A second data key is refused where the holder of the first did not allow it."""
    with pytest.raises(IntegrityError, match="data key was added"):
        open_scopes(source(Rule(keys=2), append=lambda _: [None, None]), ring)


def test_a_sealed_scalar_in_no_scope(ring):
    """It is none of this file: its place is named, nothing else."""
    found = source(TWO[0], text=TEXT)
    text = found.text.replace("c: 4", f"c: {found.sealed[0].sealed}")
    with pytest.raises(IntegrityError, match="none of this file") as caught:
        Lock(parse(text))
    assert (caught.value.line, caught.value.column) == (3, 4)


def test_a_sealed_scalar_of_another_scope(ring):
    """A scalar under the data key of another scope is refused before any key is unwrapped."""
    found = source(TWO[0], TWO[1]._replace(keks=(own(),)))
    text = found.text.replace("b: [", f"b: [{found.sealed[0].sealed}, ")
    with pytest.raises(IntegrityError, match="none of this file"):
        Lock(parse(text))


def test_macs_come_before_scalars(ring):
    """A changed section is refused by its label, not by what does not open in it."""
    text = source().text.replace("\nc: ", "\nd: ")
    with pytest.raises(IntegrityError, match="top level is not what was encrypted"):
        open_scopes(parse(text), ring)
    with pytest.raises(IntegrityError, match=r"section \$\.b is not"):
        open_scopes(parse(source().text.replace("b: [", "b: [x, ")), ring)


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a:\n  b: |\n    x\n", "  b: ", "      b: ", "a:\n      b: |\n        x\n"),
        ("a: >-\n  x\n  y\n", "a: ", "a:   ", "a:   >-\n  x\n  y\n"),
        ("a: |\n  x\n", "a: YV\n", "a: [YV]\n", None),
        ("- 'x\n\n  y'\n", "- ", "-     ", "-     'x\n\n  y'\n"),
    ],
)
def test_reformatted_surroundings(text, old, new, expected, ring):
    """Lines move with their block; what was moved into another structure is another file."""
    found = source(text=text.encode())
    sealed = found.sealed[0].sealed
    moved = found.text.replace(old.replace("YV", sealed), new.replace("YV", sealed), 1)
    again = parse(moved)
    if expected is None:
        with pytest.raises(IntegrityError):
            open_scopes(again, ring)
        return
    assert plaintext(again, open_scopes(again, ring)) == expected


def test_moved_into_a_flow_collection(ring):
    """A block scalar whose mapping became a flow mapping is quoted: its value is kept."""
    found = source(text=b"a:\n  b: |\n    x\n    y\n")
    sealed = found.sealed[0].sealed
    again = parse(found.text.replace(f"a:\n  b: {sealed}\n", f"a: {{b: {sealed}}}\n"))
    assert plaintext(again, open_scopes(again, ring)) == 'a: {b: "x\\ny\\n"}\n'


def test_a_passphrase_opens_its_scope():
    """A scope for a passphrase opens with it, and a scope for an identity does not."""
    found = source(TWO[0]._replace(keks=("passphrase:",)), TWO[1])
    ring = Keyring([], PASSPHRASE)
    assert [item.reading.value for item in open_scopes(found, ring, {0})] == ["1", "two"]
    with pytest.raises(NoKeyError):
        open_scopes(found, ring, {1})
