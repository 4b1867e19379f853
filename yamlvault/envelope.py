"""Envelopes: a data key, wrapped once for each KEK it is meant for."""

from __future__ import annotations

from yamlvault.errors import KEKError, NoKeyError
from yamlvault.format.keys import DATA_KEY_SIZE, DataKey
from yamlvault.format.metadata import Stanza, WrappedKey
from yamlvault.kek import kek_of, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.keyring import Keyring

# what needs no network and no person first; unknown schemes last
_ORDER = ("age", "passphrase")


def wrap(data_key: DataKey, uris: Sequence[str], keyring: Keyring) -> WrappedKey:
    """Return the data key with a stanza for each KEK.

    Raises:
        KEKError: There is no KEK, or one can't be used; nothing is wrapped for the others then.
    """
    keks = {kek.uri: kek for kek in (kek_of(uri, keyring) for uri in uris)}
    if not keks:
        raise KEKError(
            "there is no KEK to encrypt for",
            hint="`yamlvault init` makes one, `--kek age:age1…` names one",
        )
    stanzas = tuple(Stanza(uri, kek.wrap(data_key.secret, {})) for uri, kek in keks.items())
    return WrappedKey(data_key.id, stanzas)


def unwrap(key: WrappedKey, keyring: Keyring) -> DataKey:
    """Return the data key, by the first stanza that opens.

    Raises:
        NoKeyError: None opens. The message says of each KEK why.
    """
    reasons: dict[str, list[str]] = {}  # the KEKs that do not open for a reason
    hint = None
    for stanza in sorted(key.stanzas, key=_rank):
        try:
            secret = kek_of(stanza.kek, keyring).unwrap(stanza.wrapped, stanza.context)
        except (NoKeyError, KEKError) as error:
            reasons.setdefault(error.message, []).append(shown(stanza.kek))
            hint = hint or error.hint
            continue
        if len(secret) != DATA_KEY_SIZE:
            # of another length it was not made by a writer of this format (format, 6)
            reasons.setdefault("what it wraps is no data key", []).append(shown(stanza.kek))
            continue
        return DataKey(key.id, secret)
    why = "; ".join(f"{', '.join(uris)}: {reason}" for reason, uris in reasons.items())
    raise NoKeyError(f"none of the file's KEKs opens it ({why})", hint=hint)


def reason_closed(stanza: Stanza, keyring: Keyring) -> str:
    """Return why a stanza does not open here; empty if it does."""
    try:
        kek_of(stanza.kek, keyring).unwrap(stanza.wrapped, stanza.context)
    except (NoKeyError, KEKError) as error:
        return error.message
    return ""


def _rank(stanza: Stanza) -> int:
    scheme = stanza.kek.partition(":")[0]
    return _ORDER.index(scheme) if scheme in _ORDER else len(_ORDER)
