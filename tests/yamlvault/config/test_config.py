"""`.yamlvault.yml`."""

import pytest

from yamlvault import config
from yamlvault.access import Access
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
        ("rules:\n- files: x\n  keks: x\n  seal: $.[", 4, "key path"),
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


FULL = """\
rules:
  - files: "*.yml"
    keks: ["age:ops", {kek: "aws-kms:one", profile: ops, role: r}]
    context: {app: shop}
    append: true
    scopes:
      - paths: $.a, $.b
      - paths: [$.c]
        seal: [$.c.x]
        keks: {kek: "gcp-kms:two"}
        context: {app: other, n: 1}
        append: false
"""


def test_scopes():
    """What the rule says holds for each of its scopes that does not say otherwise."""
    (rule,) = config.parse(FULL.encode(), "x.yml").rules
    assert rule.scopes == (
        ScopeRule(
            ("age:ops", "aws-kms:one"), ("$.a", "$.b"), ("$.a", "$.b"), {"app": "shop"}, append=True
        ),
        ScopeRule(("gcp-kms:two",), ("$.c",), ("$.c.x",), {"app": "other", "n": "1"}, append=False),
    )
    assert rule.access == {
        "aws-kms:one": Access(profile="ops", role="r"),
        "gcp-kms:two": Access(),
    }


def test_without_scopes():
    """A rule without scopes has one, of everything, with all that a scope can have."""
    text = "rules:\n- {files: x, keks: {kek: k}, context: {a: b}, append: true, seal: $.a}\n"
    (rule,) = config.parse(text.encode(), "x.yml").rules
    assert rule.scopes == (ScopeRule(("k",), ("$",), ("$.a",), {"a": "b"}, append=True),)
    assert rule.access == {"k": Access()}


@pytest.mark.parametrize(
    ("old", "new", "line", "says", "hint"),
    [
        ("scopes:", "scope:", 6, "unknown key 'scope'", "`scopes`"),
        ("append: true", "apend: true", 5, "unknown key 'apend'", "`append`"),
        ("append: true", "append: yes", 5, "true or false", None),
        ("append: true", "append: [true]", 5, "true or false", None),
        ("append: true", "append:", 5, "true or false", None),
        ("context: {app: shop}", "context: shop", 4, "a mapping of texts", None),
        ("context: {app: shop}", "context: {}", 4, "a mapping of texts", None),
        ("context: {app: shop}", "context: [app]", 4, "a mapping of texts", None),
        ("context: {app: shop}", "context: {app: [x]}", 4, "a text", None),
        ("context: {app: shop}", "context: {app: ''}", 4, "a text", None),
        ("context: {app: shop}", "contexts: {app: shop}", 4, "unknown key", "`context`"),
        ("profile: ops", "profil: ops", 3, "unknown key 'profil'", "`profile`"),
        ("profile: ops", "profile: ''", 3, "a text", None),
        ('kek: "aws-kms:one", ', "", 3, "the key `kek` is missing", None),
        ('"age:ops"', "[age]", 3, "a mapping with kek", None),
        ('kek: "gcp-kms:two"', 'kek: "gcp-kms:two", credentials: c', 10, "unknown key", None),
        ("- paths: $.a, $.b", "- seal: $.a", 7, "the key `paths` is missing", None),
        ("- paths: $.a, $.b", "- path: $.a", 7, "unknown key 'path'", "`paths`"),
        ("- paths: $.a, $.b", "- paths: []", 7, "a list is expected that is not empty", None),
        ("- paths: $.a, $.b", "- paths: $./a/", 7, "a regular expression", "use *"),
        ("- paths: $.a, $.b", "- paths: a", 7, "key path", "looks like"),
        ("- paths: $.a, $.b", "- $.a", 7, "a mapping with paths", None),
        ("- paths: $.a, $.b", "- {paths: $.a, files: x}", 7, "unknown key 'files'", None),
        ("- paths: $.a, $.b", "- {paths: $.a, scopes: []}", 7, "unknown key 'scopes'", None),
        ("seal: [$.c.x]", "seal: $\n        seal: $", 10, "duplicate", None),
    ],
)  # fmt: skip
def test_mistakes_in_scopes(old, new, line, says, hint):
    """Each field is read strictly; a mistake has its line, and what may have been meant."""
    assert old in FULL
    with pytest.raises(ConfigError, match=says) as caught:
        config.parse(FULL.replace(old, new, 1).encode(), "x.yml")
    assert caught.value.line == line
    assert str(caught.value).startswith("x.yml")
    if hint is not None:
        assert hint in caught.value.hint


def test_empty_scopes():
    """A list of no scopes is a mistake, and not a file without protection."""
    for text in ("scopes: []", "scopes: x", "scopes: {paths: $.a}"):
        with pytest.raises(ConfigError, match="a list is expected"):
            config.parse(f"rules:\n- {{files: x, keks: y, {text}}}\n".encode(), "x.yml")


def test_a_scope_without_keks():
    """A scope for nobody is refused in the line where it stands."""
    text = "rules:\n- files: x\n  scopes:\n  - {paths: $.a, keks: y}\n  - paths: $.b\n"
    with pytest.raises(ConfigError, match="the key `keks` is missing") as caught:
        config.parse(text.encode(), "x.yml")
    assert caught.value.line == 5


def test_a_kek_with_two_kinds_of_rights():
    """A KEK that stands in a rule twice has the same rights both times."""
    text = "rules:\n- files: x\n  keks:\n  - {kek: k, profile: a}\n  - {kek: k, profile: b}\n"
    with pytest.raises(ConfigError, match="twice, with different rights") as caught:
        config.parse(text.encode(), "x.yml")
    assert caught.value.line == 5
    same = config.parse(text.replace("b}", "a}").encode(), "x.yml")
    assert same.rules[0].access == {"k": Access(profile="a")}
