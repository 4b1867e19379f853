"""Additions by who can open a scope, and by who can't."""

import pytest
from parties import (
    ADMIN,
    ANN,
    BEN,
    EVE,
    PASSERBY,
    SEALED,
    TWO,
    encrypted,
    key_ids,
    more,
    opened,
    scope_of,
    two,
)

import yamlvault
from yamlvault import Keyring, ScopeRule
from yamlvault.addition import encrypt_more
from yamlvault.errors import (
    AlreadyEncryptedError,
    ConfigError,
    DocumentError,
    IntegrityError,
    KEKError,
    KeyPathError,
    NoKeyError,
    YamlVaultError,
)
from yamlvault.source import parse

NEW = "  y: "
GROWN = TWO.replace(NEW, f"  w: fresh\n{NEW}")


def grown(text):
    return text.replace(NEW, f"  w: fresh\n{NEW}")


def test_a_new_data_key_for_the_same_keks():
    """Who can't open a scope adds a data key for its KEKs; what was sealed keeps its text."""
    text = encrypted(append=True)
    sealing = more(grown(text), PASSERBY)
    assert (sealing.sealed, sealing.kept, sealing.vouched) == (1, 3, ())
    assert (sealing.appended, sealing.unchecked) == (("$.ann",), ("$.ben",))
    before, after = scope_of(text), scope_of(sealing.text)
    assert after.keys[:1] == before.keys
    assert len(after.keys) == 2
    assert [stanza.kek for stanza in after.keys[1].stanzas] == [ANN.kek, ADMIN.kek]
    assert after.keys[1].append not in (b"", before.keys[0].append)
    assert scope_of(sealing.text, 1) == scope_of(text, 1)
    assert set(SEALED.findall(text)) < set(SEALED.findall(sealing.text))
    assert opened(sealing.text) == GROWN
    assert yamlvault.loads(sealing.text, path="$.ann.w", keyring=ANN.keyring) == "fresh"


def test_one_addition_after_the_other():
    """Each addition has a data key of its own, and all of them open."""
    text = encrypted(append=True)
    for number in range(4):
        text = more(text.replace("ann:\n", f"ann:\n  n{number}: v{number}\n"), PASSERBY).text
    assert [len(ids) for ids in key_ids(text)] == [5, 1]
    assert yamlvault.loads(text, path="$.ann.n0", keyring=ANN.keyring) == "v0"
    own = text.replace("ann:\n", "ann:\n  own: 1\n")
    with pytest.raises(YamlVaultError, match="who made its newest data key could read") as caught:
        more(own, ANN.keyring)
    assert "yamlvault rotate" in caught.value.hint


def test_who_opens_a_scope_adds_under_its_newest_data_key():
    """No data key is added where the scope opens, and the other scope is left unchecked."""
    text = encrypted(append=True)
    sealing = more(grown(text), ANN.keyring)
    assert (sealing.appended, sealing.unchecked) == ((), ("$.ben",))
    assert sealing.vouched == ("",)
    assert key_ids(sealing.text) == key_ids(text)
    assert opened(sealing.text) == GROWN


def test_without_append_nothing_is_added():
    """A scope that does not open and has no `append` takes nothing new."""
    with pytest.raises(NoKeyError, match=r"scope [$].ann: none of the file's KEKs") as caught:
        more(grown(encrypted()), BEN.keyring)
    assert "`append: true`" in caught.value.hint


def test_an_unsigned_append_of_one_data_key():
    """Each of several data keys must give its leave; one that does not is the end of it."""
    text = more(grown(encrypted(append=True)), PASSERBY).text
    last = text.index("append:", text.index("append:") + 1)
    line = text[last - 10 : text.index("\n", last) + 1]
    cut = text.replace(line.lstrip("\n"), "", 1)
    assert len(scope_of(cut).keys) == 2
    assert scope_of(cut).keys[1].append == b""
    with pytest.raises(NoKeyError, match=r"scope [$].ann"):
        more(cut.replace("ann:\n", "ann:\n  n: 1\n"), PASSERBY)


def test_a_passphrase_that_is_not_at_hand():
    """Any passphrase would do to wrap, so that none is taken where the scope does not open."""
    rule = ScopeRule(("passphrase:", ANN.kek), ("$.ann",), ("$.ann",), append=True)
    text = yamlvault.encrypt(TWO, scopes=[rule], keyring=Keyring([], "right")).decode()
    for ring in (PASSERBY, Keyring([], "wrong")):
        with pytest.raises(NoKeyError, match="for a passphrase too") as caught:
            more(grown(text), ring)
        assert "YAMLVAULT_PASSPHRASE" in caught.value.hint
    assert more(grown(text), Keyring([], "right")).appended == ()


def with_stanza_put_in(text):
    """Return the text with a stanza for somebody who writes files, in each data key."""
    own = f'            - kek: "{EVE.kek}"\n              wrapped: "AAAA"\n'
    return text.replace("          stanzas:\n", "          stanzas:\n" + own)


def test_a_stanza_that_was_put_in():
    """Who can't open a scope wraps a new data key for whom its rule says, and for nobody else."""
    text = with_stanza_put_in(grown(encrypted(append=True)))
    with pytest.raises(IntegrityError, match=f"is for {EVE.kek}, but not by its rule"):
        encrypt_more(parse(text), (), PASSERBY, rules=two(append=True))
    clean = grown(encrypted(append=True))
    sealing = encrypt_more(parse(clean), (), PASSERBY, rules=two(append=True))
    assert EVE.kek not in sealing.text
    assert opened(sealing.text) == opened(more(clean, PASSERBY).text)


def test_a_path_that_was_taken_away():
    """Who can't open a scope seals all that its rule seals, or nothing."""
    first, second = two(append=True)
    text = encrypted(rules=[first._replace(seal=("$.ann.x",)), second])
    text = SEALED.sub("new", text, count=1)
    with pytest.raises(IntegrityError, match=r"does not seal \$\.ann, as its rule does"):
        encrypt_more(parse(text), (), PASSERBY, rules=[first, second])


def test_a_rule_that_lets_nobody_add():
    """The leave in the file does not do where the rule takes it back."""
    with pytest.raises(NoKeyError, match="its rule lets nobody add"):
        encrypt_more(parse(grown(encrypted(append=True))), (), PASSERBY, rules=two())


def test_a_scope_that_was_replaced():
    """A scope that opens, and is for others than its rule says, gets nothing new."""
    first, second = two()
    text = encrypted(rules=[first._replace(keks=(*first.keks, EVE.kek)), second])
    for ring in (ANN.keyring, ADMIN.keyring):
        with pytest.raises(IntegrityError, match=f"is for {EVE.kek}, but not by its rule"):
            encrypt_more(parse(grown(text)), (), ring, rules=[first, second])
        with pytest.raises(ConfigError, match="which the rule does not have"):
            encrypt_more(parse(grown(text)), (), ring, rules=[second])


def test_what_the_rule_seals_and_the_file_does_not():
    """Plaintext under a path that came into the rule later is named."""
    first, second = two()
    text = encrypted(rules=[first._replace(seal=("$.ann.x",)), second])
    edited = text.replace("  y: two", "  y: two\n  z: 3")
    sealing = encrypt_more(parse(edited), (), ADMIN.keyring, rules=[first, second])
    assert (sealing.sealed, sealing.left_out) == (0, ("$.ann",))
    with pytest.raises(AlreadyEncryptedError, match=r"though the rule seals it: \$\.ann"):
        encrypt_more(parse(text), (), ADMIN.keyring, rules=[first, second])


def test_no_rule_for_an_addition():
    """Without a rule for the scope nobody adds to it who can't open it."""
    text = grown(encrypted(append=True))
    for rules in ([], [two()[1]], [two()[0]._replace(paths=("$",))]):
        with pytest.raises(NoKeyError, match="no rule says for whom"):
            encrypt_more(parse(text), (), PASSERBY, rules=rules)


def test_nothing_new_for_who_opens_nothing():
    """Who opens no scope and has nothing to add is told why it does not open."""
    with pytest.raises(NoKeyError):
        more(encrypted(append=True), PASSERBY)


def test_nothing_new_for_who_opens_a_part():
    """The scope that was not checked is named."""
    with pytest.raises(AlreadyEncryptedError, match=r"[$].ben: does not open here, and was not"):
        more(encrypted(append=True), ANN.keyring)


def test_changes_in_a_scope_that_does_not_open_are_not_signed():
    """Plaintext changed in a closed scope stays unsigned: its holder refuses it."""
    text = encrypted(rules=[two()[0], two()[1]._replace(seal=("$.ben.z",))])
    text = grown(text.replace("ben:\n", "ben:\n  host: evil\n"))
    sealing = more(text, ANN.keyring)
    assert sealing.unchecked == ("$.ben",)
    assert yamlvault.loads(sealing.text, path="$.ann.w", keyring=ANN.keyring) == "fresh"
    with pytest.raises(IntegrityError):
        yamlvault.loads(sealing.text, path="$.ben", keyring=BEN.keyring)


def test_an_alias_leads_a_change_into_another_scope():
    """A closed scope whose alias stands for what was changed is signed anew, or refused."""
    text = "ann:\n  k: &k {v: 1}\nben:\n  z: *k\n"
    rules = [
        ScopeRule((ANN.kek, BEN.kek), ("$.ann",), ("$.ann",), append=True),
        ScopeRule((BEN.kek,), ("$.ben",), ("$.ben",), append=True),
    ]
    made = encrypted(text, rules)
    edited = made.replace("{v: ", "{w: 2, v: ")
    sealing = more(edited, ANN.keyring)
    assert sealing.appended == ("$.ben",)
    assert yamlvault.loads(sealing.text, keyring=BEN.keyring)["ben"] == {"z": {"v": 1, "w": 2}}
    strict = encrypted(text, [rules[0], rules[1]._replace(append=False)])
    with pytest.raises(NoKeyError, match=r"scope [$].ben"):
        more(strict.replace("{v: ", "{w: 2, v: "), ANN.keyring)


def test_more_paths_of_a_scope_that_does_not_open():
    """More is sealed from now on under a new data key."""
    first, second = two(append=True)
    text = encrypted(rules=[first._replace(seal=("$.ann.x",)), second])
    assert "two" in text
    sealing = more(text, PASSERBY, "$.ann.y")
    assert sealing.appended == ("$.ann",)
    assert scope_of(sealing.text).seal == ("$.ann.x", "$.ann.y")
    assert "two" not in sealing.text
    assert opened(sealing.text) == TWO


def test_more_paths_in_no_scope():
    """What is in no scope can't be sealed; it is named."""
    with pytest.raises(KeyPathError, match=r"names what is in no scope: \$\.name"):
        more(encrypted(), ADMIN.keyring, "$.name")
    with pytest.raises(KeyPathError, match="names nothing"):
        more(encrypted(), ADMIN.keyring, "$.ann.none")


def test_an_alias_into_a_scope_that_its_readers_do_not_open():
    """An alias by which a scope can't be read any more by who opens it is refused."""
    text = encrypted("ann: {x: &x 1}\nben: {z: 2}\n", two(append=True))
    with pytest.raises(KEKError, match="can't read it"):
        more(text.replace("{z: ", "{q: *x, z: "), ADMIN.keyring)
    with pytest.raises(KEKError, match="can't read it"):
        more(text.replace("{z: ", "{q: *x, new: 1, z: "), PASSERBY)


@pytest.mark.parametrize("ring", [PASSERBY, ANN.keyring, ADMIN.keyring])
def test_an_alias_out_of_a_scope(ring):
    """An alias that carries a secret out of its scope is signed by nobody."""
    text = encrypted("ann: {x: &x 1}\nben: {z: 2}\n", two(append=True))
    edited = text.replace("ben:", "out: *x\nben:")
    with pytest.raises((IntegrityError, DocumentError, NoKeyError)):
        more(edited, ring)


def test_a_sealed_scalar_of_another_scope():
    """A sealed scalar that was moved to another scope is refused, and not signed."""
    text = encrypted(append=True)
    first, _, third = SEALED.findall(text)
    moved = text.replace(first, "1", 1).replace(third, first, 1)
    for ring in (ADMIN.keyring, PASSERBY):
        with pytest.raises(IntegrityError):
            more(moved, ring)


def test_what_is_in_no_scope_is_named():
    """Who encrypts hears what anybody can change unnoticed."""
    assert more(grown(encrypted(append=True)), PASSERBY).uncovered == ("$.name",)
    text = encrypted(append=True).replace("yamlvault:", "new:\n  password: marker\nyamlvault:")
    with pytest.raises(
        AlreadyEncryptedError, match=r"change it unnoticed: \$.name, \$.new"
    ) as seen:
        more(text, ADMIN.keyring)
    assert "marker" not in str(seen.value)


def test_nothing_of_it_is_shown():
    """What comes out says how many, and not what."""
    shown = repr(more(grown(encrypted(append=True)), PASSERBY))
    assert shown == "<Sealing of 1 scalars>"
