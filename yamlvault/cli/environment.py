"""The environment of the command that `exec` becomes."""

from __future__ import annotations

import os

from yamlvault.keyring import AGE_KEY, PASSPHRASE, PASSPHRASE_FD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from yamlvault.variables import Variable

    Environment = dict[bytes, bytes]

# What opens the file, all of it, is nothing that a command needs that gets a section
_SECRETS = tuple(name.encode() for name in (AGE_KEY, PASSPHRASE, PASSPHRASE_FD))
STANDARD = 2  # the last of the standard streams, which every program has
# Without these few a program does not find others, its files, or the form of its messages
_PLAIN = (b"PATH", b"HOME", b"USER", b"LOGNAME", b"SHELL", b"TERM", b"TZ", b"TMPDIR", b"LANG")


def found() -> Environment:
    """Return the environment as this process was given it.

    CPython adds LC_CTYPE to that of a process in the C locale (PEP 538), and a client of a cloud
    may add more: the kernel still shows what was there before (proc_pid_environ(5)).
    """
    try:
        with open("/proc/self/environ", "rb") as file:
            block = file.read()
    except OSError:  # no /proc, as on macOS
        return dict(os.environb)
    variables: Environment = {}
    for entry in block.split(b"\0"):
        name, equals, value = entry.partition(b"=")
        if equals:
            variables.setdefault(name, value)  # as getenv(3): the first of a name counts
    return variables


def without_secrets(environment: Environment) -> Environment:
    """Return the environment without what opens encrypted files."""
    return {name: value for name, value in environment.items() if name not in _SECRETS}


def withhold_descriptor(environment: Environment) -> None:
    """Let the descriptor that a passphrase is read from end with this program."""
    number = environment.get(PASSPHRASE_FD.encode(), b"")
    if number.isdigit() and int(number) > STANDARD:
        try:
            os.set_inheritable(int(number), False)  # noqa: FBT003
        except (OSError, OverflowError):
            return  # it is not open


def pristine(environment: Environment) -> Environment:
    """Return the few variables that say where a program runs, and nothing of an application."""
    return {
        name: value
        for name, value in environment.items()
        if name in _PLAIN or name.startswith(b"LC_")
    }


def with_variables(
    environment: Environment, variables: Iterable[Variable], *, override: bool
) -> Environment:
    """Return the environment with variables: in place of those of the same name, or not."""
    new = {one.name.encode(): one.value.encode() for one in variables}
    return environment | new if override else new | environment
