"""Envelopes: a data key, wrapped once for each KEK it is meant for."""

from __future__ import annotations

from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError
from yamlvault.format.keys import DATA_KEY_SIZE, DataKey
from yamlvault.format.metadata import Stanza, WrappedKey
from yamlvault.kek import is_remote, kek_of, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yamlvault.deadline import Deadline
    from yamlvault.errors import YamlVaultError
    from yamlvault.keyring import Keyring

_NO_CONTEXT: Mapping[str, str] = {}


def wrap(
    data_key: DataKey,
    uris: Sequence[str],
    keyring: Keyring,
    context: Mapping[str, str] = _NO_CONTEXT,
    deadline: Deadline | None = None,
) -> WrappedKey:
    """Return the data key with a stanza for each KEK.

    Raises:
        KEKError: There is no KEK, or one can't be used; nothing is wrapped for the others then.
        NoKeyError: The right to wrap with one is lacking.
    """
    keks = {kek.uri: kek for kek in (kek_of(uri, keyring) for uri in uris)}
    if not keks:
        raise KEKError(
            "there is no KEK to encrypt for",
            hint="`yamlvault init` makes one, `--kek age:age1…` names one",
        )
    deadline = deadline or keyring.deadline()
    stanzas: dict[str, Stanza] = {}
    for uri, kek in keks.items():
        try:
            stanza = kek.wrap(data_key.secret, context, deadline)
        except (NoKeyError, KEKError) as error:
            if is_remote(uri):
                error.message = f"{shown(uri)}: {error.message}"
            raise
        stanzas.setdefault(stanza.kek, stanza)  # two aliases can name one key
    return WrappedKey(data_key.id, tuple(stanzas.values()))


def unwrap(key: WrappedKey, keyring: Keyring, deadline: Deadline | None = None) -> DataKey:
    """Return the data key, by the first stanza that opens.

    Raises:
        NoKeyError: None opens, and none will. The message says of each KEK why.
        KEKUnreachableError: None opens, but one of them may do so later.
    """
    stanzas = sorted(key.stanzas, key=lambda stanza: _rank(stanza, keyring))
    remote = sum(is_remote(stanza.kek) for stanza in stanzas)
    deadline = deadline or keyring.deadline()
    reasons: dict[str, list[str]] = {}  # the KEKs that do not open for a reason
    hint: str | None = None
    kind: type[YamlVaultError] = NoKeyError
    for stanza in stanzas:
        try:
            # a service that hangs leaves time for the ones behind it
            until = deadline.share(remote) if is_remote(stanza.kek) else deadline
            secret = kek_of(stanza.kek, keyring).unwrap(stanza, until)
        except (NoKeyError, KEKError) as error:
            reasons.setdefault(error.message, []).append(shown(stanza.kek))
            hint = hint or error.hint
            if isinstance(error, KEKUnreachableError):
                kind = KEKUnreachableError
            continue
        finally:
            remote -= is_remote(stanza.kek)
        if len(secret) != DATA_KEY_SIZE:
            # of another length it was not made by a writer of this format (format, 6)
            reasons.setdefault("what it wraps is no data key", []).append(shown(stanza.kek))
            continue
        keyring.tell(f"data key {key.id} opened by {shown(stanza.kek)}")
        return DataKey(key.id, secret)
    why = "; ".join(f"{', '.join(uris)}: {reason}" for reason, uris in reasons.items())
    raise kind(f"none of the file's KEKs opens it ({why})", hint=hint)


def reason_closed(stanza: Stanza, keyring: Keyring) -> str:
    """Return why a stanza does not open here; empty if it does."""
    try:
        kek_of(stanza.kek, keyring).unwrap(stanza, keyring.deadline())
    except (NoKeyError, KEKError) as error:
        return error.message
    return ""


def _rank(stanza: Stanza, keyring: Keyring) -> int:
    """Return the place of a stanza in the order of trial.

    What is at hand comes first, then the network, then a person; schemes that are unknown last.
    """
    scheme = stanza.kek.partition(":")[0]
    if scheme == "passphrase":
        return 1 if keyring.has_passphrase() else 3
    if is_remote(stanza.kek):
        return 2
    return 0 if scheme == "age" else 4
