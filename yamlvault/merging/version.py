"""The versions that are merged, with tokens in place of what is sealed.

A token stands for one plaintext: where two versions have the same token at a place, they have the
same value there, however often that was sealed. So what is compared, and what git gets to see, has
no plaintext in it.
"""

from __future__ import annotations

from yamlvault.document.node import Scalar
from yamlvault.document.splice import Edit, splice
from yamlvault.document.text import position
from yamlvault.editing.draft import Draft
from yamlvault.errors import IntegrityError
from yamlvault.format.encoding import path_of
from yamlvault.format.keys import DataKey
from yamlvault.format.payload import has_lines, payload_of, sealing_edits, shifted
from yamlvault.format.sealed import PREFIX
from yamlvault.source import read, without_metadata
from yamlvault.writing import is_in_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.editing.draft import Secret
    from yamlvault.format.metadata import Metadata
    from yamlvault.format.sealed import Payload
    from yamlvault.keyring import Keyring


class Tokens:
    """Which token stands for which plaintext.

    A token reads as a sealed scalar, of a data key whose id is new in each merge: nobody can have
    put one into a file.
    """

    def __init__(self) -> None:
        self._start = f"{PREFIX}{DataKey.new().id}."
        self._tokens: dict[tuple[bytes, Payload], str] = {}
        self.payloads: dict[str, Payload] = {}

    def token_for(self, scalar: Scalar, payload: Payload) -> str:
        """Return the token of a plaintext.

        It is another one elsewhere, so that equal secrets don't show; but not within a list, whose
        items move.
        """
        key = (_place(scalar), _normal(payload))
        token = self._tokens.setdefault(key, f"{self._start}{len(self._tokens)}")
        self.payloads.setdefault(token, payload)
        return token

    def has(self, scalar: Scalar) -> bool:
        """Tell whether a token stands in place of a scalar."""
        return scalar.sealed is not None and scalar.sealed in self.payloads


class Version:
    """One version of the file.

    Attributes:
        name: What conflict markers call it.
        metadata: Its metadata; None for a plaintext file.
        secrets: What is sealed and opens, by path.
        draft: The file as who edits it sees it; None for a plaintext file.
    """

    def __init__(self, name: str, data: bytes, keyring: Keyring, known: dict[str, DataKey]) -> None:
        """Open a version; what does not open is taken as it stands.

        Args:
            name: What conflict markers call it.
            data: The file.
            keyring: What opens it.
            known: As in `Lock`.

        Raises:
            DocumentError: It is not YAML.
            IntegrityError: It is not what its writer wrote, or has lost its metadata.
            KEKUnreachableError: It may open later.
        """
        self.name = name
        source = read(data)
        self.bom = source.bom
        self.metadata: Metadata | None = source.metadata
        if source.metadata is None and (sealed := source.sealed):
            # no MAC vouches for what stands beside them
            line, column = position(source.text, sealed[0].start)
            raise IntegrityError(
                "a sealed scalar stands here, but the file has no metadata",
                line=line,
                column=column,
                hint="restore the top-level key `yamlvault` from the file's history",
            )
        self.bare = without_metadata(source)
        self.draft: Draft | None = None
        if source.metadata is not None:
            self.draft = Draft(source, keyring, known, may_stay_closed=True)
        self.secrets: dict[bytes, Secret] = self.draft.secrets if self.draft is not None else {}

    def __repr__(self) -> str:
        return f"<Version {self.name}>"

    def is_closed(self, paths: tuple[str, ...] | None = None) -> bool:
        """Tell whether a scope did not open: the one of these paths, or any."""
        if self.draft is None:
            return False
        scopes = self.draft.lock.metadata.scopes
        numbers = [number for number, scope in enumerate(scopes) if scope.paths == paths]
        return any(number in self.draft.closed for number in numbers or range(len(scopes)))

    def secrets_of(self, paths: tuple[str, ...]) -> dict[bytes, Payload]:
        """Return what is sealed in the scope of these paths, by path; layout made equal."""
        if self.draft is None:
            return {}
        lock = self.draft.lock
        return {
            path: _normal(self.secrets[path].payload)
            for scope, sealed in zip(lock.metadata.scopes, lock.sealed, strict=True)
            if scope.paths == paths
            for path in map(path_of, sealed)
            if path in self.secrets
        }

    def text(self, tokens: Tokens, sealed_somewhere: set[bytes]) -> str:
        """Return the text, with tokens in place of what is sealed in any of the versions."""
        edits: list[Edit] = []
        text = self.bare.text
        for scalar in self.bare.stream.nodes:
            if not isinstance(scalar, Scalar) or scalar.encoded is not None:
                continue
            path = path_of(scalar)
            if scalar.sealed is not None:
                if path in self.secrets:
                    token = tokens.token_for(scalar, self.secrets[path].payload)
                    start = text.index(scalar.sealed, scalar.start, scalar.end)
                    edits.append(Edit(start, start + len(scalar.sealed), token))
            elif path in sealed_somewhere and not scalar.is_empty:
                payload = payload_of(text, scalar)
                scalar.sealed = tokens.token_for(scalar, payload)
                edits += sealing_edits(text, scalar, payload, quoted=is_in_json(scalar))
                scalar.sealed = None
        return splice(text, edits)


def _place(scalar: Scalar) -> bytes:
    """Return the path of a scalar, or of the outermost list that it stands in."""
    place, node = path_of(scalar), scalar.parent
    while node is not None:
        if not node.is_mapping:
            place = path_of(node)
        node = node.parent
    return place


def _normal(payload: Payload) -> Payload:
    """Return a payload as it would be at the margin: two that differ in nothing else are equal."""
    source = payload.source
    if has_lines(source):
        source = shifted(source, -payload.indent)
    return payload._replace(source=source, indent=0)
