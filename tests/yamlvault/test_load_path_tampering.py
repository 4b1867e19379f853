"""What `path=` returns was checked, whichever way somebody without a key leads it."""

import pytest

import yamlvault
from yamlvault import Keyring
from yamlvault.format.metadata import KEY

PLAIN = """\
default: &default
  user: app
production:
  <<: *default
  host: db.internal
  password: secret
  empty: {}
staging:
  host: db.staging
  password: other secret
y: text
~: nothing
"""
EVIL = "{host: evil, password: evil}"


@pytest.fixture(scope="module")
def encrypted(recipient):
    return yamlvault.encrypt(PLAIN, keks=[recipient], seal="$.*.password").decode()


@pytest.fixture(scope="module")
def two_scopes(recipient, keyring):
    """Return the file with a scope for each of two sections; the rest is in no scope."""
    from vectors.making import Rule, make

    return make(
        PLAIN.encode(),
        Rule(("$.production",), ("$.production.password",), (recipient,)),
        Rule(("$.staging",), ("$.staging.password",), (recipient,)),
    ).decode()


def _with_data(encrypted, data):
    return data + encrypted[encrypted.index(f"{KEY}:") :]


FORGED = [
    pytest.param(f"production:\n  !!merge x: {EVIL}\n", "$.production.host", id="tagged_merge_key"),
    pytest.param(f"!!merge x: {{production: {EVIL}}}\n", "$.production.host", id="merged_root"),
    pytest.param(f"<<: {{production: {EVIL}}}\n", "$.production.host", id="merge_key"),
    pytest.param(f"production: {EVIL}\n", "$.production.host", id="plain"),
    pytest.param(f"x: &x {EVIL}\nproduction: *x\n", "$.production.host", id="alias"),
    pytest.param("y: evil\n", "$./^y$/", id="boolean_for_us_text_for_the_loader"),
    pytest.param("0o7: evil\n", "$./0o7/", id="number_for_us_text_for_the_loader"),
    pytest.param("more: evil\n", "$.more", id="new_key"),
    pytest.param("!!null more: evil\n", "$.more", id="null_key"),
]


@pytest.mark.parametrize("keys", ["with_key", "without_key"])
@pytest.mark.parametrize(("data", "path"), FORGED)
def test_forged_data(encrypted, keyring, parser, data, path, keys):
    """Data in place of that which was signed is returned by no path."""
    forged = _with_data(encrypted, data)
    with pytest.raises((yamlvault.IntegrityError, yamlvault.NoKeyError)):
        yamlvault.loads(forged, path=path, keyring=keyring if keys == "with_key" else Keyring([]))


@pytest.mark.parametrize("keys", ["with_key", "without_key"])
@pytest.mark.parametrize(("data", "path"), FORGED)
def test_forged_data_of_one_of_two_scopes(two_scopes, keyring, parser, data, path, keys):
    """Where a path needs not all scopes, it needs those that could tell."""
    forged = _with_data(two_scopes, data)
    with pytest.raises((yamlvault.IntegrityError, yamlvault.NoKeyError)):
        yamlvault.loads(forged, path=path, keyring=keyring if keys == "with_key" else Keyring([]))


@pytest.mark.parametrize("name", ["encrypted", "two_scopes"])
@pytest.mark.parametrize("path", ["$.production", "$.production.host"])
def test_a_scope_that_was_moved_away(request, keyring, name, path):
    """The metadata can't be made to say that the path is in no scope."""
    text = request.getfixturevalue(name)
    old = '"$"' if name == "encrypted" else '"$.production"'
    forged = _with_data(text, f"production: {EVIL}\n").replace(f"paths: [{old}]", 'paths: ["$.x"]')
    assert "$.x" in forged
    with pytest.raises(yamlvault.IntegrityError):
        yamlvault.loads(forged, path=path, keyring=keyring)


def test_an_alias_on_the_way_is_checked(recipient, keyring):
    """An alias of one scope can't be led to another value of a second one."""
    from vectors.making import Rule, make

    data = b"b: &b {x: right}\nc: &c {x: wrong}\na: {way: *b}\n"
    rules = [Rule((f"$.{name}",), (f"$.{name}",), (recipient,)) for name in "abc"]
    text = make(data, *rules[:1], Rule(("$.b", "$.c"), ("$.b", "$.c"), (recipient,))).decode()
    assert yamlvault.loads(text, path="$.a.way.x", keyring=keyring) == "right"
    with pytest.raises(yamlvault.IntegrityError):
        yamlvault.loads(text.replace("way: *b", "way: *c"), path="$.a.way.x", keyring=keyring)


def test_only_the_scopes_that_it_needs_are_opened(recipient, keyring):
    """A section opens where the KEK of another one is not at hand."""
    import pyrage
    from vectors.making import Rule, make

    foreign = f"age:{pyrage.x25519.Identity.generate().to_public()}"
    text = make(
        PLAIN.encode(),
        Rule(("$.production",), ("$.production.password",), (foreign,)),
        Rule(("$.staging",), ("$.staging.password",), (recipient,)),
    )
    assert yamlvault.loads(text, path="$.staging.password", keyring=keyring) == "other secret"
    for path in ("$.production.password", "$.y", "$"):
        with pytest.raises(yamlvault.NoKeyError):
            yamlvault.loads(text, path=path, keyring=keyring)


@pytest.mark.parametrize(
    ("data", "path", "value"),
    [
        ("a: &a {<<: *a, c: 1}\n", "$.a.c", 1),
        ("a: &a {b: *a, c: 2}\n", "$.a.b.b.c", 2),
        ("a: &a {<<: [*a ], c: 3}\n", "$.a.c", 3),
    ],
    ids=["merge", "value", "merged_list"],
)
def test_circles(recipient, keyring, parser, data, path, value):
    """A path through what holds itself ends."""
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert yamlvault.loads(encrypted, path=path, keyring=keyring) == value


def test_a_circle_of_lists_is_refused(recipient, keyring, parser):
    """What no loader can merge is refused and not followed for ever."""
    encrypted = yamlvault.encrypt("a: &a [*a ]\nb: {<<: *a }\n", keks=[recipient])
    with pytest.raises(yamlvault.DocumentError):
        yamlvault.loads(encrypted, path="$.b.c", keyring=keyring)


@pytest.mark.timeout(20)
def test_merges_of_merges_are_followed_once(two_scopes, keyring):
    """A hostile file can't make a path take for ever before its MACs are checked."""
    levels = "".join(
        f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1} '] * 9)}]}}\n" for n in range(1, 30)
    )
    forged = _with_data(two_scopes, f"m0: &m0 {{a: 1}}\n{levels}staging: *m29\n")
    with pytest.raises(yamlvault.IntegrityError):
        yamlvault.loads(forged, path="$.staging.host", keyring=keyring)


@pytest.mark.parametrize("key", ["!!null admin", "! admin"])
def test_a_null_key_can_not_be_given_a_name(encrypted, keyring, parser, key):
    """Its MAC knows it by its tag alone: a text in it must not make a path find it."""
    forged = encrypted.replace("~: nothing", f"{key}: nothing")
    assert forged != encrypted
    with pytest.raises(yamlvault.YamlVaultError):
        yamlvault.loads(forged, path="$.admin", keyring=keyring)


@pytest.mark.parametrize("key", ["~", "null", "!!null admin"])
def test_a_null_key_has_one_name(encrypted, keyring, parser, key):
    """All that the MAC takes for the same key answers to the same name, and to no other."""
    changed = encrypted.replace("~: nothing", f"{key}: nothing")
    assert yamlvault.loads(changed, path="$.null", keyring=keyring) == "nothing"
    if key != "null":
        with pytest.raises(yamlvault.KeyPathError):
            yamlvault.loads(changed, path=f"$.'{key}'", keyring=keyring)
