"""Envelopes: a data key, wrapped once for each KEK it is meant for."""

from __future__ import annotations

from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError
from yamlvault.format.keys import DATA_KEY_SIZE, DataKey
from yamlvault.format.metadata import Stanza, WrappedKey
from yamlvault.kek import is_remote, kek_of, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from yamlvault.deadline import Deadline
    from yamlvault.errors import YamlVaultError
    from yamlvault.kek import KEK
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule

# How many stanzas of a data key are tried, of one scheme: a hostile file can have any number
MAX_REMOTE, MAX_LOCAL = 16, 256

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
        raise _no_kek()
    return _wrapped(data_key, [(kek, context) for kek in keks.values()], keyring, deadline)


def wrap_again(
    data_key: DataKey, stanzas: Iterable[Stanza], keyring: Keyring, deadline: Deadline | None = None
) -> WrappedKey:
    """Return the data key wrapped for the KEKs of other stanzas, with their contexts.

    Raises:
        KEKError: One can't be used; nothing is wrapped for the others then.
        NoKeyError: The right to wrap with one is lacking.
    """
    wanted = [(kek_of(stanza.kek, keyring), stanza.context) for stanza in stanzas]
    return _wrapped(data_key, wanted, keyring, deadline)


def rewrap_key(
    key: WrappedKey,
    data_key: DataKey,
    rule: ScopeRule | None,
    keyring: Keyring,
    deadline: Deadline,
    *,
    fresh: bool,
) -> WrappedKey:
    """Return a wrapped data key with the stanzas that a rule wants, old ones where they do.

    Args:
        key: The data key as it is wrapped now.
        data_key: The data key itself.
        rule: Whom it is for; None for whom it is for now.
        keyring: What wraps it.
        deadline: For all network calls.
        fresh: Wrap anew where there is a stanza already.

    Raises:
        KEKError: A KEK can't be used.
        NoKeyError: The right to wrap with one is lacking.
    """
    if rule is None:
        if not fresh:
            return key
        again = wrap_again(data_key, key.stanzas, keyring, deadline)
        return key._replace(stanzas=again.stanzas)
    if not rule.keks:
        raise _no_kek()
    stanzas: dict[str, Stanza] = {}
    for uri in rule.keks:
        old = None if fresh else _stanza_for(key, kek_of(uri, keyring).uri, rule.context)
        if old is None:
            # an alias has another name in the file: only its service knows which
            new = wrap(data_key, [uri], keyring, rule.context, deadline).stanzas[0]
            old = (None if fresh else _stanza_for(key, new.kek, rule.context)) or new
        stanzas.setdefault(old.kek, old)
    kept = [stanza for stanza in key.stanzas if stanzas.get(stanza.kek) == stanza]
    added = [stanza for stanza in stanzas.values() if stanza not in kept]
    return key._replace(stanzas=(*kept, *added))


def _no_kek() -> KEKError:
    return KEKError(
        "there is no KEK to encrypt for",
        hint="`yamlvault init` makes one, `--kek age:age1…` names one",
    )


def _stanza_for(key: WrappedKey, uri: str, context: Mapping[str, str]) -> Stanza | None:
    for stanza in key.stanzas:
        if stanza.kek == uri and (not is_remote(uri) or dict(stanza.context) == dict(context)):
            return stanza
    return None


def _wrapped(
    data_key: DataKey,
    wanted: Sequence[tuple[KEK, Mapping[str, str]]],
    keyring: Keyring,
    deadline: Deadline | None,
) -> WrappedKey:
    deadline = deadline or keyring.deadline()
    stanzas: dict[str, Stanza] = {}
    for kek, context in wanted:
        try:
            stanza = kek.wrap(data_key.secret, context, deadline)
        except (NoKeyError, KEKError) as error:
            if is_remote(kek.uri):
                error.message = f"{shown(kek.uri)}: {error.message}"
            raise
        stanzas.setdefault(stanza.kek, stanza)  # two aliases can name one key
    return WrappedKey(data_key.id, tuple(stanzas.values()))


def unwrap(key: WrappedKey, keyring: Keyring, deadline: Deadline | None = None) -> DataKey:
    """Return the data key, by the first stanza that opens.

    Raises:
        NoKeyError: None opens, and none will. The message says of each KEK why.
        KEKUnreachableError: None opens, but one of them may do so later.
        KEKError: None opens, and a key service refused for another reason than a lacking right.
    """
    stanzas = _worth_trying(sorted(key.stanzas, key=lambda stanza: _rank(stanza, keyring)))
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
            elif isinstance(error, KEKError) and error.is_answer and kind is NoKeyError:
                kind = KEKError  # more is wrong than a right that is lacking
            continue
        finally:
            remote -= is_remote(stanza.kek)
        if len(secret) != DATA_KEY_SIZE:
            # of another length it was not made by a writer of this format (format, 6)
            reasons.setdefault("what it wraps is no data key", []).append(shown(stanza.kek))
            continue
        keyring.tell(f"data key {key.id} opened by {shown(stanza.kek)}")
        return DataKey(key.id, secret)
    why = "; ".join(
        f"{', '.join(uris).removesuffix(':')}: {reason}" for reason, uris in reasons.items()
    )
    raise kind(f"none of the file's KEKs opens it ({why})", hint=hint)


def _worth_trying(stanzas: Sequence[Stanza]) -> list[Stanza]:
    """Return the stanzas that are tried: no MAC has vouched for them yet (format, 8)."""
    found = []
    left = {"passphrase": 1, "aws-kms": MAX_REMOTE, "gcp-kms": MAX_REMOTE}
    for stanza in stanzas:
        scheme = stanza.kek.partition(":")[0]
        left[scheme] = left.get(scheme, MAX_LOCAL) - 1
        if left[scheme] >= 0:
            found.append(stanza)
    return found


def reason_closed(stanza: Stanza, keyring: Keyring, deadline: Deadline) -> str:
    """Return why a stanza does not open here; empty if it does."""
    try:
        kek_of(stanza.kek, keyring).unwrap(stanza, deadline)
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
