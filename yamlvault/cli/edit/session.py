"""The session: edit, write, and where that does not go, ask what to do."""

from __future__ import annotations

import os

from yamlvault.cli import print_error, say
from yamlvault.cli.edit.editor import EditorError, find_editor
from yamlvault.cli.edit.endings import Endings
from yamlvault.cli.edit.private_copy import private_copy
from yamlvault.cli.edit.question import Answer, ask, can_ask
from yamlvault.cli.edit.subject import ChangedError, Encrypted, ExposedError, subject
from yamlvault.errors import FileError, KEKUnreachableError, YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.cli.edit.editor import Editor
    from yamlvault.cli.edit.private_copy import DescriptorCopy, FolderCopy
    from yamlvault.cli.edit.subject import Subject
    from yamlvault.keyring import Keyring
    from yamlvault.sealing import Sealing


def edit(file: str, keyring: Keyring) -> Sealing | None:
    """Edit a file.

    Returns:
        What was written; None where nothing was changed.

    Raises:
        YamlVaultError: It can't be edited, or was given up; the file is unchanged.
        Ended: A signal ended it.
    """
    editor = find_editor()  # before anything is opened
    found = subject(file, keyring)
    for note in found.notes():
        say(f"{file}: {note}")
    name = os.path.basename(os.path.abspath(file))
    with Endings() as endings, private_copy(name, found.plaintext, endings) as copy:
        return _Session(found, keyring, editor, copy, endings).run()


class _Session:
    def __init__(
        self,
        found: Subject,
        keyring: Keyring,
        editor: Editor,
        copy: FolderCopy | DescriptorCopy,
        endings: Endings,
    ) -> None:
        self.subject = found
        self.keyring = keyring
        self.editor = editor
        self.copy = copy
        self.endings = endings
        self.edited = found.plaintext
        self.line: int | None = None
        self.others: list[str] = []
        self.expose = False

    def run(self) -> Sealing | None:
        """Edit and write until the one or the other is over."""
        answer = Answer.EDIT
        while True:
            try:
                if answer is Answer.EDIT:
                    self.edit()
                if self.subject.is_unchanged(self.edited):
                    return None
                return self.subject.store(self.edited, expose=self.expose)
            except ChangedError as error:
                answer = self.settle(error)
            except YamlVaultError as error:
                answer = self.answer(error)
            except KeyboardInterrupt:
                if not can_ask():
                    raise
                # while a key service is waited for: what was typed is worth a question
                answer = self.answer(YamlVaultError("interrupted"))

    def edit(self) -> None:
        """Let the copy be edited; what was decided of an earlier one no longer holds."""
        self.expose = False
        if not os.path.exists(self.copy.path):
            self.copy.write(self.edited)  # the editor has removed it
        line, self.line = self.line, None
        try:
            self.editor.run(self.copy.path, line, self.others, self.endings)
        finally:
            self.edited = self.copy.read()

    def answer(self, error: YamlVaultError) -> Answer:
        """Ask what to do about an error."""
        if error.source is None and error.line is not None:
            self.line = error.line
            error.source = f"{self.subject.file}, as edited"
        if isinstance(error, EditorError) and self.subject.is_unchanged(self.edited):
            raise error  # nothing is lost
        more = []
        if isinstance(error, ExposedError):
            more = [Answer.WRITE]
        elif isinstance(error, (KEKUnreachableError, FileError)):
            more = [Answer.RETRY]
        answer = self.ask(error, Answer.EDIT, *more, Answer.GIVE_UP)
        self.expose = self.expose or answer is Answer.WRITE
        return answer

    def settle(self, change: ChangedError) -> Answer:
        """Ask what to do about another version; what is written then takes its place."""
        file = self.subject.file
        try:
            newer = Encrypted(file, self.keyring)
        except YamlVaultError as error:  # deleted, decrypted, or nothing that opens
            if os.path.lexists(file):
                change.message += f", and as it is now it can't be edited: {error.message}"
            answer = self.ask(change, Answer.RETRY, Answer.OVERWRITE, Answer.GIVE_UP)
            if answer is Answer.OVERWRITE:
                self.subject.accept()
            return answer
        change.hint = "to edit again shows you both: what you save takes the place of both"
        answer = self.ask(change, Answer.EDIT, Answer.OVERWRITE, Answer.GIVE_UP)
        self.subject = newer
        try:
            self.others = [self.copy.beside(newer.plaintext)]
        except OSError as error:
            self.others = []
            say(f"{file}: the other version can't be shown: {error.strerror}")
        return answer

    def ask(self, error: YamlVaultError, *answers: Answer) -> Answer:
        """Print an error and ask; without anybody there, or a will to go on, it is the end."""
        error.source = error.source or self.subject.file
        if not can_ask():
            error.message += "; the file is left as it is, and what was edited is gone"
            raise error
        print_error(error)
        answer = ask(*answers)
        if answer is Answer.GIVE_UP:
            raise YamlVaultError(
                "given up: the file is left as it is, and what was edited is gone",
                source=self.subject.file,
            )
        return answer
