"""Rules: the paths in them, and with which rights a KEK's service is asked."""

import pytest

from yamlvault.access import Access, from_environment
from yamlvault.config import Rule
from yamlvault.errors import KeyPathError
from yamlvault.rule import ScopeRule, split_paths

ARN = "aws-kms:arn:aws:kms:eu-west-1:1:key/a"
ALIAS = "aws-kms:arn:aws:kms:eu-west-1:1:alias/a"


@pytest.mark.parametrize(
    ("paths", "split"),
    [
        ("$.a, $.b", ("$.a", "$.b")),
        (["$.a", "$.a,$.b"], ("$.a", "$.b")),
        ('$."x, y",$./a,b/', ('$."x, y"', "$./a,b/")),
        (" $.a ", ("$.a",)),
    ],
)
def test_paths(paths, split):
    """Several paths in one text are taken apart, each once."""
    assert split_paths(paths) == split


@pytest.mark.parametrize("paths", ["", "a", "$.a,", "$.a[0] x", ["$.a", ""], "$./(/"])
def test_malformed_paths(paths):
    """What is no key path is refused, wherever it stands in the list."""
    with pytest.raises(KeyPathError):
        split_paths(paths)


def test_the_default_is_everything():
    """A rule that names KEKs alone covers and seals all of a file."""
    rule = ScopeRule(("age:x",))
    assert (rule.paths, rule.seal, rule.context, rule.append) == (("$",), ("$",), {}, False)


def test_access_by_uri():
    """The rights stand beside the URI; another URI has none of its own."""
    own = Access(profile="ops")
    other = "aws-kms:arn:aws:kms:eu-west-1:1:key/b"
    rule = Rule(("*",), (ScopeRule((ARN, other)),), {ARN: own})
    assert rule.access_of(ARN) == own
    assert rule.access_of(other) == Access()


def test_access_of_a_key_that_an_alias_names():
    """A file names the key, the rule its alias: what all KEKs of the scheme share holds."""
    own = Access(role="arn:aws:iam::1:role/r")
    rule = Rule(("*",), (ScopeRule((ALIAS, "age:x")),), {ALIAS: own})
    assert rule.access_of(ARN) == own
    assert rule.access_of("gcp-kms:projects/p") == Access()
    two = Rule(("*",), (ScopeRule((ALIAS,)), ScopeRule((f"{ALIAS}b",))), {ALIAS: own})
    assert two.access_of(ARN) == Access()
    same = two._replace(access={ALIAS: own, f"{ALIAS}b": own})
    assert same.access_of(ARN) == own


def test_access_of_the_environment(monkeypatch):
    """The variables that are set and not empty say the rights."""
    assert from_environment() == Access()
    monkeypatch.setenv("YAMLVAULT_AWS_PROFILE", "ops")
    monkeypatch.setenv("YAMLVAULT_AWS_ROLE", "")
    monkeypatch.setenv("YAMLVAULT_GCP_CREDENTIALS", "/c.json")
    assert from_environment() == Access(profile="ops", credentials="/c.json")
