"""`.yamlvault.yml`."""

import pytest

from yamlvault import config
from yamlvault.config import matches
from yamlvault.errors import ConfigError
from yamlvault.rule import ScopeRule


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("secrets.yml", "secrets.yml", True),
        ("secrets.yml", "deep/er/secrets.yml", True),
        ("secrets.yml", "my-secrets.yml", False),
        ("*secrets*.yml", "a/prod-secrets-2.yml", True),
        ("config/*.yml", "config/a.yml", True),
        ("config/*.yml", "config/a/b.yml", False),
        ("config/*.yml", "x/config/a.yml", False),
        ("config/**/*.yml", "config/a/b/c.yml", True),
        ("config/**/*.yml", "config/c.yml", True),
        ("**/x.yml", "a/b/x.yml", True),
        ("/secrets.yml", "secrets.yml", True),
        ("secrets.y?ml", "secrets.yaml", True),
        ("secrets.[yj]ml", "secrets.yml", True),
        ("secrets.[!j]ml", "secrets.jml", False),
        ("a+b.yml", "a+b.yml", True),
        ("a.yml", "a_yml", False),
    ],
)
def test_patterns(pattern, path, is_match):
    """Patterns are those of `.gitignore`."""
    assert matches(pattern, path) is is_match


def test_the_nearest_file_and_the_first_rule(tmp_path):
    """The file nearest to the one to encrypt holds, and in it the first rule that matches."""
    (tmp_path / config.NAME).write_text("rules:\n  - {files: '*', keks: 'passphrase:'}\n")
    inner = tmp_path / "a"
    (inner / "b").mkdir(parents=True)
    (inner / config.NAME).write_text(
        "rules:\n"
        "  - {files: b/x.yml, seal: $.one, keks: ['age:one']}\n"
        "  - {files: ['*.yml'], seal: ['$.two, $.three'], keks: ['age:two']}\n"
    )
    assert config.find(str(inner / "b/x.yml")).match(str(inner / "b/x.yml")).scopes[0].keks == (
        "age:one",
    )
    rule = config.find(str(inner / "b/y.yml")).rule_for(str(inner / "b/y.yml"))
    assert rule == config.Rule(("*.yml",), (ScopeRule(("age:two",), seal=("$.two", "$.three")),))
    outer = config.find(str(tmp_path / "y.yml"))
    assert outer.rule_for(str(tmp_path / "y.yml")).scopes[0].seal == ("$",)


def test_no_rule(tmp_path):
    """Without a matching rule the error says which patterns there are."""
    (tmp_path / config.NAME).write_text("rules:\n  - {files: a.yml, keks: x}\n")
    with pytest.raises(ConfigError) as caught:
        config.find(str(tmp_path / "b.yml")).rule_for(str(tmp_path / "b.yml"))
    assert "a.yml" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "one document"),
        ("[]", 1, "a mapping with rules"),
        ("rules: 1", 1, "a list"),
        ("rules: []", 1, "a list"),
        ("rules:\n- 1", 2, "a mapping with files"),
        ("rules:\n- keks: x", 2, "`files` is missing"),
        ("rules:\n- files: x\n  keks: []", 3, "a list"),
        ("rules:\n- files: ''\n  keks: x", 2, "a text"),
        ("rules:\n- files: x\n  keks: x\n  kek: y", 4, "unknown key 'kek'"),
        ("rules:\n- files: x\n  keks: x\n  seal: $.[", None, "key path"),
        ("rules: x\nrules: y", 2, "duplicate key"),
        ("rules: *x", 1, "alias"),
    ],
)
def test_malformed(text, line, says):
    """A mistake is named with its line, in words of the configuration."""
    with pytest.raises(ConfigError, match=says) as caught:
        config.parse(text.encode(), "x.yml")
    assert caught.value.line == line
    assert caught.value.source == "x.yml"


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("[z-a].yml", "z.yml", False),
        ("[!a-c].yml", "d.yml", True),
        ("[^a-c].yml", "b.yml", False),
        ("[]a].yml", "].yml", True),
        ("[!]a].yml", "b.yml", True),
        ("[a.yml", "[a.yml", True),
        ("a[!b]c/d", "a/c/d", False),
        ("[a/]b/c", "/b/c", False),
        ("[a\\]].yml", "a].yml", True),
        ("a?b/c", "a/b/c", False),
        ("{a,b}.yml", "a.yml", False),
        ("*", ".hidden", True),
        ("a/**", "a/b/c", True),
        ("a/**/b", "a/b", True),
        ("Secrets.yml", "secrets.yml", False),
        ("é*.yml", "éa.yml", True),
        ("(a|b)+.yml", "a.yml", False),
    ],
)
def test_odd_patterns(pattern, path, is_match):
    """Sets stay within a component, and nothing but `*`, `?` and `[…]` means more than itself."""
    assert matches(pattern, path) is is_match


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n- {files: [x], keks: [y], seal: []}\n",
        "rules:\n- {files: [[x]], keks: [y]}\n",
        "rules:\n- {files: {x: y}, keks: [y]}\n",
        "rules:\n- {files: x, keks: ''}\n",
        "rules:\n- {files: x, keks: }\n",
        "rules:\n- {files: x, keks: y, ? [z] : 1}\n",
        "rules:\n- &a {files: x, keks: y}\n- *a\n",
        "rules: [{files: x, keks: y}]\n---\nrules: []\n",
        "a: [\n",
    ],
)
def test_other_kinds_are_refused(text):
    """What is not exactly a list of rules is refused, with the file in the message."""
    with pytest.raises(ConfigError) as caught:
        config.parse(text.encode(), "x.yml")
    assert str(caught.value).startswith("x.yml")


def test_a_file_that_is_not_text():
    """A configuration in another encoding is refused with the place."""
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        config.parse(b"rules:\n- {files: \xff}\n", "x.yml")
    assert (caught.value.line, caught.value.column) == (2, 11)


def test_no_file(tmp_path):
    """Without a configuration the hint says how to make one."""
    with pytest.raises(ConfigError, match="there is no") as caught:
        config.find(str(tmp_path / "x.yml"))
    assert "init" in caught.value.hint
