"""The state of a clone: whether its settings and attributes let git use our drivers."""

from __future__ import annotations

import os
import shlex
import shutil

from yamlvault.cli.git.attributes import DRIVER
from yamlvault.cli.git.settings import CACHE, MERGE, TEXTCONV, found, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yamlvault.cli.git.repository import Repository
    from yamlvault.cli.git.rules import Rules


class State:
    """What git has been told, and what it makes of it.

    Attributes:
        settings: By name, what is set, in this clone or for all of them.
        files: By name of a file that a rule is for, its attributes `diff` and `merge`.
    """

    def __init__(self, repository: Repository, rules: Rules) -> None:
        self.settings = {name: found(repository).get(name) for name in settings("")}
        self.files: dict[str, dict[str, str]] = {name: {} for name in rules.files()}
        names = b"".join(os.fsencode(name) + b"\0" for name in self.files)
        words = repository.run("check-attr", "-z", "--stdin", "diff", "merge", data=names)
        fields = os.fsdecode(words).split("\0")
        for name, attribute, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
            self.files[name][attribute] = value

    def wrong_settings(self) -> Iterator[str]:
        """Yield a line for each setting that does not do."""
        for name in (TEXTCONV, MERGE):
            value = self.settings[name]
            if value is None:
                yield f"{name} is not set"
            elif (program := _program(value)) is None or shutil.which(program) is None:
                yield f"{name} starts a program that is not there: {value}"
        if self.settings[CACHE] != "false":
            yield f"{CACHE} is not false: git would keep plaintext among its objects"

    def wrong_files(self) -> Iterator[str]:
        """Yield a line for each file whose attributes are not ours."""
        for name, attributes in self.files.items():
            for attribute, value in attributes.items():
                if value != DRIVER:
                    yield f"{name}: its attribute {attribute} is {value}, not {DRIVER}"


def _program(command: str) -> str | None:
    """Return the program that a shell would start."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    return words[0].replace("%%", "%") if words else None
