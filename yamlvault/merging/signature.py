"""What was merged, sealed and signed."""

from __future__ import annotations

from yamlvault.coverage import check_readers
from yamlvault.custody import Custody
from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.editing.revision import is_same
from yamlvault.errors import IntegrityError, NoKeyError, NotEncryptedError
from yamlvault.format import mac
from yamlvault.format.encoding import path_of
from yamlvault.format.metadata import Metadata, name_of
from yamlvault.format.payload import payload_of
from yamlvault.format.scope import Map
from yamlvault.format.sealed import key_id_of
from yamlvault.merging.scopes import merge_scopes
from yamlvault.opening import plaintext, with_readings
from yamlvault.sealing import plaintext_scalars
from yamlvault.source import Source
from yamlvault.writing import seal_scalars, sign, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from yamlvault.document.node import Stream
    from yamlvault.format.keys import DataKey
    from yamlvault.format.metadata import Scope
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring
    from yamlvault.merging.version import Tokens, Version
    from yamlvault.rule import ScopeRule


class Signature:
    """Seals and signs what comes of the versions of one file."""

    def __init__(
        self,
        versions: Sequence[Version],
        keys: Mapping[str, DataKey],
        keyring: Keyring,
        rules: Sequence[ScopeRule] | None,
    ) -> None:
        """Find for whom it is.

        Args:
            versions: The base, ours and theirs.
            keys: The data keys that open, by their id.
            keyring: What asks for the names of KEKs.
            rules: As in `encrypt_more`.

        Raises:
            NotEncryptedError: Neither side is encrypted.
            IntegrityError: They are not versions of one file, or a data key is not allowed, or
                was replaced by somebody who knows nothing of what the one before has sealed.
            YamlVaultError: The sides differ in for whom the file is, and can't be merged.
        """
        self._versions = versions
        self._custody = Custody(rules, keyring, keyring.deadline())
        base, *sides = versions
        found = [side.metadata for side in sides if side.metadata is not None]
        if not found:
            raise NotEncryptedError("neither side is encrypted", hint="git merges such files")
        self._document = found[0].document
        if any(one.document != self._document for one in found):
            raise IntegrityError(
                "the two sides are not versions of one encrypted file",
                hint="one of them was decrypted and encrypted anew: take one side, and make the "
                "other's changes again",
            )
        known = base.metadata
        before = known if known is not None and known.document == self._document else None
        self._scopes = merge_scopes(before, found[0], found[-1])
        self._newest: dict[int, DataKey] = {}
        for number, scope in enumerate(self._scopes):
            # what a side has in a scope that did not open there was checked by nobody
            is_checked = not any(version.is_closed(scope.paths) for version in sides)
            if is_checked and all(key.id in keys for key in scope.keys):
                self._check_new_keys(scope)
                mac_keys = [keys[key.id].mac_key(self._document) for key in scope.keys]
                mac.verify_append(scope.keys, mac_keys, self._document)
                self._newest[number] = keys[scope.keys[-1].id]

    def _check_new_keys(self, scope: Scope) -> None:
        """Refuse a data key that may be a stranger's.

        Whoever knows the recipients can make a file for them, with the same document id, under a
        data key of their own (format, 8). Who rotates has opened the file: most of what was sealed
        in it is in the new one, too.
        """
        base, *sides = self._versions
        before = base.secrets_of(scope.paths)
        ids = _ids(base, scope)
        if not ids:
            return  # nothing was sealed before
        for side in sides:
            own = _ids(side, scope)
            if not own or own[: len(ids)] == ids or own == _ids(self._other(side), scope):
                continue
            secrets = side.secrets_of(scope.paths)
            both = [path for path in secrets if path in before]
            known = sum(secrets[path] == before[path] for path in both)
            if 2 * known <= len(both):
                raise IntegrityError(
                    f"{side.name}: scope {name_of(scope)} has another data key, and too little of "
                    "what was sealed under the one before: it may be a stranger's",
                    hint="take the file of the side that you trust: git checkout --ours FILE, or "
                    "--theirs",
                )

    def _other(self, side: Version) -> Version:
        return self._versions[2 if side is self._versions[1] else 1]

    def plain(self, text: str, tokens: Tokens) -> tuple[str, set[int]]:
        """Return the plaintext of a text with tokens, and the numbers of the nodes that had one.

        What does not open stays sealed in it.
        """
        stream = compose(text)
        opened = [
            (node, tokens.payloads[str(node.sealed)])
            for node in stream.nodes
            if isinstance(node, Scalar) and tokens.has(node)
        ]
        source = Source(text, self.bom, stream, None, None)
        had_one = {id(scalar) for scalar, _ in opened}
        numbers = {number for number, node in enumerate(stream.nodes) if id(node) in had_one}
        return plaintext(source, with_readings(stream, opened)), numbers

    @property
    def bom(self) -> bool:
        """Whether the file has a byte order mark."""
        return self._versions[1].bom

    def sealed(self, text: str, secret: Container[int] = ()) -> str:
        """Return the encrypted text of a merged plaintext.

        Args:
            text: The plaintext, in which what does not open is sealed.
            secret: The numbers of nodes that are to be sealed, as all that a side has sealed.

        Raises:
            NoKeyError: A scope would have to be signed that does not open.
            YamlVaultError: As `encrypt_more` says.
        """
        source = Source(text, self.bom, compose(text), None, None)
        owners = Map(source.stream, self._scopes)
        kept = self._keep(source, owners)
        scalars = self._to_seal(source, owners, secret)
        self._check_touched(owners, scalars)
        metadata = Metadata(self._document, self._scopes)
        new = seal_scalars(source, scalars, metadata, self._newest)
        check_readers(source.stream, owners, self._scopes)
        signed = sign(source, metadata, self._newest)
        signed = signed._replace(
            scopes=tuple(
                scope if number in self._newest else self._signed_by_a_side(scope, source.stream)
                for number, scope in enumerate(signed.scopes)
            )
        )
        return write(source, [*kept, *new], signed).text

    def _keep(self, source: Source, owners: Map) -> list[tuple[Scalar, Payload]]:
        """Give scalars the sealed text that one of the versions has for them, in the tree."""
        ids = [{key.id for key in scope.keys} for scope in self._scopes]
        kept = []
        for scalar in source.stream.nodes:
            if not isinstance(scalar, Scalar) or scalar.encoded is not None or scalar.sealed:
                continue
            if scalar.is_empty:
                continue
            number, path = owners.owner(scalar), path_of(scalar)
            for version in (*self._versions[1:], self._versions[0]):
                secret = version.secrets.get(path)
                if secret is None or number is None:
                    continue
                payload = payload_of(source.text, scalar)
                if key_id_of(secret.sealed) in ids[number] and is_same(payload, secret.payload):
                    scalar.sealed = secret.sealed
                    kept.append((scalar, payload))
                    break
        return kept

    def _to_seal(self, source: Source, owners: Map, secret: Container[int]) -> list[Scalar]:
        seals = [scope.seal for scope in self._scopes]
        scalars = plaintext_scalars(source, owners, seals, allow_empty=True)
        found = set(map(id, scalars))
        before = {path for version in self._versions[1:] for path in version.secrets}
        for number, node in enumerate(source.stream.nodes):
            if not isinstance(node, Scalar) or node.encoded is not None or id(node) in found:
                continue
            was_sealed = number in secret or path_of(node) in before
            if was_sealed and node.sealed is None and not node.is_empty:
                scalars.append(node)
        return scalars

    def _check_touched(self, owners: Map, scalars: Sequence[Scalar]) -> None:
        for number in sorted({owners.owner(scalar) for scalar in scalars} - {None}, key=str):
            scope = self._scopes[int(str(number))]
            if number not in self._newest:
                raise NoKeyError(
                    f"scope {name_of(scope)} does not open here, and has something new to seal",
                    hint="let somebody merge who opens it",
                )
            self._custody.check_opened(scope)

    def _signed_by_a_side(self, scope: Scope, stream: Stream) -> Scope:
        """Return a scope that does not open with the MACs of the sides, where these hold.

        Raises:
            NoKeyError: No side has signed what was merged.
        """
        number = self._scopes.index(scope)
        wanted = mac.messages(scope, number, Map(stream, self._scopes), self._document)
        found: dict[str, bytes] = {}
        for version in self._versions[1:]:
            if version.draft is None:
                continue
            lock = version.draft.lock
            for other, theirs in enumerate(lock.metadata.scopes):
                if theirs.paths != scope.paths:
                    continue
                stored = {mac.RULES: theirs.rules, mac.ROOT: theirs.root, **theirs.sections}
                signed = mac.messages(theirs, other, lock.map, self._document)
                for label, message in signed.items():
                    if wanted.get(label) == message and label in stored:
                        found[label] = stored[label]
        for label in wanted:
            if label not in found:
                where = {mac.ROOT: "its top level", mac.RULES: "its KEKs"}.get(label, label)
                raise NoKeyError(
                    f"scope {name_of(scope)} does not open here, and both sides changed {where}",
                    hint="let somebody merge who opens it",
                )
        return scope._replace(
            rules=found.pop(mac.RULES),
            root=found.pop(mac.ROOT),
            sections={label: found[label] for label in wanted if label in found},
        )


def _ids(version: Version, scope: Scope) -> list[str]:
    """Return the ids of the data keys that a version has in the scope of the same paths."""
    scopes = version.metadata.scopes if version.metadata is not None else ()
    return [key.id for one in scopes if one.paths == scope.paths for key in one.keys]
