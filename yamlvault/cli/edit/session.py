"""The session: edit, write, and where that does not go, ask what to do."""

from __future__ import annotations

import os

from yamlvault.cli import print_error, say
from yamlvault.cli.commands.encrypt import tell
from yamlvault.cli.edit import conflict
from yamlvault.cli.edit.editor import EditorError, find_editor
from yamlvault.cli.edit.endings import Endings
from yamlvault.cli.edit.private_copy import private_copy
from yamlvault.cli.edit.question import Answer, ask, can_ask
from yamlvault.cli.edit.subject import ChangedError, Encrypted, ExposedError
from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from yamlvault.cli.edit.conflict import Merged
    from yamlvault.cli.edit.editor import Editor
    from yamlvault.cli.edit.private_copy import DescriptorCopy, FolderCopy
    from yamlvault.cli.edit.subject import Subject
    from yamlvault.keyring import Keyring


def edit(find: Callable[[], Subject], keyring: Keyring) -> bool:
    """Edit a file, and say what was written.

    Args:
        find: Returns what is edited, once an editor is found.
        keyring: What opens it.

    Returns:
        Whether something was written.

    Raises:
        YamlVaultError: It can't be edited, or was given up; the file is unchanged.
        Ended: A signal ended it.
    """
    editor = find_editor()  # before anything is opened
    found = find()
    for note in found.notes():
        say(f"{found.file}: {note}")
    name = os.path.basename(os.path.abspath(found.file))
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
        self.merged: Merged | None = None

    def run(self) -> bool:
        """Edit and write until the one or the other is over; return whether it was written."""
        answer = Answer.EDIT
        while True:
            if answer is Answer.EDIT:
                answer = self.edit()
                continue
            try:
                return self.write(answer)
            except ChangedError as error:
                answer = self.settle(error)
            except YamlVaultError as error:
                answer = self.answer(error)
            except KeyboardInterrupt:  # while a key service is waited for, or another writer
                if not can_ask():
                    raise
                answer = self.answer(YamlVaultError("interrupted"))

    def write(self, answer: Answer) -> bool:
        """Write what was edited, or merged, and say so; return whether there was something."""
        file = self.subject.file
        if answer is Answer.MERGE and self.merged is not None and self.merged.encrypted is not None:
            self.subject.put(self.merged.encrypted)
            say(f"{file}: merged with what somebody else has written meanwhile")
        elif self.subject.is_unchanged(self.edited):
            say(f"{file}: nothing was changed")
            return False
        else:
            tell(file, self.subject.store(self.edited, expose=answer is Answer.WRITE))
        return True

    def edit(self) -> Answer:
        """Let the copy be edited."""
        line, self.line = self.line, None
        try:
            try:
                self.copy.restore(self.edited)
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
        file, before = self.subject.file, self.subject.before
        self.merged = None
        try:
            newer = Encrypted(file, self.keyring)
        except YamlVaultError as error:  # deleted, decrypted, or nothing that opens
            if os.path.lexists(file):
                change.message += f", and as it is now it can't be edited: {error.message}"
            answer = self.ask(change, Answer.RETRY, Answer.OVERWRITE, Answer.GIVE_UP)
            if answer is Answer.OVERWRITE:
                self.subject.accept()
            return answer
        merged = self.merged = conflict.merged(
            file, before, change.ours, newer.before, self.keyring
        )
        answers = [Answer.EDIT, Answer.OVERWRITE, Answer.GIVE_UP]
        if merged is None:
            change.hint = "to edit again shows you both: what you save takes the place of both"
        elif merged.encrypted is None:
            change.hint = "to edit again shows you both in one, with marks where they conflict"
        else:
            change.hint = "nothing in them conflicts; to edit again shows you both in one"
            answers.insert(0, Answer.MERGE)
        answer = self.ask(change, *answers)
        self.subject = newer
        if answer is not Answer.OVERWRITE:
            self.show(newer, merged)
        return answer

    def show(self, newer: Encrypted, merged: Merged | None) -> None:
        """Show another version: merged into the copy, or else beside it."""
        try:
            if merged is None:
                self.others = [self.copy.beside(newer.plaintext)]
            else:
                self.copy.write(merged.plaintext)
                self.edited = merged.plaintext
        except OSError as error:
            say(f"{newer.file}: the other version can't be shown: {error.strerror}")

    def ask(self, error: YamlVaultError, *answers: Answer) -> Answer:
        """Print an error and ask; without anybody there, or a will to go on, it is the end."""
        error.source = error.source or self.subject.file
        if not can_ask():
            error.message += "; the file is left as it is, and what was edited is gone"
            if isinstance(error, ChangedError):  # its hint is for who is asked
                error.hint = "run it again: it begins with what stands there now"
            raise error
        print_error(error)
        answer = ask(*answers)
        if answer is Answer.GIVE_UP:
            raise YamlVaultError(
                "given up: the file is left as it is, and what was edited is gone",
                source=self.subject.file,
            )
        return answer
