"""Setting: one value of an encrypted file, or a part with values in it."""

from __future__ import annotations

from yamlvault.addition import encrypt_more
from yamlvault.coverage import below, to_seal
from yamlvault.document.compose import compose
from yamlvault.document.new_tree import node_of
from yamlvault.document.node import Scalar
from yamlvault.editing.assignment import assign, check_is_one_place, find
from yamlvault.errors import KeyPathError, NoKeyError
from yamlvault.format.encoding import encode
from yamlvault.format.scope import Map, label_of
from yamlvault.keypath import parse
from yamlvault.opening import Lock, plaintext, with_readings
from yamlvault.sealing import plaintext_scalars
from yamlvault.selection import select
from yamlvault.source import Source, without_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.new_tree import Tree
    from yamlvault.document.node import Node, Stream
    from yamlvault.format.sealed import Payload
    from yamlvault.keypath import KeyPath
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.sealing import Sealing

_NEAR = 0.8  # how alike two paths are, of 1: those of one section are alike in most of them


def set_value(
    source: Source | Lock,
    path: KeyPath,
    tree: Tree,
    keyring: Keyring,
    rules: Sequence[ScopeRule] | None = None,
) -> Sealing | None:
    """Set one value of an encrypted source, and seal what of it is to be sealed.

    What stands there in plaintext, and is not to be sealed, is replaced by plaintext.

    Args:
        source: The encrypted source, or its lock: what is unlocked is not asked for again.
        path: The place of the value.
        tree: The value, or a list or a mapping of values.
        keyring: What opens the data keys.
        rules: As in `encrypt_more`.

    Returns:
        None where the value is there already: then there is nothing to write.

    Raises:
        KeyPathError: The path is no place for a value, or what is new there would be plaintext.
        YamlVaultError: As `encrypt_more` says.
    """
    lock = source if isinstance(source, Lock) else Lock(source)
    check_is_one_place(path)
    if _has(lock, path, tree, keyring):
        return None
    bare = without_metadata(lock.source)
    assigned = assign(bare.stream, path, tree)
    scopes = lock.metadata.scopes
    owners = Map(assigned.stream, scopes)
    seals = [scope.seal for scope in scopes]
    sealable = set(map(id, to_seal(assigned.stream, owners, seals, allow_empty=True)))
    plain = tuple(label_of(one) for one in assigned.scalars if id(one) not in sealable)
    is_plain = len(plain) == len(assigned.scalars)
    if is_plain and (plain or owners.owner(assigned.node) is None):
        _check_was_plaintext(lock, path, assigned.node, rules or ())
    edited = Source(assigned.text, bare.bom, assigned.stream, None, None)
    return encrypt_more(lock, (), keyring, edited, rules)._replace(plain=plain)


def _check_was_plaintext(lock: Lock, path: KeyPath, node: Node, rules: Sequence[ScopeRule]) -> None:
    """Refuse plaintext but in place of plaintext: a secret would show that was meant to be sealed.

    Raises:
        KeyPathError: There was no such value, or a rule seals it.
    """
    before = find(lock.source.stream, path)
    if isinstance(before, Scalar) and before.sealed is None and isinstance(node, Scalar):
        if any(_seals(rule, lock.source.stream, before) for rule in rules):
            raise KeyPathError(
                f"{path.text} is plaintext, though its rule seals it",
                hint="seal what is there first: yamlvault encrypt FILE",
            )
        return
    near = _near_sealed(lock, path) if before is None else None
    meant = f"is {near} meant? " if near else ""
    raise KeyPathError(
        f"{path.text} is none of what is sealed in this file",
        hint=f"{meant}to add plaintext: yamlvault edit FILE; to add a secret, let `seal` of the "
        "rule name it first",
    )


def _seals(rule: ScopeRule, stream: Stream, node: Node) -> bool:
    """Tell whether a rule seals a node of its scope."""
    inside = below(select(stream, map(parse, rule.paths), allow_empty=True))
    sealed = below(select(stream, map(parse, rule.seal), allow_empty=True))
    return all(any(one is node for one in found) for found in (inside, sealed))


def _near_sealed(lock: Lock, path: KeyPath) -> str | None:
    """Return the label of the sealed scalar that may have been meant."""
    from difflib import get_close_matches

    labels = [label_of(scalar) for scalar in lock.source.sealed]
    return next(iter(get_close_matches(path.text, labels, 1, _NEAR)), None)


def _has(lock: Lock, path: KeyPath, tree: Tree, keyring: Keyring) -> bool:
    """Tell whether a path leads to just this value, and all of it is sealed that is to be.

    Where its scope does not open, nobody here can tell.
    """
    stream, scopes = lock.source.stream, lock.metadata.scopes
    node = find(stream, path)
    inside = [] if node is None else list(below([node]))
    numbers = {number for number in map(lock.map.owner, inside) if number is not None}
    if not numbers:
        return False
    seals = [scope.seal for scope in scopes]
    unsealed = plaintext_scalars(lock.source, lock.map, seals, allow_empty=True)
    if not set(map(id, unsealed)).isdisjoint(map(id, inside)):
        return False
    opened: list[tuple[Scalar, Payload]] = []
    for number in numbers:
        try:
            keys = lock.unlock(number, keyring)
        except NoKeyError:
            return False
        lock.verify(number, keys[scopes[number].keys[-1].id])
        opened += lock.open(number, keys)
    found = find(compose(plaintext(lock.source, with_readings(stream, opened))), path)
    return found is not None and encode(found) == encode(node_of(tree))
