"""`.yamlvault.yml`, read for who encrypts or checks; its JSON Schema says the same."""

import json
from pathlib import Path

import jsonschema
import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from yamlvault import config
from yamlvault.config.reader import KEK_FIELDS, RULE_FIELDS, RULES, SCOPE_FIELDS
from yamlvault.errors import ConfigError

AGE = f"age:{pyrage.x25519.Identity.generate().to_public()}"
OTHER = f"age:{pyrage.x25519.Identity.generate().to_public()}"
AWS = "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
GCP = "gcp-kms:projects/shop/locations/global/keyRings/app/cryptoKeys/one"
ROLE = "arn:aws:iam::111122223333:role/secrets"
SCHEMA = json.loads((Path(config.__file__).parent / config.SCHEMA).read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PATH = "/srv/shop/.yamlvault.yml"


def read(text):
    """Read a configuration as `encrypt` and `check` do."""
    return config.parse(text.encode(), PATH, strict=True)


def is_valid(text):
    """Tell whether the schema takes a configuration, as an editor with YAML 1.2 sees it."""
    loader = YAML(typ="safe", pure=True)
    return VALIDATOR.is_valid(loader.load(text))


def filled(text):
    """Put real KEKs into a text."""
    for name, value in (("AGE", AGE), ("OTHER", OTHER), ("AWS", AWS), ("GCP", GCP), ("ROLE", ROLE)):
        text = text.replace(f"<{name}>", f'"{value}"')
    return text


INHERITING = """\
rules:
- files: a
  context: {a: b}
  scopes: [{paths: $.a, keks: <AGE>}, {paths: $.b, keks: <GCP>, seal: $.b./x/}]
"""
VALID = [
    "rules:\n- {files: a.yml, keks: <AGE>}",
    "rules:\n- {files: [a.yml, '*.yaml'], keks: [<AGE>, <OTHER>, <AWS>, <GCP>, 'passphrase:']}",
    "rules:\n- {files: a, keks: <AGE>, seal: '$.a, $.*.b'}\n- {files: b, keks: <AGE>, seal: [$]}",
    "rules:\n- {files: a, keks: [{kek: <AWS>, profile: ops, role: <ROLE>}, {kek: <GCP>}]}",
    "rules:\n- {files: a, keks: {kek: <AGE>}, append: false}",
    "rules:\n- {files: a, keks: <AWS>, context: {app: shop, number: 1, on: true}}",
    "rules:\n- {files: a, keks: <AGE>, append: true, scopes: [{paths: $.a}, {paths: [$.b, $.c]}]}",
    INHERITING,
    "rules:\n- {files: a, keks: &team [<AGE>]}\n- {files: b, keks: *team}",
    "rules:\n- {files: a, keks: 'aws-kms:alias/shop'}\n- {files: yes, keks: <AGE>}",
    "# a comment\n---\nrules: [{files: /a.yml, keks: <AGE>}]\n...\n",
]


@pytest.mark.parametrize("text", VALID)
def test_what_is_right(text):
    """What is right is read, and valid by the schema."""
    text = filled(text)
    assert read(text).rules
    assert is_valid(text)


# message, hint, text with `^` in front of the place; without one the whole file is meant
WRONG = [
    ("unknown key 'rule'", "`rules`", "^rule: []"),
    ("unknown key 'kek'", "`keks`", "rules:\n- {files: a, ^kek: <AGE>}"),
    ("`keks` is missing", None, "rules:\n- ^{files: a}"),
    ("`files` is missing", None, "rules:\n- ^{keks: <AGE>}"),
    ("take files out", "exactly", "rules:\n- {files: ^'!a', keks: <AGE>}"),
    ("empty component", "relative", "rules:\n- {files: [a, ^../b], keks: <AGE>}"),
    ("a folder is no file", "config/**", "rules:\n- {files: ^config/, keks: <AGE>}"),
    ("not a number", "quotes", "rules:\n- {files: ^12, keks: <AGE>}"),
    ("not null", "quotes", "rules:\n- {files: ^~, keks: <AGE>}"),
    ("'aws_kms:x' is not", "`aws-kms`", "rules:\n- {files: a, keks: ^'aws_kms:x'}"),
    ("'arn:aws:x' is not", "aws-kms:arn:", "rules:\n- {files: a, keks: ^'arn:aws:x'}"),
    ("name of a KMS key", "for example", "rules:\n- {files: a, keks: ^'aws-kms:x'}"),
    ("not a Cloud KMS key", "a key is", "rules:\n- {files: a, keks: ^'gcp-kms:x'}"),
    ("nothing behind", "YAMLVAULT", "rules:\n- {files: a, keks: ^'passphrase:x'}"),
    ("not an age recipient", "age1", "rules:\n- {files: a, keks: [<AGE>, ^'age:x']}"),
    ("key path", "looks like", "rules:\n- {files: a, seal: [$.a, ^a], keks: <AGE>}"),
    ("aws-kms only", "take it out", "rules:\n- {files: a, keks: {profile: ^p, kek: <AGE>}}"),
    ("aws-kms only", "GCP_CRED", "rules:\n- {files: a, keks: {role: ^<ROLE>, kek: <GCP>}}"),
    ("the ARN of a role", "arn:aws", "rules:\n- {files: a, keks: {role: ^r, kek: <AWS>}}"),
    ("true or false", None, "rules:\n- {files: a, append: ^'true', keks: <AGE>}"),
    ("true or false", None, "rules:\n- {files: a, append: ^yes, keks: <AGE>}"),
    ("a text", None, "rules:\n- {files: a, context: {a: ^[x]}, keks: <AWS>}"),
    ("a text", None, "rules:\n- {files: a, context: {a: ^''}, keks: <AWS>}"),
    ("a mapping of texts", None, "rules:\n- {files: a, context: ^{}, keks: <AWS>}"),
    ("not null", "quotes", "rules:\n- {files: a, context: {a: ^~}, keks: <AWS>}"),
    ("key path", None, "rules:\n- {files: a, scopes: [{paths: ^x, keks: <AGE>}]}"),
    ("not empty", None, "rules:\n- {files: a, scopes: ^[]}"),
    ("one document", "yamlvault init", ""),
    ("one document", "yamlvault init", "# nothing\n"),
    ("not valid YAML", None, "rules: [\n^"),
    ("a mapping with rules", None, "^- a"),
]  # fmt: skip
# what the schema does not say
BEYOND = [
    ("line 2 already", "first", "rules:\n- {files: a, keks: <AGE>}\n- {files: ^a, keks: <GCP>}"),
    ("line 2 already", "first rule", "rules:\n- {files: [a, ^a], keks: <AGE>}"),
    ("absolute", "write a", "rules:\n- {files: ^/srv/shop/a, keks: <AGE>}"),
    ("merge keys", "alias", "rules:\n- {files: a, ^<<: {keks: <AGE>}}"),
    ("regular expression", "use *", "rules:\n- {files: a, scopes: [{paths: ^$./a/, keks: <AGE>}]}"),
    ("range", "[a-z]", "rules:\n- {files: ^'[z-a]', keks: <AGE>}"),
    ("stands here twice", "once", "rules:\n- {files: a, keks: [<AGE>, ^{kek: <AGE>}]}"),
    ("takes a context", "nothing", "rules:\n- {files: a, context: ^{a: b}, keks: <AGE>}"),
    ("not an age recipient", "age1", "rules:\n- {files: a, keks: ^'age:age1qqqq'}"),
    ("key path", "looks like", "rules:\n- {files: a, seal: ^'$.[', keks: <AGE>}"),
    (
        'the same root, $."a"', "one scope",
        "rules:\n- {files: a, keks: <AGE>, scopes: [{paths: $.a}, {paths: ^'$.\"a\"'}]}",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("says", "hint", "text", "is_beyond"),
    [(*one, False) for one in WRONG] + [(*one, True) for one in BEYOND],
)
def test_what_is_wrong(says, hint, text, is_beyond):
    """What is wrong is named with its place and a hint, and not valid by the schema either."""
    before, mark, behind = filled(text).partition("^")
    text = before + behind
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert says in caught.value.message
    place = (before.count("\n") + 1, len(before) - before.rfind("\n")) if mark else (None, None)
    assert (caught.value.line, caught.value.column) == place
    assert caught.value.source == PATH
    if hint is not None:
        assert hint in caught.value.hint
    if "not valid YAML" not in says:
        assert is_valid(text) == is_beyond


def test_who_only_opens_is_not_kept_from_it():
    """A mistake in a KEK or a pattern does not matter to who opens a file."""
    for says, _, text in BEYOND:
        if not any(word in says for word in ("already", "key path", "merge", "expression")):
            assert config.parse(filled(text).replace("^", "").encode(), PATH).rules


def test_inherited_context():
    """A context that some scope's KEK takes is right for the scopes whose KEKs take none."""
    text = filled(INHERITING)
    assert read(text).rules[0].inherited == (("context",), ("context",))
    wrong = text.replace(f'"{GCP}"', f'"{OTHER}"')
    with pytest.raises(ConfigError, match="takes a context"):
        read(wrong)


def test_a_context_that_kms_would_refuse():
    """A context too large for KMS is refused in its line, before anything is sent."""
    with pytest.raises(ConfigError, match="KMS takes") as caught:
        read(filled(f"rules:\n- files: a\n  context: {{a: {'x' * 9000}}}\n  keks: <AWS>"))
    assert caught.value.line == 3


def test_too_many_paths():
    """More paths than a file can have are refused where they stand."""
    paths = ", ".join(f"$.a{number}" for number in range(257))
    text = filled(f"rules:\n- files: a\n  keks: <AGE>\n  scopes:\n  - paths: [{paths}]\n")
    with pytest.raises(ConfigError, match="more than 256 paths") as caught:
        read(text)
    assert caught.value.line == 5


def test_the_schema_is_one():
    """The schema is valid by its own schema, and points to no host."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert "http" not in json.dumps({**SCHEMA, "$schema": ""})


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        (SCHEMA, (RULES,)),
        (SCHEMA["$defs"]["rule"], RULE_FIELDS),
        (SCHEMA["$defs"]["scope"], SCOPE_FIELDS),
        (SCHEMA["$defs"]["kek"]["oneOf"][1], KEK_FIELDS),
    ],
)
def test_every_key_is_in_the_schema(schema, fields):
    """The reader and the schema know the same keys."""
    assert schema["properties"].keys() == set(fields)
    assert schema["additionalProperties"] is False


KEKS = st.sampled_from(
    [AGE, OTHER, AWS, GCP, "passphrase:", "age:x", "aws-kms:alias/a", "x", "", 1]
)
TEXTS = st.sampled_from(["a", "$", "$.a", "$.b.c", "", "a/", "../a", "true", None, True, 5, [], {}])
WITH_RIGHTS = st.fixed_dictionaries(
    {"kek": KEKS}, optional={"profile": TEXTS, "role": st.sampled_from([ROLE, "r"])}
)
ONE_KEK = KEKS | WITH_RIGHTS
COMMON = {
    "seal": st.sampled_from(["$", ["$.a", "$.b"], "$.a,$.b"]) | TEXTS,
    "context": st.dictionaries(st.sampled_from(["a", ""]), TEXTS, max_size=2) | TEXTS,
    "append": st.booleans() | TEXTS,
}
MANY_KEKS = ONE_KEK | st.lists(ONE_KEK, max_size=3)
SCOPE = st.fixed_dictionaries(
    {"paths": st.sampled_from(["$.a", "$.b", ["$.c", "$.d"]]) | TEXTS},
    optional={"keks": MANY_KEKS, "files": TEXTS, **COMMON},
)
RULE = st.fixed_dictionaries(
    {"files": st.sampled_from(["a", ["b", "c/*"], "*.yml"]) | TEXTS},
    optional={"keks": MANY_KEKS, "scopes": st.lists(SCOPE, max_size=2) | TEXTS, **COMMON},
)
DEFAULT = st.fixed_dictionaries(
    {"rules": st.lists(RULE, max_size=2) | TEXTS}, optional={"rule": TEXTS}
)
# every reason for which the reader refuses what the schema takes
READER_ALONE = (
    "already", "stands here twice", "with different rights", "takes a context", "same root",
    "aws-kms only", "KMS", "key path", "age recipient",
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(DEFAULT)
def test_schema_and_reader_agree(document):
    """What the schema refuses the reader refuses; what only the reader refuses has its reasons."""
    accepted, message = True, ""
    try:
        read(json.dumps(document))
    except ConfigError as error:
        accepted, message = False, error.message
    valid = VALIDATOR.is_valid(document)
    if accepted:
        assert valid, document
    elif valid:
        assert any(reason in message for reason in READER_ALONE), (document, message)
