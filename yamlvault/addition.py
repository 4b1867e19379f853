"""Addition: an encrypted file gets more sealed, by who can open it or by who can't."""

from __future__ import annotations

from yamlvault.adoption import Adoption
from yamlvault.coverage import below, check_readers, uncovered
from yamlvault.custody import Custody, left_out
from yamlvault.document.node import Scalar
from yamlvault.errors import (
    AlreadyEncryptedError,
    IntegrityError,
    KeyPathError,
    NoKeyError,
    YamlVaultError,
)
from yamlvault.format import mac
from yamlvault.format.keys import DataKey
from yamlvault.format.metadata import MAX_KEYS, Metadata, name_of
from yamlvault.format.scope import Map, label_of
from yamlvault.kek import shown
from yamlvault.keypath import parse
from yamlvault.opening import Lock
from yamlvault.sealing import Sealing, keks_of, plaintext_scalars, shares_of
from yamlvault.selection import select
from yamlvault.source import Source, without_metadata
from yamlvault.writing import seal_scalars, sign, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.deadline import Deadline
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule


def encrypt_more(
    source: Source | Lock,
    seal: Sequence[str],
    keyring: Keyring,
    edited: Source | None = None,
    rules: Sequence[ScopeRule] | None = None,
    *,
    adopt: bool = False,
    kept: Sequence[tuple[Scalar, Payload]] = (),
) -> Sealing:
    """Seal what is plaintext in an encrypted source under the paths of its scopes.

    Whoever calls it vouches for the file as it stands: changed plaintext is signed anew. What is
    sealed must open as before. A scope that does not open is left alone if it has nothing new;
    otherwise it gets a new data key where its holders allowed that (format, 7).

    Args:
        source: The encrypted source, or its lock: what is unlocked is not asked for again.
        seal: More paths to seal from now on.
        keyring: What opens its data keys.
        edited: The source without metadata and with edits of ours. Then nobody vouches for what
            other hands have changed.
        rules: For whom a new data key is wrapped in a scope that does not open, by its paths;
            None for whom the file says, which nobody can check who does not open it.
        adopt: Seal what the rules seal from now on, and make a scope for each of them that has
            none, in scopes that open.
        kept: The scalars of `edited` that stand there in plaintext and whose sealed text, which
            they have in the tree, is still that of their payload.

    Raises:
        AlreadyEncryptedError: There is nothing new to seal and nothing was changed.
        KeyPathError: One of the new paths names nothing.
        NoKeyError: A scope that has something new does not open, and allows no more data keys;
            or no scope opens.
        KEKError: A new alias leads to a scope that not all of its readers open.
        KEKUnreachableError: A scope may open later.
        IntegrityError: A sealed scalar was changed, or moved from elsewhere; or a scope that does
            not open is for others than its rule says.
    """
    lock = source if isinstance(source, Lock) else Lock(source)
    more = _More(lock, keyring, edited, rules, kept)
    more.open_scopes()
    if adopt:
        more.adopt_rules()
    more.extend_seal(seal)
    more.seal()
    return more.result()


class _More:
    """An encrypted source on its way to have more sealed."""

    def __init__(
        self,
        lock: Lock,
        keyring: Keyring,
        edited: Source | None,
        rules: Sequence[ScopeRule] | None,
        kept: Sequence[tuple[Scalar, Payload]],
    ) -> None:
        self.lock = lock
        self.keyring = keyring
        self.deadline: Deadline = keyring.deadline()
        self.document = self.lock.metadata.document
        self.scopes = list(self.lock.metadata.scopes)
        self.bare = edited or without_metadata(lock.source)
        self.is_edited = edited is not None
        self.custody = Custody(rules, keyring, self.deadline)
        self.newest: dict[int, DataKey] = {}
        self.closed: dict[int, NoKeyError] = {}
        self.appended: list[int] = []
        self.vouched: list[str] = []
        self.changed: set[int] = set()  # the scopes of which that is said
        self.kept = kept
        self.new: list[tuple[Scalar, Payload]] = []
        self.left_out: tuple[str, ...] = ()
        self.left_to_others: NoKeyError | None = None  # why a scope of the rule is not made

    def open_scopes(self) -> None:
        """Open what opens, and find out what was changed by hand."""
        for number, scope in enumerate(self.scopes):
            try:
                keys = self.lock.unlock(number, self.keyring, self.deadline)
            except NoKeyError as error:
                self.closed[number] = error
                self.keyring.tell(f"scope {name_of(scope)}: {error.message}")
                continue
            newest = self.newest[number] = keys[scope.keys[-1].id]
            if self.is_edited:
                self.lock.verify(number, newest)
                continue
            self.lock.open(number, keys)
            changed = mac.differences(
                scope, number, self.lock.map, newest.mac_key(self.document), self.document
            )
            if mac.RULES in changed:
                # nobody edits them by hand: with another `seal`, what is to be sealed would stay
                # in plaintext
                raise IntegrityError("the metadata is not what was encrypted", hint=mac.RESTORE)
            self.vouched += changed
            self.changed |= {number} if changed else set()

    def adopt_rules(self) -> None:
        """Bring scopes in line with their rules, as far as they open."""
        adoption = Adoption(self.bare, self.custody.rules, self.document)
        self.scopes = adoption.with_seals(self.scopes, self.newest)
        for rule in adoption.without_scope(self.scopes):
            for number, error in self.closed.items():
                # who opens a part goes on working in that part
                self.left_to_others = adoption.refusal(rule, self.scopes[number], error)
                return
            scope, key = adoption.new_scope(rule, self.keyring, self.deadline)
            self.newest[len(self.scopes)] = key
            self.scopes.append(scope)
        adoption.check_owners(self.scopes)

    def extend_seal(self, paths: Sequence[str]) -> None:
        """Add new paths to the scopes of what they name."""
        owners = Map(self.bare.stream, self.scopes)
        for path in paths:
            named = select(self.bare.stream, [parse(path)])  # one that names nothing is refused
            numbers = {}
            for node in below(named):
                number = owners.owner(node)
                if number is not None:
                    numbers[number] = node
                elif isinstance(node, Scalar):
                    raise KeyPathError(
                        f"key path {path} names what is in no scope: {label_of(node)}",
                        hint="make a scope of it in the rule, then: yamlvault encrypt FILE",
                    )
            for number in numbers:
                seal = tuple(dict.fromkeys([*self.scopes[number].seal, path]))
                self.scopes[number] = self.scopes[number]._replace(seal=seal)

    def seal(self) -> None:
        """Seal what is new, under new data keys in scopes that do not open, and sign."""
        owners = Map(self.bare.stream, self.scopes)
        seals = [scope.seal for scope in self.scopes]
        # an old path may name nothing any more: its last secret was removed
        scalars = plaintext_scalars(self.bare, owners, seals, allow_empty=True)
        touched = {number for number in map(owners.owner, scalars) if number is not None}
        self.left_out = left_out(self.bare, owners, self.scopes, self.custody.rules, scalars)
        self.uncovered = tuple(uncovered(self.bare.stream, owners))
        for number in touched & self.newest.keys():
            self.custody.check_opened(self.scopes[number])
        has_news = (
            self.is_edited
            or scalars
            or self.vouched
            or tuple(self.scopes) != self.lock.metadata.scopes
        )
        if not has_news:
            self._refuse_for_nothing_new()
        for number in touched & self.closed.keys():
            self._append(number)
        metadata = Metadata(self.document, tuple(self.scopes))
        self.new = seal_scalars(self.bare, scalars, metadata, self.newest)
        for number in self.closed:
            if number not in self.appended and self._is_affected(number):
                self._append(number)
        check_readers(self.bare.stream, owners, self.scopes)
        metadata = Metadata(self.document, tuple(self.scopes))
        signed = sign(self.bare, metadata, self.newest)
        self.written = write(self.bare, [*self.kept, *self.new], signed)

    def _refuse_for_nothing_new(self) -> None:
        if self.left_to_others is not None:
            raise self.left_to_others
        if self.closed and not self.newest:
            raise next(iter(self.closed.values()))
        keks = ", ".join(map(shown, keks_of(self.lock.metadata)))
        closed = ", ".join(name_of(self.scopes[number]) for number in self.closed)
        plain = ", ".join(self.left_out)
        outside = ", ".join(self.uncovered)
        raise AlreadyEncryptedError(
            f"encrypted already (yamlvault format 1, for {keks}), and nothing new to seal"
            + (f"; {closed}: does not open here, and was not checked" if closed else "")
            + (f"; plaintext, though the rule seals it: {plain}" if plain else "")
            + (
                f"; in no scope, so that anybody can change it unnoticed: {outside}"
                if outside
                else ""
            ),
            hint=f"seal it: yamlvault encrypt -k '{plain}' FILE" if plain else None,
        )

    def _is_affected(self, number: int) -> bool:
        """Tell whether what the MACs of a scope cover is changed, by hand or by what was sealed.

        Aliases in it can lead to that: its MACs cover what they stand for.
        """
        before = self.lock.metadata.scopes[number], self.lock.map
        owners = Map(self.bare.stream, self.scopes)
        first, second = (
            mac.messages(scope, number, found, self.document)
            for scope, found in (before, (self.scopes[number], owners))
        )
        outside = map(owners.owner, owners.outside(number))
        return first != second or not self.changed.isdisjoint(outside)

    def _append(self, number: int) -> None:
        """Give a scope that does not open a new data key, for the same KEKs (format, 7)."""
        scope = self.scopes[number]
        stanzas = scope.keys[-1].stanzas
        if not all(key.append for key in scope.keys):
            error = self.closed[number]
            error.message = f"scope {name_of(scope)}: {error.message}"
            error.hint = (
                "who can open it may allow others to add secrets: `append: true` in the rule, "
                "then yamlvault rewrap"
            )
            raise error
        if any(stanza.kek.startswith("passphrase:") for stanza in stanzas):
            # any passphrase would do to wrap: it could not be told from the right one
            raise NoKeyError(
                f"scope {name_of(scope)} is for a passphrase too, which isn't at hand",
                hint="set YAMLVAULT_PASSPHRASE",
            )
        if sum(len(one.keys) for one in self.scopes) >= MAX_KEYS:
            raise YamlVaultError(
                f"the file has {MAX_KEYS} data keys, and can't have more",
                hint="who opens it folds them: yamlvault rotate",
            )
        key = DataKey.new()
        wrapped = self.custody.wrap(key, scope)
        wrapped = mac.allow_append(wrapped, key.mac_key(self.document), self.document)
        self.scopes[number] = scope._replace(keys=(*scope.keys, wrapped))
        self.newest[number] = key
        self.appended.append(number)

    def result(self) -> Sealing:
        """Return what came out."""
        left = [number for number in self.closed if number not in self.appended]
        return Sealing(
            self.written.text,
            len(self.new),
            len(self.bare.sealed) - len(self.new),
            tuple(self.vouched),
            keks_of(self.written.metadata),
            appended=tuple(name_of(self.scopes[number]) for number in self.appended),
            unchecked=tuple(name_of(self.scopes[number]) for number in left),
            uncovered=self.uncovered,
            left_out=self.left_out,
            shares=shares_of(
                self.bare, Map(self.bare.stream, self.scopes), self.written.metadata, self.new
            ),
        )
