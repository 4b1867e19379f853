"""Encrypted files made step by step, so that each step can go wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yamlvault import Keyring
from yamlvault.document.compose import compose
from yamlvault.document.splice import splice
from yamlvault.document.text import decode, encode
from yamlvault.envelope import wrap
from yamlvault.format import mac
from yamlvault.format.encoding import lp, path_of
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Metadata, Scope
from yamlvault.format.payload import payload_of, sealing_edits
from yamlvault.format.place import insertion
from yamlvault.format.scope import Map
from yamlvault.format.sealed import to_b64
from yamlvault.keypath import parse
from yamlvault.selection import select, with_targets
from yamlvault.writing import is_in_json

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "vectors"
IDENTITY = FOLDER / "identity.txt"
PASSPHRASE = "a passphrase of the test vectors"
OTHER = pyrage.x25519.Identity.generate()  # nobody keeps it

BASE = b"""\
name: shop
production:
  host: db.example.org
  password: hunter2
  port: 5432
staging:
  host: localhost
  password: "two words"
  ports:
  - 1
  - 2
"""


class Vector(NamedTuple):
    """A file, the error it must give (None for none), and the plaintext it must open to."""

    name: str
    error: type[Exception] | None
    how: str
    data: bytes
    plaintext: bytes | None
    exact: bool


MAKERS: list[Callable[[], Vector]] = []


def ok(plain: bytes | None = BASE, *, exact: bool = True) -> Callable[..., Callable[..., bytes]]:
    """Mark a function that makes a file that opens to `plain`.

    Args:
        plain: The plaintext; the function gets it.
        exact: Whether it comes out byte for byte; otherwise its values are what counts.
    """
    return _marked(None, plain, exact=exact)


def refused(error: type[Exception], plain: bytes = BASE) -> Callable[..., Callable[..., bytes]]:
    """Mark a function that makes a file that a reader must refuse."""
    return _marked(error, plain, exact=False)


def _marked(
    error: type[Exception] | None, plain: bytes | None, *, exact: bool
) -> Callable[..., Callable[..., bytes]]:
    def mark(make: Callable[..., bytes]) -> Callable[..., bytes]:
        how = " ".join((make.__doc__ or "").split())
        plaintext = plain if error is None else None
        MAKERS.append(lambda: Vector(make.__name__, error, how, make(plain), plaintext, exact))
        return make

    return mark


def identity() -> pyrage.x25519.Identity:
    """Return the identity of the folder; make it where there is none."""
    if not IDENTITY.exists():
        new = pyrage.x25519.Identity.generate()
        lines = [
            "# The identity that opens the test vectors. It is public: never use it for a secret.",
            f"# recipient: {new.to_public()}",
            str(new),
        ]
        IDENTITY.parent.mkdir(parents=True, exist_ok=True)
        IDENTITY.write_text("\n".join(lines) + "\n")
    return pyrage.x25519.Identity.from_str(IDENTITY.read_text().splitlines()[-1])


def own() -> str:
    """Return the KEK URI of the identity of the folder."""
    return f"age:{identity().to_public()}"


def other() -> str:
    """Return a KEK URI that nobody has the identity of."""
    return f"age:{OTHER.to_public()}"


class Rule(NamedTuple):
    """A scope to make: its paths, what is sealed in it, its KEKs, how many data keys it has."""

    paths: tuple[str, ...] = ("$",)
    seal: tuple[str, ...] = ("$",)
    keks: tuple[str, ...] = ()
    keys: int = 1


def same(value: object) -> object:
    """Return the value: where nothing is to be changed."""
    return value


def make(
    plain: bytes,
    *rules: Rule,
    payload: Callable[[bytes], bytes] = same,
    path: Callable[[bytes], bytes] = same,
    key: Callable[[DataKey], DataKey] = same,
    document: Callable[[bytes], bytes] = same,
    text: Callable[[str], str] = same,
    metadata: Callable[[Metadata], Metadata] = same,
    signing_key: Callable[[list[DataKey]], DataKey] = lambda keys: keys[-1],
    append: Callable[[list[DataKey]], list[DataKey | None]] = lambda keys: [*keys[:-1], None],
) -> bytes:
    """Return an encrypted file, made step by step, so that each step can go wrong.

    Args:
        plain: The plaintext.
        rules: The scopes; by default one for the whole file.
        payload: Changes the payload that is sealed.
        path: Changes the path that is bound.
        key: Changes the data key that seals, but not its id.
        document: Changes the document id that is bound.
        text: Changes the text with the sealed scalars, before it is signed.
        metadata: Changes the metadata before it is signed.
        signing_key: Chooses the data key of the MACs.
        append: Chooses for each data key what its `append` is made with; None for none.
    """
    content, bom = decode(plain)
    rules = rules or (Rule(),)
    document_id = os.urandom(16)
    data_keys = [[DataKey.new() for _ in range(rule.keys)] for rule in rules]
    keyring = Keyring([], PASSPHRASE)
    scopes = []
    for rule, keys in zip(rules, data_keys, strict=True):
        wrapped = tuple(wrap(item, rule.keks or (own(),), keyring) for item in keys)
        allowed = tuple(
            item if by is None else mac.allow_append(item, by.mac_key(document_id), document_id)
            for item, by in zip(wrapped, append(keys), strict=True)
        )
        scopes.append(Scope(rule.paths, rule.seal, allowed))
    meta = metadata(Metadata(document_id, tuple(scopes)))

    stream = compose(content)
    owners = Map(stream, scopes)
    nodes = select(stream, [parse(name) for rule in rules for name in rule.seal], allow_empty=True)
    edits = []
    for number, scalar in enumerate(with_targets(nodes)):
        if scalar.is_empty:
            continue
        owner = owners.owner(scalar)
        data_key = data_keys[owner][number % rules[owner].keys]
        packed = payload_of(content, scalar)
        sealed = seal(
            key(data_key), document(document_id), path(path_of(scalar)), payload(packed.pack())
        )
        scalar.sealed = f"yv1.{data_key.id}.{to_b64(sealed)}"
        edits += sealing_edits(content, scalar, packed, quoted=is_in_json(scalar))
    content = text(splice(content, edits))
    return encode(sign(content, meta, [signing_key(keys) for keys in data_keys]), bom=bom)


def seal(key: DataKey, document: bytes, path: bytes, payload: bytes) -> bytes:
    """Return nonce, ciphertext and tag (format, 3)."""
    nonce = os.urandom(12)
    bound = lp(b"yamlvault.v1.scalar") + lp(document) + lp(key.id.encode()) + lp(path)
    return nonce + AESGCM(key.seal_key(document)).encrypt(nonce, payload, bound)


def sign(text: str, metadata: Metadata, keys: list[DataKey]) -> str:
    """Return the text with the metadata and MACs that fit, whatever stands in it."""
    stream = compose(text)
    scopes_of = Map(stream, metadata.scopes)
    scopes = tuple(
        mac.sign(scope, number, scopes_of, key.mac_key(metadata.document), metadata.document)
        for number, (scope, key) in enumerate(zip(metadata.scopes, keys, strict=True))
    )
    return splice(text, [insertion(stream, metadata._replace(scopes=scopes))])
