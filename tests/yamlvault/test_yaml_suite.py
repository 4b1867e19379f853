"""The public YAML test suite: a case comes back byte for byte, or is refused with its place."""

import re
from pathlib import Path

import pytest
import yaml
from untouched import SEALED, assert_only_scalars_changed, sealable

import yamlvault

CASES = Path(__file__).parents[2] / "fixtures" / "yaml-test-suite"

# What PyYAML parses and yamlvault refuses.
OURS = {
    # PyYAML ends the anchor of `&an:chor value` before the colon, the specification after it: no
    # edit of the value means the same to both.
    "Y2GN": (2, 9),
}

# Every word that a refusal may use: PyYAML's about the grammar, and ours. None is an excerpt.
VOCABULARY = frozenset(
    re.findall(
        r"\w+",
        """
        a alias allowed alphabetic an anchor and any are block break but cannot character
        chomping column comment content context could did digit directive document duplicate end
        entries equal escape expected find found got handle here in incompatible indentation
        indented indicator indicators is key line mapping name node not numeric of or range
        scalar separator sequence space spaces start stream tab tabs tag that the this to token
        undefined unexpected unknown valid values violates where whitespace with YAML
        """,
    )
)


@pytest.fixture(params=sorted(path.stem for path in CASES.glob("*.yaml")))
def case(request):
    return request.param


@pytest.fixture
def outcome(case, parser, record_property):
    """Return what says for the summary what became of the case."""
    name = "libyaml" if yaml.__with_libyaml__ else "pure"
    return lambda text: record_property("yaml-test-suite", (name, case, text))


def test_case_comes_back_exactly_or_is_refused(case, parser, recipient, keyring, outcome):
    """A case that PyYAML parses is exact; of any other the line and column are named."""
    data = (CASES / f"{case}.yaml").read_bytes()
    text = data.decode().removeprefix("\ufeff")
    try:
        expected = sealable(text, parser)
    except yaml.YAMLError:
        outcome("refused as PyYAML can't parse them")
        assert_refused(data, recipient)
        return
    if case in OURS:
        outcome("refused by a rule of ours")
        with pytest.raises(yamlvault.DocumentError, match="directly behind its anchor") as caught:
            yamlvault.encrypt(data, keks=[recipient])
        assert (caught.value.line, caught.value.column) == OURS[case]
        return
    outcome("byte-exact")
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert len(SEALED.findall(encrypted.decode())) == expected
    assert_only_scalars_changed(data, encrypted)
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data


def assert_refused(data, recipient):
    with pytest.raises(yamlvault.DocumentError) as caught:
        yamlvault.encrypt(data, keks=[recipient])
    error = caught.value
    lines = data.decode().splitlines()
    assert 1 <= error.line <= len(lines) + 1
    assert error.column >= 1
    assert error.__cause__ is None
    assert error.__suppress_context__
    said = set(re.findall(r"[^\W\d_]{2,}", f"{error} {error.hint or ''}"))
    assert said <= VOCABULARY


def test_all_cases_are_here():
    """The release has 402 cases, 94 of them invalid."""
    assert len(list(CASES.glob("*.yaml"))) == 402
    invalid = (CASES / "errors.txt").read_text().split()
    assert len(invalid) == 94
    assert all((CASES / f"{name}.yaml").exists() for name in invalid)
