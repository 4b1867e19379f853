"""Setting: one value of an encrypted file, or a part with values in it."""

from __future__ import annotations

from yamlvault.addition import encrypt_more
from yamlvault.coverage import below, to_seal
from yamlvault.document.compose import compose
from yamlvault.document.new_tree import node_of
from yamlvault.editing.assignment import assign, check_is_one_place, find
from yamlvault.errors import KeyPathError, NoKeyError
from yamlvault.format.encoding import encode
from yamlvault.format.scope import Map, label_of
from yamlvault.opening import Lock, plaintext, with_readings
from yamlvault.sealing import plaintext_scalars
from yamlvault.source import Source, without_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.new_tree import Tree
    from yamlvault.document.node import Scalar
    from yamlvault.format.sealed import Payload
    from yamlvault.keypath import KeyPath
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.sealing import Sealing


def set_value(
    source: Source,
    path: KeyPath,
    tree: Tree,
    keyring: Keyring,
    rules: Sequence[ScopeRule] | None = None,
) -> Sealing | None:
    """Set one value of an encrypted source, and seal what of it is to be sealed.

    Args:
        source: The encrypted source.
        path: The place of the value.
        tree: The value, or a list or a mapping of values.
        keyring: What opens the data keys.
        rules: As in `encrypt_more`.

    Returns:
        None where the value is there already: then there is nothing to write.

    Raises:
        KeyPathError: The path is no place for a value, or none of what is sealed.
        YamlVaultError: As `encrypt_more` says.
    """
    lock = Lock(source)
    check_is_one_place(path)
    if _has(lock, path, tree, keyring):
        return None
    bare = without_metadata(source)
    assigned = assign(bare.stream, path, tree)
    scopes = lock.metadata.scopes
    owners = Map(assigned.stream, scopes)
    seals = [scope.seal for scope in scopes]
    sealable = set(map(id, to_seal(assigned.stream, owners, seals, allow_empty=True)))
    plain = tuple(label_of(one) for one in assigned.scalars if id(one) not in sealable)
    if len(plain) == len(assigned.scalars) and (plain or owners.owner(assigned.node) is None):
        raise KeyPathError(
            f"{path.text} is none of what is sealed in this file",
            hint=f"seal it from now on: yamlvault encrypt -k '{path.text}' FILE, with a first "
            "value in place; or edit the file",
        )
    edited = Source(assigned.text, bare.bom, assigned.stream, None, None)
    return encrypt_more(lock, (), keyring, edited, rules)._replace(plain=plain)


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
