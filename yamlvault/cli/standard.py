"""Standard input and output as bytes, and the terminal."""

from __future__ import annotations

import os
import sys

from yamlvault import storage
from yamlvault.access import Access, from_environment
from yamlvault.cli import say
from yamlvault.errors import FileError, NoKeyError, YamlVaultError
from yamlvault.keyring import Keyring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

STANDARD = "-"


def shown(file: str) -> str:
    """Return what messages call a file, or standard input."""
    return "standard input" if file == STANDARD else file


def read(file: str) -> bytes:
    """Return the bytes of a file, or of standard input.

    Raises:
        FileError: It can't be read.
    """
    if file != STANDARD:
        return storage.read(file)
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise FileError(f"can't be read: {error.strerror}", source="standard input") from None


def print_bytes(data: bytes) -> None:
    """Write to standard output.

    Raises:
        FileError: It is closed, or what it leads to is full.
    """
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # the interpreter would try to flush once more at its end, and fail with a traceback
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise FileError(f"can't be written: {error.strerror}", source="standard output") from None


def print_json(value: Any) -> None:
    """Write a value as JSON to standard output.

    Raises:
        DocumentError: JSON has no form for it.
        FileError: As `print_bytes` says.
    """
    from yamlvault.json_form import dump_json

    print_bytes(dump_json(value) + b"\n")


class ConfiguredAccess:
    """With which rights the service of a KEK is asked for a file: environment, then its rule."""

    def __init__(self) -> None:
        self.file: str | None = None

    def __call__(self, uri: str) -> Access:
        given = from_environment()
        if self.file in (None, STANDARD):
            return given
        from yamlvault import config

        found = config.nearest(str(self.file))
        rule = None if found is None else found.match(str(self.file))
        ruled = Access() if rule is None else rule.access_of(uri)
        return Access(*(first or second for first, second in zip(given, ruled, strict=True)))


class Desk:
    """What a command opens and seals with: one keyring for all of its files."""

    def __init__(self, arguments: Namespace) -> None:
        self._access = ConfiguredAccess()
        self.keyring = Keyring(
            ask=_ask,
            access=self._access,
            timeout=getattr(arguments, "timeout", None),
            tell=say if getattr(arguments, "verbose", False) else None,
        )

    def at(self, file: str) -> Named:
        """Work on a file: its rule holds, and errors name it."""
        self._access.file = file
        return Named(file)


def _ask(which: str) -> str:
    try:
        with open("/dev/tty", "rb"):
            pass
    except OSError:
        raise NoKeyError(
            "no passphrase is at hand, and no terminal to ask for one",
            hint="set YAMLVAULT_PASSPHRASE or YAMLVAULT_PASSPHRASE_FD",
        ) from None
    passphrase = ask_hidden("Passphrase: ")
    if which == "new" and passphrase and ask_hidden("Again: ") != passphrase:
        raise YamlVaultError("the two passphrases differ", hint="nothing was written: run it again")
    return passphrase


def ask_hidden(prompt: str) -> str:
    """Return a line that is typed on the terminal, and not shown.

    Raises:
        NoKeyError: Nothing was typed, or not text.
        KeyboardInterrupt: As it comes, with the line of the prompt ended.
    """
    from getpass import getpass

    print(end="", file=sys.stderr, flush=True)  # noqa: T201  where there is a bar, it makes way
    try:
        return getpass(prompt)
    except EOFError:
        say("")  # ends the line of the prompt
        raise NoKeyError("nothing was typed") from None
    except KeyboardInterrupt:
        say("")
        raise
    except UnicodeDecodeError:
        raise NoKeyError("what was typed is not UTF-8") from None


class Named:
    """Name the file in the errors of a `with` block."""

    def __init__(self, file: str) -> None:
        self._file = shown(file)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, YamlVaultError) and error.source is None:
            error.source = self._file
