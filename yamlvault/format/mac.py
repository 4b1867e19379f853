"""The MACs of a scope (format, 5)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from yamlvault.errors import IntegrityError
from yamlvault.format.encoding import encode, lp, path_of, u32
from yamlvault.format.scope import SECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yamlvault.document.node import Node
    from yamlvault.format.metadata import Scope, Stanza, WrappedKey
    from yamlvault.format.scope import Map, Territory

# where a MAC stands that is not that of a section; a section's label has a `$` in it
ROOT, RULES = "", "rules"
RESTORE = "restore the file from its history; an honest edit does not touch this"
REVIEW = (
    "the file was changed without yamlvault: restore it from its history, or, if you trust what "
    "stands there, vouch for it: yamlvault encrypt FILE"
)


def sign(scope: Scope, number: int, scopes: Map, mac_key: bytes, document: bytes) -> Scope:
    """Return the scope of a number with its MACs."""
    macs = {
        label: _hmac(mac_key, message).finalize()
        for label, message in messages(scope, number, scopes, document).items()
    }
    return scope._replace(rules=macs.pop(RULES), root=macs.pop(ROOT), sections=macs)


def differences(
    scope: Scope, number: int, scopes: Map, mac_key: bytes, document: bytes
) -> list[str]:
    """Return where the MACs in a file are not those of what stands in it.

    Returns:
        The labels of sections, `ROOT` for the root and `RULES` for the metadata; empty where
        the scope is as it was written.
    """
    stored = {RULES: scope.rules, ROOT: scope.root, **scope.sections}
    covered = messages(scope, number, scopes, document)
    return [
        label
        for label in dict.fromkeys([*stored, *covered])
        if label not in stored
        or label not in covered
        or not _holds(stored[label], _hmac(mac_key, covered[label]))
    ]


def verify(scope: Scope, number: int, scopes: Map, mac_key: bytes, document: bytes) -> None:
    """Refuse a scope whose MACs are not those of what stands in the file.

    Raises:
        IntegrityError: Names the first section that differs, and no more (format, 5).
    """
    changed = differences(scope, number, scopes, mac_key, document)
    if changed:
        # a section that is there and has no MAC changes the root too: it says more than that
        label = changed[-1]
        where = {ROOT: "the top level", RULES: "the metadata"}.get(label, f"section {label}")
        hint = RESTORE if label == RULES else REVIEW
        raise IntegrityError(f"{where} is not what was encrypted", hint=hint)


def _holds(mac: bytes, computed: HMAC) -> bool:
    try:
        computed.verify(mac)  # in constant time
    except InvalidSignature:
        return False
    return True


def _hmac(key: bytes, data: bytes) -> HMAC:
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac


def verify_append(keys: Sequence[WrappedKey], mac_keys: Sequence[bytes], document: bytes) -> None:
    """Refuse data keys that the holder of each one before them did not allow (format, 5.5).

    The leave of the first alone would not do: it can be somebody's own, with a data key of others
    behind it.

    Args:
        keys: The data keys of a scope, oldest first.
        mac_keys: The MAC key of each.
        document: The document id.

    Raises:
        IntegrityError: There are several data keys, and one of the older ones lacks the leave.
    """
    message = _append_message(document)
    for key, mac_key in zip(keys[:-1], mac_keys, strict=False):
        if not _holds(key.append, _hmac(mac_key, message)):
            raise IntegrityError("a data key was added that this file does not allow", hint=RESTORE)


def allow_append(key: WrappedKey, mac_key: bytes, document: bytes) -> WrappedKey:
    """Return the data key with the leave to add others behind it (format, 5.5)."""
    return key._replace(append=_hmac(mac_key, _append_message(document)).finalize())


def _append_message(document: bytes) -> bytes:
    return lp(b"yamlvault.v1.append") + lp(document)


def messages(scope: Scope, number: int, scopes: Map, document: bytes) -> dict[str, bytes]:
    """Return what the MACs of a scope are over, by the label that each has in `differences`."""
    territory = scopes.territories[number]
    root = (
        lp(b"yamlvault.v1.root")
        + lp(document)
        + u32(scopes.documents)
        + lp(_roots(territory))
        + lp(_nodes(scopes.outside(number), {}))
    )
    rules = lp(b"yamlvault.v1.rules") + lp(document) + lp(_rules(scope, scopes))
    head = lp(b"yamlvault.v1.section") + lp(document)
    return {RULES: rules, ROOT: root} | {
        label: head + lp(path_of(node)) + lp(encode(node, territory.foreign))
        for label, node in territory.sections.items()
    }


def _roots(territory: Territory) -> bytes:
    stand_ins = {
        **territory.foreign,
        **{id(node): SECTION for node in territory.sections.values()},
    }
    return _nodes(territory.roots, stand_ins)


def _nodes(nodes: Iterable[Node], stand_ins: dict[int, bytes]) -> bytes:
    pairs = sorted((path_of(node), encode(node, stand_ins)) for node in nodes)
    return b"".join(lp(path) + lp(encoding) for path, encoding in pairs)


def _rules(scope: Scope, scopes: Map) -> bytes:
    return (
        _list(path.encode() for path in scopes.paths)
        + _list(path.encode() for path in scope.paths)
        + _list(path.encode() for path in scope.seal)
        + _list(map(_key, scope.keys))
    )


def _key(key: WrappedKey) -> bytes:
    return lp(key.id.encode()) + lp(key.append) + _list(map(_stanza, key.stanzas))


def _stanza(stanza: Stanza) -> bytes:
    context = (
        lp(name.encode()) + lp(value.encode()) for name, value in sorted(stanza.context.items())
    )
    return lp(stanza.kek.encode()) + lp(stanza.wrapped) + _list(context)


def _list(elements: Iterable[bytes]) -> bytes:
    framed = [lp(element) for element in elements]
    return u32(len(framed)) + b"".join(framed)
