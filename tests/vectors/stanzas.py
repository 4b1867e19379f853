"""Stanzas (docs/format.md, 6)."""

from __future__ import annotations

import os

from vectors.making import Rule, make, ok, other, own, refused
from vectors.tampering import (
    flip_field,
    once,
    tampered,
)
from yamlvault import (
    IntegrityError,
    Keyring,
    NoKeyError,
)
from yamlvault.envelope import wrap
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Metadata, Stanza


@ok()
def stanza_second_opens(plain):
    """The first stanza is for somebody else, the second opens."""
    return make(plain, Rule(keks=(other(), own())))


@ok()
def stanza_passphrase(plain):
    """The one KEK is the passphrase."""
    return make(plain, Rule(keks=("passphrase:",)))


@ok()
def stanza_unknown_scheme_beside(plain):
    """The first stanza is of a kind that no reader knows, the second opens."""

    def more(metadata: Metadata) -> Metadata:
        (scope,) = metadata.scopes
        (key,) = scope.keys
        key = key._replace(stanzas=(Stanza("future:x", b"abc"), *key.stanzas))
        return metadata._replace(scopes=(scope._replace(keys=(key,)),))

    return make(plain, metadata=more)


@refused(NoKeyError)
def stanza_unknown_scheme(plain):
    """The only stanza is of a kind that no reader knows."""
    return tampered(make(plain), once(r'kek: "age:[^"]+"', 'kek: "future:x"'))


@refused(NoKeyError)
def stanza_no_match(plain):
    """The only stanza is for somebody else."""
    return make(plain, Rule(keks=(other(),)))


@refused(NoKeyError)
def stanza_flipped(plain):
    """One bit of the wrapped key of the only stanza."""
    return tampered(make(plain), flip_field("wrapped", 0, -1))


@refused(IntegrityError)
def stanza_other_flipped(plain):
    """One bit of somebody else's stanza: ours opens, but the root MAC covers both."""
    return tampered(make(plain, Rule(keks=(other(), own()))), flip_field("wrapped", 0, -1))


@refused(IntegrityError)
def stanza_removed(plain):
    """Somebody else's stanza is gone."""
    change = once(r'            - kek: "[^"]+"\n              wrapped: "[^"]+"\n', "")
    return tampered(make(plain, Rule(keks=(other(), own()))), change)


@refused(IntegrityError)
def stanza_other_data_key(plain):
    """The stanza wraps another data key of the right length."""

    def replaced(metadata: Metadata) -> Metadata:
        return rewrapped(metadata, os.urandom(32))

    return make(plain, metadata=replaced)


@refused(NoKeyError)
def stanza_wrong_length_data_key(plain):
    """What the stanza wraps has 16 bytes."""
    return make(plain, metadata=lambda metadata: rewrapped(metadata, os.urandom(16)))


def rewrapped(metadata: Metadata, secret: bytes) -> Metadata:
    """Put another secret into the stanzas of the first data key."""
    (scope,) = metadata.scopes
    keys = tuple(wrap(DataKey(key.id, secret), (own(),), Keyring([])) for key in scope.keys)
    return metadata._replace(scopes=(scope._replace(keys=keys),))


@refused(NoKeyError)
def stanza_not_age(plain):
    """What is wrapped is no age file."""
    return tampered(make(plain), once(r'wrapped: "[^"]+"', 'wrapped: "AAAA"'))
