"""The errors of yamlvault: one base class, and a subclass where a caller would act differently."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class PlacedError(Exception):
    """Say what failed, where, and what to do; never plaintext, key bytes or a part of the file.

    Attributes:
        message: What failed.
        source: The name of the file, as the caller gave it.
        line: The line in it, from 1.
        column: The column in that line, in characters, from 1.
        hint: What to do about it: one line.
        exit_status: What the command line interface exits with.
    """

    exit_status = 1

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        if self.source is None and self.line is not None:
            return f"line {self.line}, column {self.column}: {self.message}"
        place = [str(part) for part in (self.source, self.line, self.column) if part is not None]
        return ": ".join([":".join(place), self.message] if place else [self.message])


class YamlVaultError(PlacedError):
    """The base of all errors of yamlvault."""


class DocumentError(YamlVaultError):
    """The text is not a YAML stream that yamlvault edits."""


class FormatError(YamlVaultError):
    """The text says that it is encrypted, but its metadata can't be read."""


class NotEncryptedError(YamlVaultError):
    """The file has no metadata of yamlvault."""


class AlreadyEncryptedError(YamlVaultError):
    """The file is encrypted already and has nothing new to seal."""


class IntegrityError(YamlVaultError):
    """The file isn't what its writer wrote. Which section: nothing more is said (format, 5)."""


class NoKeyError(YamlVaultError):
    """None of the identities at hand opens a stanza."""


class KEKError(YamlVaultError):
    """A KEK can't be used: its URI is malformed, its service refused or is out of reach.

    Attributes:
        is_answer: Whether its service said so, or did not answer.
    """

    is_answer = False


class KEKUnreachableError(KEKError):
    """A KEK's service is out of reach or throttles: the same may work later."""


class KeyPathError(YamlVaultError, ValueError):
    """A key path is malformed, or names nothing in the file."""


class ConfigError(YamlVaultError):
    """`.yamlvault.yml` is malformed or lacks a rule for the file."""


class FileError(YamlVaultError):
    """A file can't be read or written."""


class UsageError(YamlVaultError):
    """The command line is wrong."""

    exit_status = 2


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return a hint for a word that is not among those that are known."""
    from difflib import get_close_matches

    words = list(known)
    close = get_close_matches(wrong, words)
    # letters that changed places are the likelier slip
    close.sort(key=lambda one: sorted(one) != sorted(wrong))
    return f"is `{close[0]}` meant?" if close else f"known are {', '.join(words)}"
