"""What is edited: an encrypted file, or one that is not there yet."""

from __future__ import annotations

import os
import stat

from yamlvault import config, storage
from yamlvault.coverage import uncovered
from yamlvault.document.compose import compose
from yamlvault.document.text import decode, encode, position
from yamlvault.editing.draft import Draft, is_open_to_additions
from yamlvault.editing.exposure import exposed
from yamlvault.editing.revision import revise
from yamlvault.errors import ConfigError, DocumentError, FileError, KEKError, YamlVaultError
from yamlvault.folder import near_file
from yamlvault.foreign import refuse_foreign
from yamlvault.format.metadata import name_of
from yamlvault.format.place import check_key_is_free
from yamlvault.kek import kek_of
from yamlvault.sealing import encrypt
from yamlvault.source import Source, read, require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yamlvault.keyring import Keyring
    from yamlvault.sealing import Sealing


class ChangedError(YamlVaultError):
    """The file is not what it was when the edit began.

    Attributes:
        ours: What it was to become, encrypted.
    """

    def __init__(self, change: str, ours: bytes) -> None:
        super().__init__(f"somebody has {change} it meanwhile")
        self.ours = ours


class ExposedError(YamlVaultError):
    """What was a secret would stand in plaintext."""


class Subject:
    """A file on its way through an editor.

    Attributes:
        file: Its name.
        plaintext: What the copy begins with.
        before: What is on the disk; None where nothing is.
    """

    plaintext = b""

    def __init__(self, file: str, keyring: Keyring) -> None:
        self.file = file
        self._keyring = keyring
        self.before: bytes | None = None
        self._mode: int | None = None

    def is_unchanged(self, edited: bytes) -> bool:
        """Tell whether there is nothing to write."""
        return edited == self.plaintext

    def notes(self) -> Iterator[str]:
        """Yield what is to be known before the editor is started."""
        raise NotImplementedError

    def _seal(self, text: str, *, expose: bool) -> Sealing:
        raise NotImplementedError

    def store(self, edited: bytes, *, expose: bool) -> Sealing:
        """Encrypt what was edited, and write it, if the file still is what it was.

        Args:
            edited: What the copy holds.
            expose: Let secrets stand where they are not sealed.

        Raises:
            ChangedError: The file was changed meanwhile.
            ExposedError: A secret would stand in plaintext.
            YamlVaultError: It can't be encrypted; where it has a place and no source, that is
                the place in the edited text.
        """
        text, bom = decode(edited)
        if not text.strip():
            raise DocumentError("nothing is left in it", hint="to delete the file: rm")
        sealing = self._seal(text, expose=expose)
        self.put(encode(sealing.text, bom=bom))
        return sealing

    def accept(self) -> None:
        """Let what is on the disk now be overwritten by the next `store`."""
        try:
            self.before = storage.read(self.file)
        except FileError:
            if os.path.lexists(self.file):
                raise
            self.before = None

    def put(self, data: bytes) -> None:
        """Write the file, if it still is what it was.

        Raises:
            ChangedError: It is not.
            FileError: It can't be written.
        """
        if self.before is None:
            try:
                # the target, where it is a link to what is not there
                storage.create(os.path.realpath(self.file), data, mode=self._mode)
            except FileError as error:
                error.source = self.file
                if os.path.exists(self.file):
                    raise ChangedError("made", data) from None
                raise
            return
        try:
            with storage.Locked(self.file) as target:
                if target.data == self.before:
                    target.replace(data)
                    return
        except FileError:
            if not os.path.exists(self.file):
                raise ChangedError("deleted", data) from None
            raise
        raise ChangedError("changed", data)


class Encrypted(Subject):
    """A file that is encrypted."""

    def __init__(self, file: str, keyring: Keyring) -> None:
        """Open what opens.

        Raises:
            NotEncryptedError: It is plaintext.
            YamlVaultError: It can't be read or written, or nothing of it opens.
        """
        super().__init__(file, keyring)
        storage.check_writable(file)  # before somebody types in vain
        config.scopes_for(file)
        self.before = storage.read(file)
        self._mode = stat.S_IMODE(os.stat(file).st_mode)
        source = read(self.before)
        if source.metadata is None:
            refuse_foreign(source.stream)
        require_metadata(source)
        self._draft = Draft(source, keyring)
        self.plaintext = encode(self._draft.text, bom=source.bom)

    def notes(self) -> Iterator[str]:
        """Yield which scopes stay sealed."""
        for number in self._draft.closed:
            scope = self._draft.lock.metadata.scopes[number]
            may = "add to it or replace them" if is_open_to_additions(scope) else "leave them alone"
            yield f"scope {name_of(scope)} does not open here, its values stay sealed: {may}"

    def _seal(self, text: str, *, expose: bool) -> Sealing:
        draft = self._draft
        sealing = revise(draft, text, self._keyring, config.scopes_for(self.file))
        if not expose:
            check_exposure([draft], text, sealing)
        known = set(uncovered(draft.lock.source.stream, draft.lock.map))
        return sealing._replace(
            uncovered=tuple(label for label in sealing.uncovered if label not in known)
        )


def check_exposure(drafts: Iterable[Draft], text: str, sealing: Sealing) -> None:
    """Refuse a text in which secrets of drafts stand in plaintext, and would be written so.

    Raises:
        ExposedError: There is one; with its place.
    """
    found = sorted({index for draft in drafts for index in exposed(draft, text, sealing)})
    if found:
        line, column = position(text, found[0])
        more = f", and in {len(found) - 1} more places" if found[1:] else ""
        raise ExposedError(
            f"what was sealed would stand here in plaintext{more}",
            line=line,
            column=column,
            hint="comments, and what no `seal` path names, are not sealed: take it out, or put "
            "it where it was",
        )


class New(Subject):
    """A file that is not there, and that a rule is for."""

    def __init__(self, file: str, keyring: Keyring) -> None:
        """Find the rule.

        Raises:
            ConfigError: There is none.
            YamlVaultError: The file can't be made, or a KEK of the rule is malformed.
        """
        super().__init__(file, keyring)
        found = config.nearest(file)
        rule = None if found is None else found.match(file)
        if found is None or rule is None:
            raise ConfigError(
                "there is no such file, and no rule for a new one of this name",
                source=file,
                hint=near_file(file) or f"check the name; the rules stand in {config.NAME}",
            )
        self._config = found.path
        try:
            for uri in {uri for scope in rule.scopes for uri in scope.keks}:
                kek_of(uri, keyring)
        except KEKError as error:
            error.source = found.path  # the mistake stands there
            raise
        storage.check_writable(file)

    def is_unchanged(self, edited: bytes) -> bool:
        """Tell whether nothing was typed."""
        return not edited.strip()

    def notes(self) -> Iterator[str]:
        """Say that it is new: its name may be mistyped."""
        yield f"new: what is saved is encrypted by the rule in {self._config}"

    def _seal(self, text: str, *, expose: bool) -> Sealing:  # noqa: ARG002  nothing was a secret
        stream = compose(text)
        check_key_is_free(stream)
        refuse_foreign(stream)
        source = Source(text, False, stream, None, None)  # noqa: FBT003
        rules = config.find(self.file).rule_for(self.file).scopes
        return encrypt(source, rules, self._keyring)


def subject(file: str, keyring: Keyring) -> Subject:
    """Return what is to be edited.

    Raises:
        YamlVaultError: It can't be.
    """
    if os.path.exists(file):
        return Encrypted(file, keyring)
    return New(file, keyring)
