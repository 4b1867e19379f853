"""The step `secrets`."""

from __future__ import annotations

import os

from prehook.errors import PrehookError
from prehook.task import Task, keep_no_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from prehook.environment import Environment
    from prehook.handover import Handover
    from prehook.task import Context
    from prehook.text import Text

VARIABLE = "YAMLVAULT_FD"
NAME = "secrets"


class SecretsTask(Task):
    """Open a file once, in memory, and hand on what is in it.

    To templates; to CMD by a descriptor, and as variables and a file where these are asked for.

    Attributes:
        file: The name of the encrypted file.
        path: The key path of the part; None for everything.
        known_as: How templates see it.
        variable: The variable with the number of the descriptor; None to hand none to CMD.
        form: What the descriptor and the file hold: `yaml` or `json`.
        variables: Key paths within the part by the names of variables that CMD gets.
        target: The path of the file to be written; None for none.
        mode: The mode of that file.
    """

    kind: ClassVar[str] = "secrets"
    overlaps = True
    path: Text | None = None
    known_as = NAME
    variable: str | None = VARIABLE
    form = "yaml"
    target: Text | None = None
    mode = 0o400

    def __init__(self, place: str, file: Text) -> None:
        super().__init__(place)
        self.file = file
        self.variables: dict[str, Text] = {}
        self._data = -1  # a file in memory: what is handed on
        self._note = -1  # another one: the name of the file that is written

    def facts(self) -> list[tuple[str, str]]:
        """Return what it opens, and to whom it is handed: no values."""
        found = [("file", self.file.source)]
        if self.path:
            found.append(("path", self.path.source))
        found.append(("templates", f"as {self.known_as}"))
        if self.variable:
            found.append(("CMD", f"sealed descriptor with {self.form}, number in {self.variable}"))
        found += [("CMD", f"{name} from {path.source}") for name, path in self.variables.items()]
        if self.target:
            text = f"{self.target.source} with {self.form}, mode {self.mode:04o}, only on a tmpfs"
            found.append(("writes", text))
        return found

    def missing(self, environment: Environment) -> list[str]:
        """Return its file if it isn't there, and what is wrong with its texts."""
        from prehook.text import expand_all

        texts = filter(None, (self.file, self.path, *self.variables.values(), self.target))
        found, problems = expand_all(texts, environment)
        gone = any(text is self.file and not os.path.exists(name) for text, name in found)
        return [f"{self.file.source}: no such file"] * gone + problems

    def hands_on(self) -> list[tuple[str, str]]:
        """Return what CMD gets, by the names of variables and files."""
        part = self.file.source + (f", {self.path.source}" if self.path else "")
        found = [(name, f"{path.source} of {part}") for name, path in self.variables.items()]
        if self.variable:
            found.insert(0, (self.variable, f"the number of a descriptor with {part}"))
        if self.target:
            found.append(("file", f"{self.target.source} with {part}, mode {self.mode:04o}"))
        return found

    def prepare(self, handover: Handover) -> None:
        """Make the files in memory that its process fills."""
        super().prepare(handover)
        from prehook.secrets.memory_file import create

        if self._data >= 0:  # of an attempt that failed
            os.close(self._data)
        self._data = create(self.known_as)
        if self.target and self._note < 0:
            self._note = create("prehook-note")
            handover.notes.append(self._note)

    def work(self, context: Context) -> None:
        """Open the file, and write what is handed on."""
        from prehook.secrets.disguise import disguises
        from prehook.secrets.form import dump
        from prehook.secrets.memory_file import fill
        from prehook.secrets.opening import opened, refusal
        from yamlvault.errors import DocumentError

        keep_no_core()
        file = self.file.expand(context.env)
        path = self.path.expand(context.env) if self.path else None
        wanted = {name: text.expand(context.env) for name, text in self.variables.items()}
        part = opened(file, path, wanted.values(), context)
        try:
            data = dump(part.data, self.form, path or "$")
        except DocumentError as error:
            raise refusal(error, file, context) from None
        variables = {name.encode(): _value(name, part.texts[one]) for name, one in wanted.items()}
        fill(self._data, data)
        context.result = variables, disguises(part.secrets)
        if self.target:
            self._write(self.target.expand(context.env), data, context)

    def take(self, result: Any, handover: Handover) -> None:
        """Seal what is handed on, and hand it on.

        Raises:
            PrehookError: Another step has handed something on under the same name.
        """
        from prehook.secrets.memory_file import seal

        self._answer.clear()  # the values are in it
        variables, hidden = result
        handover.hidden += hidden
        seal(self._data)
        if self.variable:
            variables[self.variable.encode()] = str(self._data).encode()
        self._refuse_taken(variables, handover)
        handover.secrets[self.known_as] = self._data
        handover.for_command.update(variables)
        if self.variable:
            handover.descriptors.add(self._data)
        self._data = -1

    def undo(self, handover: Handover) -> None:
        """Remove the file that a failed step has written."""
        if self._note in handover.notes:
            handover.discard_noted(self._note)

    def _refuse_taken(self, variables: dict[bytes, bytes], handover: Handover) -> None:
        if self.known_as in handover.secrets:
            raise PrehookError(
                f'another step hands on "{self.known_as}" already',
                hint="give one of them another name: `as`",
            )
        for name in variables:
            if name in handover.for_command:
                raise PrehookError(
                    f"another step sets {name.decode()} already",
                    hint="name another variable: `fd` for the descriptor, or in `env`",
                )

    def _write(self, path: str, data: bytes, context: Context) -> None:
        from prehook.secrets.memory_file import fill
        from prehook.secrets.private_file import write

        def announce(real: str) -> None:
            fill(self._note, os.fsencode(real))

        write(path, data, self.mode, context.handover.owner, announce)


def _value(name: str, text: str) -> bytes:
    if "\0" in text:
        raise PrehookError(
            f"the value for {name} has a null byte, which no environment variable can have",
            hint="encode it, in base64 for example",
        )
    try:
        return text.encode()
    except UnicodeEncodeError:  # it would quote the text
        raise PrehookError(f"the value for {name} has half of a surrogate pair in it") from None
