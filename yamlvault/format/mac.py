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
    from collections.abc import Iterable

    from yamlvault.format.metadata import Scope, Stanza, WrappedKey
    from yamlvault.format.scope import Territory

ROOT = ""  # no label of a section is empty
HINT = (
    "the file was changed without yamlvault: restore it from its history, or, if you trust what "
    "stands there, vouch for it: yamlvault encrypt"
)


def sign(scope: Scope, territory: Territory, mac_key: bytes, document: bytes) -> Scope:
    """Return the scope with its MACs."""
    macs = {
        label: _hmac(mac_key, message).finalize()
        for label, message in _messages(scope, territory, document).items()
    }
    return scope._replace(root=macs.pop(ROOT), sections=macs)


def differences(scope: Scope, territory: Territory, mac_key: bytes, document: bytes) -> list[str]:
    """Return where the MACs in a file are not those of what stands in it.

    Returns:
        The labels of sections, and `ROOT` for the root; empty where the scope is as it was
        written.
    """
    stored = {ROOT: scope.root, **scope.sections}
    messages = _messages(scope, territory, document)
    return [
        label
        for label in dict.fromkeys([*stored, *messages])
        if label not in stored
        or label not in messages
        or not _holds(stored[label], _hmac(mac_key, messages[label]))
    ]


def verify(scope: Scope, territory: Territory, mac_key: bytes, document: bytes) -> None:
    """Refuse a scope whose MACs are not those of what stands in the file.

    Raises:
        IntegrityError: Names the first section that differs, and no more (format, 5).
    """
    changed = differences(scope, territory, mac_key, document)
    if changed:
        # a section that is there and has no MAC changes the root too: it says more than that
        label = changed[-1]
        where = f"section {label}" if label != ROOT else "the top level"
        raise IntegrityError(f"{where} is not what was encrypted", hint=HINT)


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


def _messages(scope: Scope, territory: Territory, document: bytes) -> dict[str, bytes]:
    """Return what the MACs are over: that of the root, and those of the sections."""
    root = lp(b"yamlvault.v1.root") + lp(document) + lp(_meta(scope)) + lp(_roots(territory))
    head = lp(b"yamlvault.v1.section") + lp(document)
    return {ROOT: root} | {
        label: head + lp(path_of(node)) + lp(encode(node, territory.foreign))
        for label, node in territory.sections.items()
    }


def _roots(territory: Territory) -> bytes:
    stand_ins = {
        **territory.foreign,
        **{id(node): SECTION for node in territory.sections.values()},
    }
    return b"".join(lp(path_of(root)) + lp(encode(root, stand_ins)) for root in territory.roots)


def _meta(scope: Scope) -> bytes:
    return (
        _list(path.encode() for path in scope.paths)
        + _list(path.encode() for path in scope.seal)
        + _list(map(_key, scope.keys))
    )


def _key(key: WrappedKey) -> bytes:
    return lp(key.id.encode()) + _list(map(_stanza, key.stanzas))


def _stanza(stanza: Stanza) -> bytes:
    context = (
        lp(name.encode()) + lp(value.encode()) for name, value in sorted(stanza.context.items())
    )
    return lp(stanza.kek.encode()) + lp(stanza.wrapped) + _list(context)


def _list(elements: Iterable[bytes]) -> bytes:
    framed = [lp(element) for element in elements]
    return u32(len(framed)) + b"".join(framed)
