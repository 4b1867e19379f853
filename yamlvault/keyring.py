"""What opens stanzas: age identities, a passphrase, access to clouds, and where they are found."""

from __future__ import annotations

import os
from _thread import allocate_lock

from yamlvault.access import Access, from_environment
from yamlvault.deadline import DEFAULT, Deadline
from yamlvault.errors import KEKError, NoKeyError
from yamlvault.trace import without_locals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    import pyrage

    Identity: TypeAlias = pyrage.x25519.Identity | pyrage.ssh.Identity

AGE_KEY = "YAMLVAULT_AGE_KEY"
AGE_KEY_FILE = "YAMLVAULT_AGE_KEY_FILE"
PASSPHRASE = "YAMLVAULT_PASSPHRASE"  # noqa: S105  the name of a variable
PASSPHRASE_FD = "YAMLVAULT_PASSPHRASE_FD"  # noqa: S105
TIMEOUT = "YAMLVAULT_TIMEOUT"
MAX_TIMEOUT = 86400.0  # seconds; beyond what a lock can wait for, Python raises OverflowError


class Keyring:
    """The secrets that open stanzas, looked up when the first stanza asks for them.

    Args:
        age_identities: Texts of identities: `AGE-SECRET-KEY-1…` or an SSH private key. By
            default what `YAMLVAULT_AGE_KEY` holds, or else the file that
            `YAMLVAULT_AGE_KEY_FILE` names, or else the file at `default_identity_file()`.
        passphrase: The passphrase. By default what `YAMLVAULT_PASSPHRASE` holds, or else what
            is read from the descriptor in `YAMLVAULT_PASSPHRASE_FD`.
        ask: What asks a person for the passphrase if it is found nowhere. It gets "new"
            where one is chosen, else "old". A library never asks by itself.
        access: With which rights a cloud's key service is asked, for all KEKs or a function of
            the KEK URI. By default what `YAMLVAULT_AWS_PROFILE`, `YAMLVAULT_AWS_ROLE` and
            `YAMLVAULT_GCP_CREDENTIALS` say; without these, the cloud's own search.
        timeout: The seconds within which all network calls of one operation have to end. By
            default those in `YAMLVAULT_TIMEOUT`, or 20.
        tell: Gets a line about each thing worth knowing that is no error: which client is
            used, that an attempt is made again. By default nobody.
    """

    def __init__(
        self,
        age_identities: Sequence[str] | None = None,
        passphrase: str | None = None,
        *,
        ask: Callable[[str], str] | None = None,
        access: Access | Callable[[str], Access] | None = None,
        timeout: float | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.age_source = "the given identities"
        self._texts = age_identities
        self._passphrase = passphrase
        self._passphrase_is_given = passphrase is not None
        self._ask = ask
        self._was_asked = False
        self._identities: list[Identity] | None = None
        self._access = access
        self._timeout = timeout
        self._tell = tell
        #: clients of clouds by what distinguishes them: a connection serves a whole operation
        self.clients: dict[tuple[str, ...], Any] = {}
        self._locks: dict[int, LockType] = {}

    def __repr__(self) -> str:
        return "<Keyring>"  # it holds secrets

    @without_locals
    def age_identities(self) -> list[Identity]:
        """Return the age identities.

        Raises:
            KEKError: One can't be read.
        """
        if self._identities is None:
            with self._lock():  # the file can be a pipe
                if self._identities is None:
                    self._identities = self._found_identities()
        return self._identities

    def age_recipients(self) -> list[str]:
        """Return the recipients of the X25519 identities: `age1…`."""
        return [
            str(identity.to_public())
            for identity in self.age_identities()
            if hasattr(identity, "to_public")
        ]

    def age_hint(self) -> str:
        """Return what to do where no identity opens a stanza."""
        if self._texts is not None:
            return "give the identity of one of these recipients"
        if recipients := ", ".join(f"age:{one}" for one in self.age_recipients()):
            return (
                f"yours is {recipients}: who opens the file adds it to `keks` of the rule and runs "
                f"yamlvault rewrap; another identity: {AGE_KEY_FILE}"
            )
        return f"set {AGE_KEY_FILE} to the file with the identity of one of these recipients"

    def passphrase_hint(self) -> str:
        """Return what to do where the passphrase opens nothing."""
        if self._was_asked:
            return "run it again, and type the one that the file was encrypted with"
        if self._passphrase_is_given:
            return "give the one that the file was encrypted with"
        return f"is {PASSPHRASE} or {PASSPHRASE_FD} set? nobody is asked then"

    def access(self, uri: str) -> Access:
        """Return with which rights the service of a KEK is asked."""
        if self._access is None:
            return from_environment()
        return self._access if isinstance(self._access, Access) else self._access(uri)

    def deadline(self) -> Deadline:
        """Return the deadline of an operation that begins now.

        Raises:
            KEKError: `YAMLVAULT_TIMEOUT` is not a number of seconds.
        """
        if self._timeout is not None:
            return Deadline(self._timeout)
        text = os.environ.get(TIMEOUT) or str(DEFAULT)
        try:
            seconds = float(text)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < MAX_TIMEOUT:
            raise KEKError(
                f"{TIMEOUT} is {text[:20]!r}, and not a number of seconds", hint="for example 20"
            )
        return Deadline(seconds)

    def tell(self, line: str) -> None:
        """Pass a line on to who wants to know more."""
        if self._tell is not None:
            self._tell(line)

    def has_passphrase(self) -> bool:
        """Tell whether a passphrase is at hand without asking a person."""
        return (
            self._passphrase is not None
            or PASSPHRASE in os.environ
            or bool(os.environ.get(PASSPHRASE_FD))
        )

    @without_locals
    def passphrase(self, *, new: bool) -> str:
        """Return the passphrase.

        Raises:
            NoKeyError: There is none.
        """
        if self._passphrase is None:
            with self._lock():  # a descriptor can be read once, and a person is asked once
                if self._passphrase is None:
                    self._passphrase = self._found_passphrase(new=new)
        if not self._passphrase:
            hint = "run it again, and type one" if self._was_asked else f"set {PASSPHRASE} to one"
            raise NoKeyError("the passphrase is empty", hint=hint)
        if not is_utf8(self._passphrase):
            raise KEKError("the passphrase is not UTF-8")
        return self._passphrase

    def _lock(self) -> LockType:
        """Return the lock of this process: in a child, that of its parent can be held for ever."""
        # threading would be imported for this alone where no key service is asked
        return self._locks.setdefault(os.getpid(), allocate_lock())

    def _found_identities(self) -> list[Identity]:
        texts = self._texts if self._texts is not None else self._found_texts()
        return [identity for text in texts for identity in _parse(text, self.age_source)]

    def _found_texts(self) -> list[str]:
        if text := os.environ.get(AGE_KEY):
            self.age_source = AGE_KEY
            return [text]
        if path := os.environ.get(AGE_KEY_FILE):
            self.age_source = f"{path} ({AGE_KEY_FILE})"
            return [_read(path, self.age_source)]
        default = default_identity_file()
        if default is None or not os.path.exists(default):
            return []
        self.age_source = default
        return [_read(default, default)]

    def _found_passphrase(self, *, new: bool) -> str:
        if PASSPHRASE in os.environ:
            return os.environ[PASSPHRASE]
        if text := os.environ.get(PASSPHRASE_FD):
            try:
                with open(int(text), encoding="utf-8", closefd=False) as file:
                    return file.read().removesuffix("\n")
            except (OSError, OverflowError, TypeError, ValueError):
                # TypeError: what open() says of a number that is no C int
                raise KEKError(
                    f"the descriptor in {PASSPHRASE_FD} can't be read as text",
                    hint=f"for example: {PASSPHRASE_FD}=3 yamlvault decrypt FILE 3<passphrase.txt",
                ) from None
        if self._ask is not None:
            self._was_asked = True
            return self._ask("new" if new else "old")
        raise NoKeyError("no passphrase is at hand", hint=f"set {PASSPHRASE} or {PASSPHRASE_FD}")


def is_utf8(text: str) -> bool:
    """Tell whether the text, of the environment perhaps, was made of UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:  # it would quote the text
        return False
    return True


def default_identity_file() -> str | None:
    """Return where `yamlvault init` puts the identity; None where there is no home."""
    # not Path.home(): a container's random user has no home, and asking for one raises
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    if not os.path.isabs(base):
        home = os.environ.get("HOME")
        if not home:
            return None
        base = os.path.join(home, ".config")
    return os.path.join(base, "yamlvault", "identity.txt")


def _read(path: str, source: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise KEKError(
            f"the identity file {source} can't be read: {error.strerror}",
            hint=f"{AGE_KEY_FILE} is the name of a file that you can read",
        ) from None
    except UnicodeDecodeError:
        raise KEKError(
            f"the identity file {source} is not text",
            hint="an identity is a line AGE-SECRET-KEY-1…, or an SSH private key",
        ) from None


def _is_text(text: str) -> bool:
    """Tell whether a text is Unicode: the environment can hold any bytes (PEP 383)."""
    return not any("\udc80" <= one <= "\udcff" for one in text)


def _parse(text: str, source: str) -> list[Identity]:
    """Return the identities of an identity file (age's `-i`) or of an SSH private key."""
    import pyrage

    try:
        if not _is_text(text):
            raise pyrage.IdentityError  # noqa: TRY301
        if "-----BEGIN" in text:
            return [pyrage.ssh.Identity.from_buffer(text.strip().encode() + b"\n")]
        lines = [line.strip() for line in text.splitlines()]
        return [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
    except (pyrage.IdentityError, UnicodeEncodeError) as error:
        if "decrypted first" in str(error):
            raise KEKError(
                f"the SSH key in {source} is protected by a passphrase",
                hint="use a key without one, or an age identity: yamlvault init",
            ) from None
        # the text itself may be a mistyped secret key: it is not shown
        raise KEKError(
            f"{source} holds something that is not an identity",
            hint="an identity is a line AGE-SECRET-KEY-1…, or an SSH private key",
        ) from None
