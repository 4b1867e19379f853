"""The session: edit, write, and where that does not go, ask what to do."""

from __future__ import annotations

import os

from yamlvault.cli import print_error, say
from yamlvault.cli.edit.editor import EditorError, find_editor
from yamlvault.cli.edit.endings import Endings
from yamlvault.cli.edit.private_copy import private_copy
from yamlvault.cli.edit.question import Answer, ask, can_ask
from yamlvault.cli.edit.subject import ChangedError, Encrypted, ExposedError, subject
from yamlvault.errors import YamlVaultError

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

    def run(self) -> Sealing | None:
        """Edit and write until the one or the other is over."""
        answer = Answer.EDIT
        while True:
            if answer is Answer.EDIT:
                answer = self.edit()
                continue
            if self.subject.is_unchanged(self.edited):
                return None
            try:
                return self.subject.store(self.edited, expose=answer is Answer.WRITE)
            except ChangedError as error:
                answer = self.settle(error)
            except YamlVaultError as error:
                answer = self.answer(error)
            except KeyboardInterrupt:  # while a key service is waited for, or another writer
                if not can_ask():
                    raise
                answer = self.answer(YamlVaultError("interrupted"))

    def edit(self) -> Answer:
        """Let the copy be edited."""
        if not os.path.exists(self.copy.path):
            self.copy.write(self.edited)  # the editor has removed it
        line, self.line = self.line, None
        try:
            try:
                self.editor.run(self.copy.path, line, self.others, self.endings)
            finally:
                self.edited = self.copy.read()
        except YamlVaultError as error:
            if isinstance(error, EditorError) and self.subject.is_unchanged(self.edited):
                raise  # nothing is lost
            return self.ask(error, Answer.EDIT, Answer.GIVE_UP)
        return Answer.RETRY

    def answer(self, error: YamlVaultError) -> Answer:
        """Ask what to do about an error of what was edited, or of writing it."""
        if isinstance(error, ExposedError):
            other = [Answer.WRITE]
        else:  # without a place in the copy it can be mended elsewhere
            other = [Answer.RETRY] if error.line is None or error.source is not None else []
        if error.source is None and error.line is not None:
            self.line = error.line
            error.source = f"{self.subject.file}, as edited"
        return self.ask(error, Answer.EDIT, *other, Answer.GIVE_UP)

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
