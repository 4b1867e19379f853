"""Several people with an age identity each, and scopes for some of them."""

from __future__ import annotations

import re
from typing import NamedTuple

import pyrage

from yamlvault import Keyring, ScopeRule
from yamlvault.addition import encrypt_more
from yamlvault.document.node import Scalar
from yamlvault.format.tags import NULL_TAG, scalar_tag
from yamlvault.opening import open_scopes, plaintext
from yamlvault.sealing import encrypt
from yamlvault.source import parse

SEALED = re.compile(r"yv1\.[\w-]{8}\.[\w-]+")
PASSERBY = Keyring([])  # has no identity


class Party(NamedTuple):
    """Somebody with an identity."""

    identity: str
    kek: str
    keyring: Keyring


def party():
    """Return somebody new."""
    identity = pyrage.x25519.Identity.generate()
    text = str(identity)
    return Party(text, f"age:{identity.to_public()}", Keyring([text]))


ADMIN, ANN, BEN, EVE = party(), party(), party(), party()

TWO = "name: shop\nann:\n  x: 1\n  y: two\nben:\n  z: three\n"


def two(*, append=False, seal=None):
    """Return the rules of two scopes of `TWO`, each for one party and the admin."""
    return [
        ScopeRule((ANN.kek, ADMIN.kek), ("$.ann",), seal or ("$.ann",), append=append),
        ScopeRule((BEN.kek, ADMIN.kek), ("$.ben",), seal or ("$.ben",), append=append),
    ]


def encrypted(text=TWO, rules=None, **options):
    """Return the text with scopes; by default the two."""
    return encrypt(parse(text), two(**options) if rules is None else rules, PASSERBY).text


def opened(text, keyring=ADMIN.keyring):
    """Return the plaintext."""
    source = parse(text)
    return plaintext(source, open_scopes(source, keyring))


def more(text, keyring, *seal):
    """Return what `encrypt` makes of an encrypted text."""
    return encrypt_more(parse(text), seal, keyring)


def scope_of(text, number=0):
    """Return the metadata of a scope."""
    return parse(text).metadata.scopes[number]


def key_ids(text):
    """Return the ids of the data keys of each scope."""
    return [[key.id for key in scope.keys] for scope in parse(text).metadata.scopes]


def path_text(node):
    """Return a key path that names a node where it stands; None where a key has no text."""
    components = []
    while node.parent is not None:
        key = node.step
        if isinstance(key, int):
            components.append(f"[{key}]")
        elif isinstance(key, Scalar) and scalar_tag(key) != NULL_TAG and key.value.isprintable():
            quoted = re.sub(r'(["\\])', r"\\\1", key.value)
            components.append(f'."{quoted}"')
        else:
            return None
        node = node.parent
    return "$" + "".join(reversed(components))
