"""A merge: three versions, what they come to, and what is left to choose."""

from __future__ import annotations

import os

from yamlvault.document.compose import compose
from yamlvault.document.splice import Edit, splice
from yamlvault.errors import DocumentError, IntegrityError, KEKUnreachableError, YamlVaultError
from yamlvault.merging import outcome
from yamlvault.merging.lines import Hunk, ended, join, merge_lines, settled, split_lines
from yamlvault.merging.markers import SIZE, cut, marked
from yamlvault.merging.signature import Signature
from yamlvault.merging.version import Tokens, Version
from yamlvault.source import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.editing.draft import Draft
    from yamlvault.format.keys import DataKey
    from yamlvault.keyring import Keyring
    from yamlvault.rule import ScopeRule

OURS, BASE, THEIRS = "ours", "base", "theirs"


class Merge:
    """What three versions of a file come to.

    Attributes:
        conflicts: The labels of what both sides changed, each in its own way; there can be
            conflicts of lines alone, of comments for example, that have none.
        notes: What a person has to know who takes the result.
        hunks: The merged lines, with tokens for what is sealed.
    """

    def __init__(
        self,
        base: bytes | None,
        ours: bytes,
        theirs: bytes,
        keyring: Keyring,
        rules: Sequence[ScopeRule] | None = None,
    ) -> None:
        """Merge.

        Args:
            base: The common ancestor; None where there is none.
            ours: The file of the branch that is merged into.
            theirs: That of the other branch.
            keyring: What opens them. What does not open is merged as it stands.
            rules: As in `encrypt_more`.

        Raises:
            DocumentError: A side is not YAML.
            NotEncryptedError: Neither side is encrypted.
            IntegrityError: A side is not what its writer wrote, or they are not of one file.
            KEKUnreachableError: A side may open later.
            YamlVaultError: Both sides gave a scope other data keys.
        """
        keys: dict[str, DataKey] = {}
        sides = [_opened(OURS, ours, keyring, keys), _opened(THEIRS, theirs, keyring, keys)]
        if sides[0].is_closed():
            # its stanzas can have been taken away: with the data keys of the other side it is
            # checked all the same
            sides[0] = _opened(OURS, ours, keyring, keys)
        before = _base_version(base, keyring, keys)
        self._versions = [before, *sides]
        self.notes = _notes(before, sides, has_base=base is not None)
        self._tokens = Tokens()
        self._signature = Signature(self._versions, keys, keyring, rules)
        sealed = {path for version in self._versions for path in version.secrets}
        texts = [version.text(self._tokens, sealed) for version in self._versions]
        self._streams = [compose(text) for text in texts]
        self._places = outcome.roots(*self._streams)
        self.conflicts = outcome.conflicts(self._places)
        self.hunks = self._merged()

    def __repr__(self) -> str:
        return "<Merge>"

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to choose."""
        return not any(hunk.is_conflict for hunk in self.hunks)

    def _merged(self) -> list[Hunk]:
        """Return the hunks: as few conflicts as come to what has to come out."""
        texts = self._agreed(None)
        hunks = merge_lines(*texts)
        for attempt in ([settled(hunk) for hunk in hunks], hunks):
            if self._is_right(attempt):
                return attempt
        # the lines say something else than the nodes: a person has to look at all of it
        before, own, other = map(split_lines, texts)
        return [Hunk(own, other, before, is_conflict=True)]

    def _agreed(self, preferred: int | None) -> list[str]:
        """Return the texts of base, ours and theirs, each scalar the same that is settled."""
        edits = outcome.agreements(self._streams, preferred)
        return [splice(stream.text, own) for stream, own in zip(self._streams, edits, strict=True)]

    def _taken(self, side: str) -> str:
        """Return the text in which one side is taken where both made changes of their own.

        Raises:
            DocumentError: The lines don't let what only the other side changed be taken as well.
        """
        preferred = (BASE, OURS, THEIRS).index(side)
        hunks = merge_lines(*self._agreed(preferred))
        for attempt in ([settled(hunk) for hunk in hunks], hunks, self.hunks):
            text = join(attempt, side)
            try:
                merged = compose(text)
            except DocumentError:
                continue
            if outcome.is_right(self._places, merged, is_settled=True, preferred=preferred):
                return text
        raise DocumentError(
            f"{side} can't be taken in the conflicts alone: something would be lost that only the "
            "other side changed",
            hint="choose in an editor: yamlvault merge --edit FILE; or take the whole file of one "
            "side: git checkout --ours FILE, or --theirs",
        )

    def _is_right(self, hunks: Sequence[Hunk]) -> bool:
        is_settled = not any(hunk.is_conflict for hunk in hunks)
        if is_settled and self.conflicts:
            return False
        for side in (OURS, THEIRS):
            try:
                merged = compose(join(hunks, side))
            except DocumentError:
                if is_settled:
                    return False
                continue  # a conflict of lines: neither side need stand alone
            if not outcome.is_right(self._places, merged, is_settled=is_settled):
                return False
        return True

    def text(self, side: str | None = None) -> str:
        """Return the encrypted text.

        Args:
            side: Whose is taken where both made changes of their own; None where nothing is left
                to choose.

        Raises:
            NoKeyError: A scope would have to be signed that does not open.
            DocumentError: The side can't be taken without a loss.
            YamlVaultError: The result can't be written.
        """
        return self._sealed(join(self.hunks) if side is None else self._taken(side))

    def _sealed(self, text: str) -> str:
        plain, secret = self._signature.plain(text, self._tokens)
        return self._signature.sealed(plain, secret)

    def marked(self, names: tuple[str, str], size: int) -> str:
        """Return the encrypted text with markers around what is left to choose.

        Both sides stand there sealed for the place. With the lines of one of them, or of both,
        `yamlvault encrypt` takes it.

        Args:
            names: What stands behind the markers.
            size: The length of a marker.

        Raises:
            YamlVaultError: As `text`; or one of the sides can't stand alone.
        """
        pieces = []
        for side in (OURS, THEIRS):
            source = parse(self._sealed(join(self.hunks, side)))
            bare, insertion = source.text, None
            if source.removal is not None:
                start, end = source.removal[:2]
                bare = splice(source.text, [source.removal])
                insertion = Edit(start, start, source.text[start:end]) if side == OURS else None
            pieces.append(cut(self.hunks, side, bare, insertion))
        return self._with_markers(pieces, names, size)

    def marked_plaintext(self, names: tuple[str, str]) -> str:
        """Return the plaintext with markers around what is left to choose.

        Args:
            names: What stands behind the markers.

        Raises:
            YamlVaultError: One of the sides can't stand alone.
        """
        border = f"# {os.urandom(8).hex()}\n"  # a comment between two hunks stays there
        pieces = []
        for side in (OURS, THEIRS):
            texts = [ended("".join(getattr(hunk, side))) for hunk in self.hunks]
            plain, _ = self._signature.plain(border.join(texts), self._tokens)
            pieces.append(plain.split(border))
        return self._with_markers(pieces, names, SIZE)

    def _with_markers(
        self, pieces: Sequence[Sequence[str]], names: tuple[str, str], size: int
    ) -> str:
        ours, theirs = pieces
        if not len(ours) == len(theirs) == len(self.hunks):
            raise DocumentError("the conflicts can't be shown line by line")
        return marked(
            (
                (own, other if hunk.is_conflict else None)
                for hunk, own, other in zip(self.hunks, ours, theirs, strict=True)
            ),
            names,
            size,
        )

    def sealed(self, plaintext: str) -> str:
        """Return the encrypted text of a plaintext in which somebody has chosen.

        Raises:
            DocumentError: It is not YAML, or still has markers in it.
            YamlVaultError: As `text`.
        """
        return self._signature.sealed(plaintext)

    @property
    def drafts(self) -> list[Draft]:
        """The versions that are encrypted, as who edits them sees them."""
        return [version.draft for version in self._versions if version.draft is not None]

    @property
    def sealed_before(self) -> set[str]:
        """The sealed texts that a version has."""
        found: set[str] = set()
        for draft in self.drafts:
            found.update(secret.sealed for secret in draft.secrets.values())
            found.update(draft.sealed.values())
        return found

    @property
    def bom(self) -> bool:
        """Whether the file has a byte order mark."""
        return self._signature.bom


def _opened(side: str, data: bytes, keyring: Keyring, keys: dict[str, DataKey]) -> Version:
    try:
        return Version(side, data, keyring, keys)
    except YamlVaultError as error:
        error.message = f"{side}: {error.message}"
        raise


def _notes(base: Version, sides: Sequence[Version], *, has_base: bool) -> list[str]:
    """Return what to say of a side that is plaintext, if one is.

    Raises:
        IntegrityError: The file was encrypted before that side changed it: no MAC vouches for it.
    """
    plain = [side for side in sides if side.metadata is None]
    if len(plain) != 1:
        return []  # of two Signature says what there is to say
    name = plain[0].name
    if base.metadata is not None or not has_base:
        raise IntegrityError(
            f"{name}: the file is plaintext there, and nobody can tell who changed it",
            hint="take the side that is encrypted, and make the other's changes in it: yamlvault "
            "edit FILE",
        )
    return [f"{name} is from before the file was encrypted: what it changed is taken unchecked"]


def _base_version(data: bytes | None, keyring: Keyring, keys: dict[str, DataKey]) -> Version:
    """Return the common ancestor; what can't be read is as if there were none.

    It says only what the sides changed: nothing is taken from it that a side does not have.
    """
    try:
        return Version(BASE, data or b"", keyring, keys)
    except KEKUnreachableError:
        raise
    except YamlVaultError as error:
        keyring.tell(f"the common ancestor is left out: {error.message}")
        return Version(BASE, b"", keyring, keys)
