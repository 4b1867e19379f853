"""The MACs of a scope (format, 5)."""

from __future__ import annotations

from cryptography.hazmat.primitives import constant_time
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

HINT = (
    "the file was changed without yamlvault: restore it from its history, or, if you trust what "
    "stands there, vouch for it: yamlvault encrypt"
)


def sign(scope: Scope, territory: Territory, mac_key: bytes, document: bytes) -> Scope:
    """Return the scope with its MACs."""
    sections = {
        label: _hmac(
            mac_key,
            lp(b"yamlvault.v1.section")
            + lp(document)
            + lp(path_of(node))
            + lp(encode(node, territory.foreign)),
        )
        for label, node in territory.sections.items()
    }
    root = _hmac(
        mac_key,
        lp(b"yamlvault.v1.root") + lp(document) + lp(_meta(scope)) + lp(_roots(territory)),
    )
    return scope._replace(root=root, sections=sections)


def differences(stored: Scope, signed: Scope) -> list[str]:
    """Return what differs between the MACs in a file and those of what stands in it.

    Returns:
        The labels of sections, and "" for the root; empty where the scope is as it was written.
    """
    labels = dict.fromkeys([*stored.sections, *signed.sections])
    found = [
        label
        for label in labels
        if not _equal(stored.sections.get(label, b""), signed.sections.get(label, b""))
    ]
    return found if _equal(stored.root, signed.root) else ["", *found]


def verify(stored: Scope, signed: Scope) -> None:
    """Refuse a scope whose MACs are not those of what stands in the file.

    Raises:
        IntegrityError: Names the first section that differs, and no more (format, 5).
    """
    changed = differences(stored, signed)
    if not changed:
        return
    where = f"section {changed[-1]}" if changed[-1] else "the top level"
    raise IntegrityError(f"{where} is not what was encrypted", hint=HINT)


def _equal(first: bytes, second: bytes) -> bool:
    return constant_time.bytes_eq(first, second)


def _hmac(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac.finalize()


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
