"""Merges of files with several scopes, other KEKs, other data keys, and of what does not open."""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest
import yaml
from parties import (
    ADMIN,
    ANN,
    BEN,
    PASSERBY,
    TWO,
    encrypted,
    key_ids,
    more,
    opened,
    party,
    scope_of,
)

import yamlvault
from yamlvault import Keyring, ScopeRule
from yamlvault.editing.draft import Draft
from yamlvault.editing.revision import revise
from yamlvault.errors import (
    IntegrityError,
    NoKeyError,
    NotEncryptedError,
    YamlVaultError,
)
from yamlvault.merging.merge import Merge
from yamlvault.renewal import rewrap, rotate
from yamlvault.source import parse

EVERYTHING = "a: one\nb: two\nc: three\n"


def edited(text, old, new, keyring=ADMIN.keyring, rules=None):
    """Return an encrypted text with something else in its plaintext."""
    draft = Draft(parse(text), keyring)
    assert old in draft.text
    return revise(draft, draft.text.replace(old, new), keyring, rules).text


def merge(base, ours, theirs, keyring=ADMIN.keyring, rules=None):
    """Return the merge of three texts."""
    versions = [None if text is None else text.encode() for text in (base, ours, theirs)]
    return Merge(*versions, keyring, rules)


def merged(*versions, keyring=ADMIN.keyring, rules=None):
    """Return the text that a merge without conflicts comes to."""
    result = merge(*versions, keyring=keyring, rules=rules)
    assert result.is_settled
    return result.text()


@contextmanager
def patch_document(document):
    """Let what is encrypted meanwhile have a document id."""
    real = os.urandom
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", lambda size: document if size == 16 else real(size))
        yield


def one(*parties, text=EVERYTHING, append=False):
    """Return a text with one scope."""
    return encrypted(text, [ScopeRule(tuple(p.kek for p in parties), append=append)])


def test_who_opens_one_scope_merges_two_edits_of_it():
    """A scope that neither side changed keeps its MACs, though nobody here opens it."""
    base = encrypted()
    ours = edited(base, "x: 1", "x: 11", ANN.keyring)
    theirs = edited(base, "y: two", "y: 22", ANN.keyring)
    text = merged(base, ours, theirs, keyring=ANN.keyring)
    assert opened(text) == TWO.replace("x: 1", "x: 11").replace("y: two", "y: 22")
    assert scope_of(text, 1) == scope_of(base, 1)


def test_a_scope_that_one_side_changed_is_taken_unopened():
    """Who opens none of it gets the other side's scope with its MACs."""
    base = encrypted()
    ours = edited(base, "x: 1", "x: 11", ANN.keyring)
    theirs = edited(base, "z: three", "z: 3", BEN.keyring)
    for keyring in (ANN.keyring, BEN.keyring, PASSERBY):
        text = merged(base, ours, theirs, keyring=keyring)
        assert opened(text) == TWO.replace("x: 1", "x: 11").replace("z: three", "z: 3")


def test_who_opens_nothing_merges_edits_of_different_sections():
    """Each section's MAC is that of the side that changed it."""
    plain = "s:\n  a: 1\n  b: 2\nt:\n  c: 3\n"
    base = one(ADMIN, text=plain)
    ours, theirs = edited(base, "b: 2", "b: 22"), edited(base, "c: 3", "c: 33")
    text = merged(base, ours, theirs, keyring=PASSERBY)
    assert opened(text) == "s:\n  a: 1\n  b: 22\nt:\n  c: 33\n"


def test_who_opens_nothing_can_not_merge_edits_of_one_section():
    """Nobody has signed both changes of a section."""
    plain = "s:\n  a: 1\n\n\n\n  b: 2\n"
    base = one(ADMIN, text=plain)
    result = merge(base, edited(base, "a: 1", "a: 11"), edited(base, "b: 2", "b: 22"), PASSERBY)
    with pytest.raises(NoKeyError, match=r"both sides changed \$\.s"):
        result.text()


@pytest.mark.parametrize("swapped", [False, True])
def test_a_new_kek_and_an_edit(swapped):
    """A KEK that one side added opens what the other side has edited."""
    newcomer = party()
    base = one(ADMIN)
    other = rewrap(parse(base), [ScopeRule((ADMIN.kek, newcomer.kek))], ADMIN.keyring).text
    sides = [edited(base, "two", "2"), other]
    text = merged(base, *(reversed(sides) if swapped else sides))
    assert opened(text, newcomer.keyring) == EVERYTHING.replace("two", "2")
    assert key_ids(text) == key_ids(base)


def test_both_sides_added_a_kek_and_one_took_one_away():
    """Whom the sides added is there, whom one removed is not."""
    first, second = party(), party()
    base = one(ADMIN, ANN)
    ours, theirs = (
        rewrap(parse(base), [ScopeRule(keks)], ADMIN.keyring).text
        for keks in ((ADMIN.kek, ANN.kek, first.kek), (ADMIN.kek, second.kek))
    )
    text = merged(base, ours, theirs)
    assert {stanza.kek for stanza in scope_of(text).keys[0].stanzas} == {
        ADMIN.kek,
        first.kek,
        second.kek,
    }


@pytest.mark.parametrize("swapped", [False, True])
def test_one_side_rotated_and_the_other_edited(swapped):
    """What was edited under the old data key is sealed under the new one."""
    base = one(ADMIN)
    rotated = rotate(parse(base), None, ADMIN.keyring).text
    sides = [edited(base, "two", "2"), rotated]
    text = merged(base, *(reversed(sides) if swapped else sides))
    assert opened(text) == EVERYTHING.replace("two", "2")
    assert key_ids(text) == key_ids(rotated)
    kept = {scalar.sealed for scalar in parse(text).sealed}
    assert len(kept & {scalar.sealed for scalar in parse(rotated).sealed}) == 2


def test_nothing_is_sealed_under_a_data_key_for_others_than_the_rule_says():
    """A side for somebody whom the rule does not name gets nothing of the other side."""
    eve = party()
    base = one(ADMIN)
    theirs = rotate(parse(base), [ScopeRule((ADMIN.kek, eve.kek))], ADMIN.keyring).text
    result = merge(base, edited(base, "two", "2"), theirs, rules=[ScopeRule((ADMIN.kek,))])
    with pytest.raises(IntegrityError, match="not by its rule"):
        result.text()


def test_both_sides_rotated():
    """Two new data keys can't be merged: one side has to be taken."""
    base = one(ADMIN)
    sides = [rotate(parse(base), None, ADMIN.keyring).text for _ in range(2)]
    with pytest.raises(YamlVaultError, match="both sides gave the scope"):
        merge(base, *sides)


def test_two_additions_of_who_can_not_open_the_file():
    """The data keys of both are there, and who opens the file checks and reads all."""
    base = one(ADMIN, append=True)
    sides = [more(base.replace("a: ", f"{name}: new\na: "), PASSERBY).text for name in "xy"]
    text = merged(base, *sides)
    assert yaml.safe_load(opened(text)) == {
        **yaml.safe_load(EVERYTHING),
        "x": "new",
        "y": "new",
    }
    assert len(key_ids(text)[0]) == 3


def test_both_sides_seal_more():
    """The paths that either side seals from now on are sealed."""
    plain = "a: 1\nb: 2\nc: 3\n"
    base = encrypted(plain, [ScopeRule((ADMIN.kek,), seal=("$.a",))])
    text = merged(
        base, more(base, ADMIN.keyring, "$.b").text, more(base, ADMIN.keyring, "$.c").text
    )
    assert scope_of(text).seal == ("$.a", "$.b", "$.c")
    assert len(parse(text).sealed) == 3
    assert opened(text) == plain


def test_a_side_from_before_the_file_was_encrypted():
    """A branch that edited the plaintext file is merged into the encrypted one, and sealed."""
    text = merged(EVERYTHING, one(ADMIN), EVERYTHING.replace("two", "2") + "d: new\n")
    assert opened(text) == EVERYTHING.replace("two", "2") + "d: new\n"
    assert len(parse(text).sealed) == 4


@pytest.mark.parametrize("number", [1, 2])
def test_a_side_that_was_tampered_with_is_refused(number):
    """Nothing is signed that is not what its writer wrote; the message says which side."""
    base = encrypted("host: h\na: two\nb: three\n", [ScopeRule((ADMIN.kek,), seal=("$.a", "$.b"))])
    versions = [base, edited(base, "two", "2"), edited(base, "three", "3")]
    versions[number] = versions[number].replace("host: h", "host: evil")
    side = ("ours", "theirs")[number - 1]
    with pytest.raises(IntegrityError, match=f"{side}: "):
        merge(*versions)


def test_a_side_whose_stanzas_were_taken_away_is_checked_with_the_other_sides_data_key():
    """Who can't open a side may hold its data key all the same: then its MACs are checked."""
    eve = party()
    base = encrypted("host: h\na: two\n", [ScopeRule((ADMIN.kek, ANN.kek), seal=("$.a",))])
    source = parse(base)
    stanza = next(one for one in scope_of(base).keys[0].stanzas if one.kek == ADMIN.kek)
    ours = base.replace("host: h", "host: evil").replace(ADMIN.kek, eve.kek)
    assert stanza.kek in source.text
    theirs = edited(base, "two", "2")
    for versions in ((base, ours, theirs), (base, theirs, ours)):
        with pytest.raises(IntegrityError):
            merge(*versions)


def test_a_scope_that_did_not_open_on_one_side_is_not_signed():
    """What a side has in it was checked by nobody, whatever data key the other side has."""
    stranger = party()
    plain = "s:\n  a: 1\n\n\n\n  b: 2\n"
    ours = one(stranger, text=plain)
    document = parse(ours).metadata.document
    theirs = one(ADMIN, text=plain)
    other = parse(theirs).metadata.document
    assert document != other
    with pytest.raises(IntegrityError, match="not versions of one"):
        merge(ours, ours, theirs)


@pytest.mark.parametrize("number", [1, 2])
def test_a_side_without_its_metadata_is_refused(number):
    """Without MACs nobody vouches for what stands beside sealed scalars."""
    base = one(ADMIN)
    versions = [base, edited(base, "two", "2"), edited(base, "three", "3")]
    versions[number] = versions[number].partition("yamlvault:")[0]
    with pytest.raises(IntegrityError, match="has no metadata"):
        merge(*versions)


@pytest.mark.parametrize("base", [None, "encrypted"])
def test_a_side_that_was_decrypted_is_refused(base):
    """A plaintext side is taken only if the file was plaintext before."""
    text = one(ADMIN)
    ancestor = text if base else None
    with pytest.raises(IntegrityError, match="theirs: the file is plaintext there"):
        merge(ancestor, edited(text, "two", "2"), EVERYTHING.replace("three", "3"))


def test_a_side_from_before_the_encryption_is_told():
    """Whoever takes the result is told that a side was not checked."""
    result = merge(EVERYTHING, one(ADMIN), EVERYTHING + "d: new\n")
    assert result.notes == [
        "theirs is from before the file was encrypted: what it changed is taken unchecked"
    ]


def test_a_strangers_data_key_is_refused():
    """Who replaces the data key has to show that they know what the one before has sealed."""
    base = one(ADMIN)
    document = parse(base).metadata.document
    with patch_document(document):
        stranger = one(ADMIN, text=EVERYTHING.replace("one", "x").replace("two", "y"))
    assert parse(stranger).metadata.document == document
    mine = edited(base, "three", "three\nd: s3cret")
    for versions in ((base, mine, stranger), (base, stranger, mine)):
        with pytest.raises(IntegrityError, match=r"stranger's"):
            merge(*versions)


def test_nothing_in_a_file_reads_as_a_token():
    """What stands for plaintext while versions are merged is new each time."""
    plain = "a: one\nb: two\nc: three\n"
    base = encrypted(plain, [ScopeRule((ADMIN.kek,), seal=("$.a", "$.b"))])
    forged = [f"d{number}: yv1.--token-.{number}" for number in range(3)]
    ours = edited(base, "two", "2")
    with pytest.raises(IntegrityError):
        merge(base, ours, base.replace("c: three", "c: three\n" + "\n".join(forged)))


def test_both_sides_removed_all_keys():
    """An empty mapping is not the same as nothing."""
    base = one(ADMIN, text="m:\n  a: 1\n  b: 2\nz: 1\n")
    sides = [edited(base, line, "") for line in ("  a: 1\n", "  b: 2\n")]
    result = merge(base, *sides)
    if result.is_settled:
        assert yaml.safe_load(opened(result.text())) == {"m": {}, "z": 1}


def test_a_side_is_taken_in_the_conflicts_alone():
    """What only the other side changed, added or removed is taken as well."""
    plain = "db:\n  password: p\n  port: 1\n  host: h\n"
    base = one(ADMIN, text=plain)
    ours = edited(base, "password: p", "password: ours")
    theirs = edited(base, plain, "db:\n  password: theirs\n  token: t\n  host: h\n")
    result = merge(base, ours, theirs)
    assert result.conflicts == ["$.db.password"]
    for side in ("ours", "theirs"):
        data = yaml.safe_load(opened(result.text(side)))
        assert data == {"db": {"password": side, "token": "t", "host": "h"}}


def test_a_common_ancestor_that_can_not_be_read_is_left_out():
    """Without one, what differs is a conflict, and what does not is none."""
    base = one(ADMIN)
    ours, theirs = edited(base, "two", "2"), edited(base, "two", "22")
    for ancestor in ("{", base.replace("a: yv1", "q: yv1"), None):
        result = merge(ancestor, ours, theirs)
        assert result.conflicts == ["$.b"]
        assert opened(result.text("theirs")) == EVERYTHING.replace("two", "22")


def test_files_that_are_not_of_one_origin():
    """Two encrypted files of other document ids have no data key in common."""
    with pytest.raises(IntegrityError, match="not versions of one"):
        merge(None, one(ADMIN), one(ADMIN))


def test_plaintext_files_are_left_to_git():
    """Where neither side is encrypted there is nothing to do here."""
    with pytest.raises(NotEncryptedError):
        merge(EVERYTHING, EVERYTHING, EVERYTHING + "d: 1\n")


@pytest.mark.parametrize(
    "plain",
    [
        '{"a": "one", "b": "two", "c": "three"}\n',
        '{\n  "a": "one",\n  "b": "two",\n  "c": "three"\n}\n',
        "a: one\r\nb: two\r\nc: three\r\n",
        "\ufeffa: one\nb: two\nc: three\n",
        "a: one\n---\nb: two\n---\nc: three\n",
        "a: one\nb: two\nc: three",
        "--- # x\na: &x one\nb: two # said\nc: three\n...\n",
        "- a: one\n- b: two\n- c: three\n",
    ],
)
def test_every_form_of_a_file(plain):
    """Edits of two values merge in it, and all else stays byte for byte."""
    base = yamlvault.encrypt(plain, keks=[ADMIN.kek])
    sides = []
    for old, new in (("one", "1"), ("two", "2")):
        source = parse(base.decode().removeprefix("\ufeff"), bom=plain.startswith("\ufeff"))
        draft = Draft(source, ADMIN.keyring)
        text = revise(draft, draft.text.replace(old, new), ADMIN.keyring).text
        sides.append(text.encode())
    result = Merge(base, *sides, ADMIN.keyring)
    assert result.is_settled
    wanted = plain.removeprefix("\ufeff").replace("one", "1").replace("two", "2")
    assert opened(result.text()) == wanted


def test_a_section_that_one_side_removed_and_the_other_edited():
    """Nobody's edit is lost unseen."""
    base = encrypted()
    removed = edited(base, "ben:\n  z: three\n", "")
    result = merge(base, edited(base, "three", "3"), removed)
    assert result.conflicts == ["$.ben.z"]
    assert not result.is_settled
    marked = result.marked(("ours", "theirs"), 7)
    assert "three" not in marked


def test_a_key_service_is_asked_once(distant):
    """Three versions have one data key: it is unwrapped for the first, and known for the others."""
    keyring = Keyring([])
    base = encrypted(EVERYTHING, [ScopeRule(("aws-kms:arn:one",))])
    sides = [edited(base, *pair, keyring) for pair in (("one", "1"), ("two", "2"))]
    distant.clear()
    text = merged(base, *sides, keyring=keyring)
    assert len(distant) == 1
    assert opened(text, keyring) == "a: 1\nb: 2\nc: three\n"


def test_messages_and_reprs_hold_no_plaintext():
    """What a merge says of itself is its type."""
    base = one(ADMIN, text="a: s3cret-marker\n")
    result = merge(base, edited(base, "marker", "marker-1"), edited(base, "marker", "marker-2"))
    assert repr(result) == "<Merge>"
    assert "marker" not in result.marked(("ours", "theirs"), 7)
