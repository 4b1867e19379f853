"""A rule changed after a file was encrypted."""

from __future__ import annotations

import pytest
from parties import ADMIN, ANN, BEN, PASSERBY, TWO, encrypted, opened, scope_of, two

from yamlvault import ScopeRule
from yamlvault.addition import encrypt_more
from yamlvault.errors import ConfigError, KeyPathError, NoKeyError
from yamlvault.sealing import encrypt
from yamlvault.source import parse


def adopted(text, rules, keyring=ADMIN.keyring):
    """Return what `encrypt` makes of an encrypted text under other rules."""
    return encrypt_more(parse(text), (), keyring, rules=rules, adopt=True)


def test_what_the_rule_seals_now_is_sealed():
    """A path that came into the rule is sealed from now on, also where it names nothing yet."""
    plain = "a: 1\nb: 2\n"
    base = encrypted(plain, [ScopeRule((ADMIN.kek,), seal=("$.a",))])
    rule = ScopeRule((ADMIN.kek,), seal=("$.b", "$.*.token"))
    sealing = adopted(base, [rule])
    assert scope_of(sealing.text).seal == ("$.a", "$.b", "$.*.token")
    assert sealing.sealed == 1
    assert opened(sealing.text) == plain
    more = sealing.text.replace("a: yv1", "c: {token: t}\na: yv1")
    again = adopted(more, [rule])
    assert again.sealed == 1


def test_a_new_scope_is_added():
    """What stands in a section that got a scope of its own is sealed for its KEKs."""
    eve_section = "eve:\n  s3cret: x\n"
    base = encrypted().replace("yamlvault:", f"{eve_section}yamlvault:")
    rules = [*two(), ScopeRule((BEN.kek, ADMIN.kek), ("$.eve",), ("$.eve",))]
    sealing = adopted(base, rules)
    assert opened(sealing.text) == TWO + eve_section
    assert opened(sealing.text, ADMIN.keyring) == TWO + eve_section
    assert [scope_of(sealing.text, number).paths for number in range(3)] == [
        ("$.ann",),
        ("$.ben",),
        ("$.eve",),
    ]
    with pytest.raises(NoKeyError):
        opened(sealing.text, ANN.keyring)


def test_who_opens_one_scope_adds_none():
    """The MACs of the other scopes cover which there are: who can't sign them is refused."""
    base = encrypted().replace("yamlvault:", "eve:\n  x: y\nyamlvault:")
    rules = [*two(), ScopeRule((ANN.kek,), ("$.eve",), ("$.eve",))]
    with pytest.raises(NoKeyError, match=r"the rule has a scope \$\.eve"):
        adopted(base, rules, ANN.keyring)


def test_who_opens_one_scope_goes_on_working_in_it():
    """A scope that somebody else has to add keeps nobody from sealing something in their own."""
    base = encrypted().replace("yamlvault:", "eve:\n  x: y\nyamlvault:")
    text = base.replace("ann:\n", "ann:\n  new: 1\n")
    rules = [*two(), ScopeRule((ANN.kek,), ("$.eve",), ("$.eve",))]
    sealing = adopted(text, rules, ANN.keyring)
    assert sealing.sealed == 1
    assert "$.eve" in sealing.uncovered
    assert opened(sealing.text) == TWO.replace("ann:\n", "ann:\n  new: 1\n") + "eve:\n  x: y\n"


def test_a_scope_is_not_cut_out_of_another():
    """What is sealed in one scope would not open in another."""
    plain = "a: {x: 1}\nb: 2\n"
    base = encrypted(plain, [ScopeRule((ADMIN.kek,))])
    rules = [ScopeRule((ADMIN.kek,)), ScopeRule((BEN.kek, ADMIN.kek), ("$.a",), ("$.a",))]
    with pytest.raises(ConfigError, match="belongs to another scope"):
        adopted(base, rules)


def test_a_rule_for_many_files():
    """A path that names nothing is passed over, and told, while another one names something."""
    rules = [ScopeRule((ADMIN.kek,), ("$.ann",), ("$.ann.password", "$.ann.y"))]
    sealing = encrypt(parse(TWO), rules, PASSERBY, lenient=True)
    assert sealing.unnamed == ("$.ann.password",)
    assert sealing.sealed == 1
    with pytest.raises(KeyPathError):
        encrypt(parse(TWO), rules, PASSERBY)


def test_a_rule_of_which_nothing_is_there():
    """A scope none of whose paths names anything is a mistake."""
    rules = [ScopeRule((ADMIN.kek,), seal=("$.pasword", "$.tokn"))]
    with pytest.raises(KeyPathError, match="names nothing"):
        encrypt(parse(TWO), rules, PASSERBY, lenient=True)
