"""Renewal: an encrypted file gets other stanzas (rewrap), or new data keys (rotate)."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.coverage import check_readers
from yamlvault.document.span import Properties
from yamlvault.document.splice import Edit, splice
from yamlvault.envelope import rewrap_key, wrap, wrap_again
from yamlvault.errors import ConfigError, DocumentError, NoKeyError, YamlVaultError
from yamlvault.format import mac
from yamlvault.format.encoding import path_of
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import Metadata, name_of
from yamlvault.format.place import insertion
from yamlvault.format.scope import Map
from yamlvault.format.sealed import Sealer
from yamlvault.opening import Lock
from yamlvault.source import parse as parse_source
from yamlvault.source import require_metadata, same_structure, without_metadata
from yamlvault.writing import refusal, sign, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.node import Scalar
    from yamlvault.format.metadata import Scope, WrappedKey
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule
    from yamlvault.source import Source


class Renewal(NamedTuple):
    """What came out.

    Attributes:
        text: The new text; None where there is nothing to change.
        added: The KEK URIs that open a scope now and did not before.
        removed: Those that did and do not any more.
        folded: How many data keys the scopes have less than before.
    """

    text: str | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    folded: int = 0

    def __repr__(self) -> str:
        return "<Renewal>"


def rewrap(
    source: Source, rules: Sequence[ScopeRule] | None, keyring: Keyring, *, fresh: bool = False
) -> Renewal:
    """Bring the stanzas in line with the rules; data keys and sealed scalars stay.

    Args:
        source: The encrypted source. All of its scopes have to open.
        rules: A rule for each scope, by its paths; None for the KEKs that the file has.
        keyring: What opens its data keys.
        fresh: Wrap anew for the KEKs that stay, too: a key service may have a new key version.

    Raises:
        NoKeyError: A scope does not open, or the right to wrap with a KEK is lacking.
        IntegrityError: The file is not what its writer wrote.
        KEKError: A KEK can't be used.
        ConfigError: The scopes of the file are not those of the rules.
    """
    wanted = _rules_for(require_metadata(source).scopes, rules)
    opened = _Opened(source, keyring)
    scopes = []
    for number, (scope, rule) in enumerate(zip(opened.scopes, wanted, strict=True)):
        keys = tuple(
            rewrap_key(
                key, opened.keys[number][key.id], rule, keyring, opened.deadline, fresh=fresh
            )
            for key in scope.keys
        )
        if rule is not None:
            keys = tuple(opened.with_leave(number, key, allowed=rule.append) for key in keys)
            if len(keys) > 1 and not rule.append:
                raise YamlVaultError(
                    f"scope {name_of(scope)} has {len(keys)} data keys, which `append: false` "
                    "does not allow",
                    hint="yamlvault rotate folds them into one",
                )
        scopes.append(scope._replace(keys=keys))
    if tuple(scopes) == opened.scopes:
        return Renewal(None)
    bare = without_metadata(source)
    check_readers(bare.stream, Map(bare.stream, scopes), scopes)
    metadata = Metadata(opened.document, tuple(scopes))
    newest = {number: opened.keys[number][scope.keys[-1].id] for number, scope in enumerate(scopes)}
    written = write(bare, [], sign(bare, metadata, newest))
    return Renewal(written.text, *_difference(opened.scopes, scopes))


def rotate(source: Source, rules: Sequence[ScopeRule] | None, keyring: Keyring) -> Renewal:
    """Give each scope one new data key, and seal all of its scalars anew.

    Args:
        source: The encrypted source. All of its scopes have to open.
        rules: A rule for each scope, by its paths; None for the KEKs that the file has.
        keyring: What opens its data keys.

    Raises:
        YamlVaultError: As `rewrap` says.
    """
    wanted = _rules_for(require_metadata(source).scopes, rules)
    opened = _Opened(source, keyring)
    payloads = opened.payloads()
    keys = {number: DataKey.new() for number in range(len(opened.scopes))}
    scopes = []
    for number, (scope, rule) in enumerate(zip(opened.scopes, wanted, strict=True)):
        last = scope.keys[-1]
        if rule is None:
            wrapped = wrap_again(keys[number], last.stanzas, keyring, opened.deadline)
        else:
            wrapped = wrap(keys[number], rule.keks, keyring, rule.context, opened.deadline)
        if last.append if rule is None else rule.append:
            mac_key = keys[number].mac_key(opened.document)
            wrapped = mac.allow_append(wrapped, mac_key, opened.document)
        scopes.append(scope._replace(keys=(wrapped,)))
    bare = without_metadata(source)
    check_readers(bare.stream, Map(bare.stream, scopes), scopes)
    metadata = Metadata(opened.document, tuple(scopes))
    text = _resealed(bare, payloads, metadata, keys)
    folded = sum(len(scope.keys) - 1 for scope in opened.scopes)
    return Renewal(text, *_difference(opened.scopes, scopes), folded)


class _Opened:
    """A source all of whose scopes are opened and checked."""

    def __init__(self, source: Source, keyring: Keyring) -> None:
        self.lock = Lock(source)
        self.document = self.lock.metadata.document
        self.scopes = self.lock.metadata.scopes
        self.deadline = keyring.deadline()
        self.keys: list[dict[str, DataKey]] = []
        for number, scope in enumerate(self.scopes):
            try:
                self.keys.append(self.lock.unlock(number, keyring, self.deadline))
            except NoKeyError as error:
                if len(self.scopes) > 1:
                    error.message = f"scope {name_of(scope)}: {error.message}"
                raise
            # what is signed anew must be what was signed: nobody vouches for changes here
            self.lock.verify(number, self.keys[number][scope.keys[-1].id])

    def payloads(self) -> list[Payload]:
        """Return the payloads of the sealed scalars, in the order of the stream."""
        opened: list[tuple[Scalar, Payload]] = []
        for number, keys in enumerate(self.keys):
            opened += self.lock.open(number, keys)
        opened.sort(key=lambda pair: pair[0].start)
        return [payload for _, payload in opened]

    def with_leave(self, number: int, key: WrappedKey, *, allowed: bool) -> WrappedKey:
        """Return a data key with the leave to add others behind it, or without (format, 5.5)."""
        if allowed:
            return mac.allow_append(
                key, self.keys[number][key.id].mac_key(self.document), self.document
            )
        return key._replace(append=b"")


def _rules_for(
    scopes: Sequence[Scope], rules: Sequence[ScopeRule] | None
) -> Sequence[ScopeRule | None]:
    """Return the rule of each scope, by its paths."""
    if rules is None:
        for scope in scopes:
            if len(scope.keys) > 1:
                # who added them could not check for whom the file says that it is (format, 8)
                raise ConfigError(
                    f"scope {name_of(scope)} has data keys of who could not open it, and no rule "
                    "says for whom it is",
                    hint="name its KEKs: --kek URI, or a rule in .yamlvault.yml",
                )
        return [None] * len(scopes)
    by_paths = {frozenset(rule.paths): rule for rule in rules}
    missing = {frozenset(scope.paths) for scope in scopes} ^ by_paths.keys()
    for scope in scopes:
        if frozenset(scope.paths) in missing:
            raise _other_scopes(f"the file has a scope {name_of(scope)}, which the rule does not")
    for paths, rule in by_paths.items():
        if paths in missing:
            name = ", ".join(rule.paths)
            raise _other_scopes(f"the rule has a scope {name}, which the file does not")
    return [by_paths[frozenset(scope.paths)] for scope in scopes]


def _other_scopes(what: str) -> ConfigError:
    return ConfigError(
        f"{what} have",
        hint="to change its scopes: yamlvault decrypt -i, then yamlvault encrypt",
    )


def _difference(
    before: Sequence[Scope], after: Sequence[Scope]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the KEK URIs that a scope has after and not before, and the other way round."""
    old, new = (
        [{stanza.kek: None for key in scope.keys for stanza in key.stanzas} for scope in scopes]
        for scopes in (before, after)
    )
    pairs = list(zip(old, new, strict=True))
    added = dict.fromkeys(kek for first, second in pairs for kek in second if kek not in first)
    removed = dict.fromkeys(kek for first, second in pairs for kek in first if kek not in second)
    return tuple(added), tuple(removed)


def _resealed(
    bare: Source, payloads: list[Payload], metadata: Metadata, keys: dict[int, DataKey]
) -> str:
    """Return the text with every sealed scalar sealed anew, checked by opening it again."""
    document = metadata.document
    owners = Map(bare.stream, metadata.scopes)
    sealers = {
        number: Sealer(key.seal_key(document), document, key.id) for number, key in keys.items()
    }
    edits = []
    for scalar, payload in zip(bare.sealed, payloads, strict=True):
        number = owners.owner(scalar)
        if number is None:
            raise AssertionError("the lock found a sealed scalar that is in no scope")
        scalar.sealed = sealers[number].seal(payload, path_of(scalar))
        content = Properties(bare.text, scalar.start, scalar.anchor).content_start
        quoted = f'"{scalar.sealed}"' if scalar.style else scalar.sealed
        edits.append(Edit(content, scalar.end, quoted))
    metadata = sign(bare, metadata, keys)
    text = splice(bare.text, [*edits, insertion(bare.stream, metadata)])
    _check(text, bare, payloads, metadata, sealers)
    return text


def _check(
    text: str,
    bare: Source,
    payloads: list[Payload],
    metadata: Metadata,
    sealers: dict[int, Sealer],
) -> None:
    """Parse what is about to be written, and open it: the same payloads must come out."""
    try:
        again = parse_source(text)
    except DocumentError:
        raise refusal() from None
    if again.metadata != metadata or not same_structure(bare.stream, again.stream):
        raise refusal()
    owners = Map(again.stream, metadata.scopes)
    for scalar, payload in zip(again.sealed, payloads, strict=True):
        number = owners.owner(scalar)
        if number is None or payload != sealers[number].open(str(scalar.sealed), path_of(scalar)):
            raise refusal()
