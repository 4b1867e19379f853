"""Renewal: other stanzas for the same data keys, or new data keys."""

from itertools import chain

import pytest
from parties import (
    ADMIN,
    ANN,
    BEN,
    PASSERBY,
    SEALED,
    TWO,
    encrypted,
    key_ids,
    more,
    opened,
    party,
    scope_of,
    two,
)

import yamlvault
from yamlvault import Keyring, ScopeRule
from yamlvault.errors import (
    ConfigError,
    IntegrityError,
    KEKError,
    NoKeyError,
    NotEncryptedError,
    YamlVaultError,
)
from yamlvault.renewal import rewrap, rotate
from yamlvault.source import parse

NEWCOMER = party()


def appended(count=1):
    """Return a file whose first scope has more data keys than one."""
    text = encrypted(append=True)
    for number in range(count):
        text = more(text.replace("ann:\n", f"ann:\n  n{number}: new\n"), PASSERBY).text
    return text


def for_newcomer(rules):
    return [rule._replace(keks=(NEWCOMER.kek, ADMIN.kek)) for rule in rules]


def renewed(change, text, rules=None, ring=ADMIN.keyring, **options):
    return change(parse(text), rules, ring, **options)


def test_nothing_to_rewrap():
    """A file whose stanzas are as the rules say is left as it is, whatever their order."""
    rules = [rule._replace(keks=rule.keks[::-1]) for rule in reversed(two())]
    for wanted in (None, two(), rules):
        outcome = renewed(rewrap, encrypted(), wanted)
        assert outcome == (None, (), (), 0)


def test_rewrap_adds_and_removes():
    """Old stanzas keep their bytes, new ones are behind them, and nothing else is changed."""
    text = encrypted()
    outcome = renewed(rewrap, text, for_newcomer(two()))
    assert outcome.added == (NEWCOMER.kek,)
    assert outcome.removed == (ANN.kek, BEN.kek)
    assert SEALED.findall(outcome.text) == SEALED.findall(text)
    assert key_ids(outcome.text) == key_ids(text)
    before, after = scope_of(text).keys[0], scope_of(outcome.text).keys[0]
    assert after.stanzas[0] == before.stanzas[1]
    assert [stanza.kek for stanza in after.stanzas] == [ADMIN.kek, NEWCOMER.kek]
    assert opened(outcome.text, NEWCOMER.keyring) == TWO
    with pytest.raises(NoKeyError):
        yamlvault.loads(outcome.text, path="$.ann", keyring=ANN.keyring)
    assert text.partition("yamlvault:")[0] == outcome.text.partition("yamlvault:")[0]


def test_rewrap_of_all_data_keys():
    """Every data key of a scope gets the new stanzas, or the newcomer could not open it."""
    text = appended(2)
    outcome = renewed(rewrap, text, for_newcomer(two(append=True)))
    assert [len(ids) for ids in key_ids(outcome.text)] == [3, 1]
    assert yamlvault.loads(outcome.text, path="$.ann.n0", keyring=NEWCOMER.keyring) == "new"


def test_fresh():
    """With `fresh` every stanza is wrapped anew, for the same KEKs."""
    text = encrypted()
    for rules in (None, two()):
        outcome = renewed(rewrap, text, rules, fresh=True)
        assert (outcome.added, outcome.removed) == ((), ())
        for number in range(2):
            old, new = scope_of(text, number).keys[0], scope_of(outcome.text, number).keys[0]
            assert [one.kek for one in new.stanzas] == [one.kek for one in old.stanzas]
            assert not {one.wrapped for one in new.stanzas} & {one.wrapped for one in old.stanzas}
        assert SEALED.findall(outcome.text) == SEALED.findall(text)
        assert opened(outcome.text, ADMIN.keyring) == TWO


def test_append_is_given_and_taken():
    """The leave to add comes with a rewrap, and goes with it where nobody has made use of it."""
    given = renewed(rewrap, encrypted(), two(append=True)).text
    assert all(scope_of(given, number).keys[0].append for number in (0, 1))
    grown = more(given.replace("ann:\n", "ann:\n  n: 1\n"), PASSERBY)
    assert grown.appended == ("$.ann",)
    taken = renewed(rewrap, given, two()).text
    assert not any(scope_of(taken, number).keys[0].append for number in (0, 1))
    with pytest.raises(YamlVaultError, match="has 2 data keys, which `append: false`") as caught:
        renewed(rewrap, grown.text, two())
    assert "rotate" in caught.value.hint


def test_rotate():
    """Every data key and every sealed scalar is new, the document id and the plaintext stay."""
    text = encrypted()
    outcome = renewed(rotate, text)
    assert (outcome.added, outcome.removed, outcome.folded) == ((), (), 0)
    assert not set(SEALED.findall(text)) & set(SEALED.findall(outcome.text))
    assert {*chain(*key_ids(text))}.isdisjoint(chain(*key_ids(outcome.text)))
    assert parse(outcome.text).metadata.document == parse(text).metadata.document
    assert opened(outcome.text) == TWO
    assert yamlvault.loads(outcome.text, path="$.ben.z", keyring=BEN.keyring) == "three"


def test_rotate_folds_data_keys():
    """Whatever was added, a scope has one data key then, and the leave that it had."""
    outcome = renewed(rotate, appended(3), two(append=True))
    assert outcome.folded == 3
    assert [len(ids) for ids in key_ids(outcome.text)] == [1, 1]
    assert scope_of(outcome.text).keys[0].append
    assert yamlvault.loads(outcome.text, path="$.ann.n2", keyring=ANN.keyring) == "new"
    strict = renewed(rotate, appended(1), two()).text
    assert not scope_of(strict).keys[0].append


@pytest.mark.parametrize("change", [rotate, lambda *given: rewrap(*given, fresh=True)])
def test_additions_are_folded_by_rules_alone(change):
    """For whom a scope is that others added to, no file says: a rule is needed."""
    with pytest.raises(ConfigError, match="no rule says for whom") as caught:
        renewed(change, appended(1))
    assert "--kek" in caught.value.hint


def test_rotate_with_rules():
    """A rotation brings the KEKs in line with the rules, too."""
    outcome = renewed(rotate, encrypted(), for_newcomer(two()))
    assert (outcome.added, outcome.removed) == ((NEWCOMER.kek,), (ANN.kek, BEN.kek))
    assert opened(outcome.text, NEWCOMER.keyring) == TWO


@pytest.mark.parametrize("change", [rewrap, rotate])
class TestRefusals:
    """What neither command does."""

    def test_all_scopes_must_open(self, change):
        """A scope that does not open can't be renewed, and nothing else is then."""
        for ring in (ANN.keyring, PASSERBY):
            with pytest.raises(NoKeyError):
                renewed(change, encrypted(), for_newcomer(two()), ring)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("name: shop", "name: shop\nann2: 1"),
            ("  y: ", "  q: plain\n  y: "),
            ("name: shop", "name: evil"),
            ("two", "2"),
        ],
    )
    def test_changed_files_are_not_signed(self, change, old, new):
        """What was changed by hand is vouched for by `encrypt`, and by nothing else."""
        text = encrypted(rules=[ScopeRule((ADMIN.kek,), seal=("$.ann.x",))])
        edited = text.replace(old, new)
        assert edited != text
        with pytest.raises(IntegrityError):
            renewed(change, edited, None, **({"fresh": True} if change is rewrap else {}))

    @pytest.mark.parametrize(
        ("rules", "says"),
        [
            (two()[:1], r"the file has a scope \$\.ben, which the rule does not"),
            ([], r"the file has a scope \$\.ann"),
            ([ScopeRule((ADMIN.kek,))], r"the file has a scope \$\.ann"),
            (
                [*two(), ScopeRule((ADMIN.kek,), ("$.name",), ("$.name",))],
                r"the rule has a scope \$\.name, which the file does not",
            ),
        ],
    )
    def test_other_scopes(self, change, rules, says):
        """Scopes are neither made nor given up by the way: what the rule protects is said."""
        with pytest.raises(ConfigError, match=says) as caught:
            renewed(change, encrypted(), rules)
        assert "decrypt -i" in caught.value.hint

    def test_unreadable_scopes(self, change):
        """KEKs by which a scope can't be read, since it needs another, are refused."""
        text = "ann:\n  k: &k 1\nben:\n  z: *k\n"
        rules = [rule._replace(keks=(ADMIN.kek,)) for rule in two()]
        made = encrypted(text, rules)
        wanted = [rules[0], rules[1]._replace(keks=(ADMIN.kek, BEN.kek))]
        with pytest.raises(KEKError, match="can't read it"):
            renewed(change, made, wanted)

    @pytest.mark.parametrize("keks", [(), ("age:age1x",), ("x:y",)])
    def test_keks_that_can_not_be_used(self, change, keks):
        """Without a KEK that can be used nothing is made."""
        with pytest.raises(KEKError):
            renewed(change, encrypted(), [rule._replace(keks=keks) for rule in two()])

    def test_plaintext(self, change):
        """A plaintext has nothing to renew."""
        with pytest.raises(NotEncryptedError):
            renewed(change, TWO)

    def test_nothing_is_shown(self, change):
        """The outcome holds no secret that a repr would show."""
        outcome = renewed(change, encrypted(), for_newcomer(two()))
        assert repr(outcome) == "<Renewal>"


def test_a_file_of_one_scope():
    """A file as `encrypt` makes it by default is renewed in the same way."""
    text = yamlvault.encrypt(TWO, keks=[ANN.kek]).decode()
    outcome = renewed(rewrap, text, [ScopeRule((ANN.kek, BEN.kek))], ANN.keyring)
    assert outcome.added == (BEN.kek,)
    outcome = renewed(rotate, outcome.text, [ScopeRule((BEN.kek,))], ANN.keyring)
    assert outcome.removed == (ANN.kek,)
    assert opened(outcome.text, BEN.keyring) == TWO
    with pytest.raises(NoKeyError):
        opened(outcome.text, ANN.keyring)


def test_who_was_removed_can_not_come_back():
    """After a rotation the old data key opens nothing, also with the old stanzas put back."""
    text = encrypted()
    after = renewed(rotate, text, for_newcomer(two())).text
    old, new = scope_of(text).keys[0], scope_of(after).keys[0]
    back = after.replace(new.id, old.id)
    start, end = after.index("      keys:"), after.index("      rules:")
    start_old, end_old = text.index("      keys:"), text.index("      rules:")
    for changed in (back, after[:start] + text[start_old:end_old] + after[end:]):
        with pytest.raises((IntegrityError, NoKeyError)):
            yamlvault.loads(changed, path="$.ann", keyring=ANN.keyring)


def test_passphrases_and_identities():
    """A passphrase takes the place of an identity, and the other way round."""
    ring = Keyring([ADMIN.identity], "p")
    text = yamlvault.encrypt(TWO, keks=[ADMIN.kek]).decode()
    outcome = renewed(rewrap, text, [ScopeRule(("passphrase:",))], ring)
    assert (outcome.added, outcome.removed) == (("passphrase:",), (ADMIN.kek,))
    assert opened(outcome.text, Keyring([], "p")) == TWO
    back = renewed(rotate, outcome.text, [ScopeRule((ADMIN.kek,))], Keyring([], "p"))
    assert opened(back.text) == TWO
