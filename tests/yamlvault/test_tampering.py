"""Every change by somebody without a key is refused."""

import re

import pytest

import yamlvault
from yamlvault.format.metadata import KEY

PLAIN = b"""\
name: shop
default: &default
  host: db.internal
  port: 5432
  password: secret one
production:
  <<: *default
  password: secret two
  hosts: [a.internal, b.internal]
  tokens: [secret three, secret four]
staging:
  host: !name db.staging
  password: secret five
"""
SEAL = "$.*.password, $.production.tokens"
OTHER = {"A": "B", "0": "1"}


@pytest.fixture(scope="module")
def encrypted(recipient):
    return yamlvault.encrypt(PLAIN, keks=[recipient], seal=SEAL).decode()


@pytest.fixture
def refused(keyring):
    """Check that a text is refused by every way in, and never in another way."""

    def check(text):
        for read in (yamlvault.decrypt, yamlvault.loads_all):
            with pytest.raises(yamlvault.YamlVaultError):
                read(text, keyring=keyring)

    return check


def _changed(character):
    return OTHER.get(character, "A" if character.isalnum() else "x")


def _places(text, pattern):
    """Yield the index of each character of what a pattern's group finds."""
    for found in re.finditer(pattern, text):
        yield from range(found.start(1), found.end(1))


@pytest.mark.parametrize(
    "pattern",
    [
        r"(yv1\.[\w-]{8}\.[\w-]+)",
        r'mac: "([\w-]+)"',
        r'root: "([\w-]+)"',
        r'rules: "([\w-]+)"',
        r'wrapped: "([\w-]+)"',
        r'document: "([\w-]+)"',
        r'id: "([\w-]+)"',
        r'kek: "([^"]+)"',
        r"seal: \[(.+)\]",
        r"paths: \[(.+)\]",
        r"path: (.+)",
        r"format: (1)",
    ],
    ids=lambda pattern: re.sub(r"\W+", "", pattern)[:12],
)
def test_each_character_counts(encrypted, keyring, pattern):
    """One other character anywhere in what was sealed, wrapped or signed is refused."""
    places = list(_places(encrypted, pattern))
    assert places
    for place in places:
        text = encrypted[:place] + _changed(encrypted[place]) + encrypted[place + 1 :]
        with pytest.raises(yamlvault.YamlVaultError):
            yamlvault.decrypt(text, keyring=keyring)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: shop", "name: evil"),
        ("db.internal", "evil.internal"),
        ("5432", "5433"),
        ("a.internal, b.internal", "b.internal, a.internal"),
        ("[a.internal, b.internal]", "[a.internal]"),
        ("!name db.staging", "db.staging"),
        ("!name db", "!host db"),
        ("<<: *default", "<<: {host: evil}"),
        ("  <<: *default\n", ""),
        ("<<: *default", "more: *default"),
        ("staging:", "test:"),
        ("&default", "&other"),
        ("name: shop", "name: shop\nmore: 1"),
        ("name: shop\n", ""),
        ("name: shop", "name: *default"),
        ("port: 5432", 'port: "5432"'),
        ("name: shop", "name: [shop]"),
    ],
)
def test_plaintext_of_the_scope_counts(encrypted, refused, old, new):
    """What stands in plaintext beside the secrets can't be changed either."""
    assert encrypted.count(old) >= 1
    refused(encrypted.replace(old, new, 1))


def _swapped(text, first, second):
    sealed = re.findall(r"yv1\.[\w-]+\.[\w-]+", text)
    one, two = sealed[first], sealed[second]
    return text.replace(one, "\0").replace(two, one).replace("\0", two)


@pytest.mark.parametrize("pair", [(0, 1), (1, 4), (2, 3)], ids=["keys", "sections", "items"])
def test_swapped_scalars(encrypted, refused, pair):
    """A sealed scalar opens at its own place only."""
    refused(_swapped(encrypted, *pair))


def test_scalars_of_another_document_of_the_stream(recipient, refused):
    """Two documents of a stream don't exchange scalars of the same path."""
    text = yamlvault.encrypt("a: one\n---\na: two\n", keks=[recipient]).decode()
    refused(_swapped(text, 0, 1))


def test_scalars_sections_and_metadata_of_another_file(encrypted, recipient, refused):
    """Nothing of a file is valid in another that the same recipient opens."""
    other = yamlvault.encrypt(PLAIN, keks=[recipient], seal=SEAL).decode()
    mine, theirs = (re.findall(r"yv1\.[\w-]+\.[\w-]+", text) for text in (encrypted, other))
    refused(encrypted.replace(mine[0], theirs[0]))
    head, metadata = encrypted.split(f"{KEY}:")
    refused(f"{head}{KEY}:{other.split(f'{KEY}:')[1]}")
    refused(f"{other.split(f'{KEY}:')[0]}{KEY}:{metadata}")


def test_a_sealed_scalar_copied_to_a_new_key(encrypted, refused):
    """A secret can't be made to appear under another name."""
    sealed = re.search(r"yv1\.[\w-]+\.[\w-]+", encrypted).group()
    refused(encrypted.replace("name: shop", f"name: shop\nbanner: {sealed}"))
    refused(encrypted.replace("name: shop", f"name: {sealed}"))


def test_a_secret_replaced_by_plaintext(encrypted, refused):
    """Plaintext in place of a sealed scalar is not taken for it."""
    refused(re.sub(r"yv1\.[\w-]+\.[\w-]+", "evil", encrypted, count=1))


def test_an_anchor_on_a_secret_and_an_alias_to_it(encrypted, refused):
    """A secret can't be carried elsewhere by an alias."""
    text = encrypted.replace("password: yv1", "password: &p yv1", 1)
    refused(text.replace("staging:\n", "banner: *p\nstaging:\n"))


@pytest.mark.parametrize("in_front", [False, True])
def test_appended_data_key(encrypted, keyring, recipient, refused, in_front):
    """Who only knows the recipient can't sign changes beside secrets that they can't open.

    Neither with a data key of their own behind the genuine one, nor with one in front of it too,
    in whose name they give the leave.
    """
    from yamlvault.document.compose import compose
    from yamlvault.document.splice import Edit, splice
    from yamlvault.envelope import wrap
    from yamlvault.format import mac
    from yamlvault.format.emit import in_block
    from yamlvault.format.keys import DataKey
    from yamlvault.format.scope import Map
    from yamlvault.source import parse

    source = parse(encrypted.replace("db.internal", "evil.internal"))
    metadata, first, last = source.metadata, DataKey.new(), DataKey.new()
    document, scope = metadata.document, metadata.scopes[0]
    keys = [*scope.keys, wrap(last, [recipient], keyring)]
    if in_front:
        leave = mac.allow_append(
            wrap(first, [recipient], keyring), first.mac_key(document), document
        )
        # the leave that they can give, in the place of the one that they can't
        keys = [leave, keys[0]._replace(append=leave.append), keys[1]]
    scope = scope._replace(keys=tuple(keys))
    scopes = Map(source.stream, [scope])
    signed = mac.sign(scope, 0, scopes, last.mac_key(document), document)
    lines = in_block(metadata._replace(scopes=(signed,)), "\n", 0)
    edit = Edit(source.removal.start, source.removal.end, lines)
    forged = splice(source.text, [edit])
    assert compose(forged)
    refused(forged)


def test_comments_layout_and_key_order_are_free(encrypted, keyring):
    """What no reader takes a value from can be changed (docs/format.md, 8)."""
    text = encrypted.replace("name: shop", "# by hand\n\nname:   'shop'   # so")
    staging = re.search(r"staging:\n(  host.*\n)(  password.*\n)", text)
    moved = f"staging:\n{staging[2]}{staging[1]}{text.replace(staging[0], '')}"
    assert yamlvault.loads(moved, keyring=keyring, path="$.staging.password") == "secret five"
    assert yamlvault.loads(moved, keyring=keyring, path="$.name") == "shop"


@pytest.mark.parametrize("value", ["false", "5432", "1.5", "~", "2024-01-01", "text"])
def test_text_glued_to_a_quoted_secret(value, recipient, keyring):
    """What is written directly behind a sealed scalar never becomes a part of its value."""
    text = yamlvault.encrypt(f"a: {value}\nb: 1\n", keks=[recipient]).decode()
    sealed = re.search(r"a: (yv1\S+)", text)[1]
    glued = text.replace(sealed, f'"{sealed}"# evil')
    expected = yamlvault.loads(text, keyring=keyring)
    try:
        assert yamlvault.loads(glued, keyring=keyring) == expected
    except yamlvault.YamlVaultError:
        return
