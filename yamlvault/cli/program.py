"""Programs: becoming another one, and why one can't be run."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from yamlvault.cli.environment import Environment

# MAX_ARG_STRLEN of execve(2), "Limits on size": 32 pages for an argument or a variable with its NUL
_LONGEST = 32 * os.sysconf("SC_PAGE_SIZE")
_CHANGED = (signal.SIGPIPE, signal.SIGXFSZ)  # CPython ignores both at its start


class CannotRunError(YamlVaultError):
    """The command is there and can't be run; the exit status is that of a shell."""

    exit_status = 126


class NotFoundError(CannotRunError):
    """The command is not there."""

    exit_status = 127


def become(command: list[str], environment: Environment, core_limit: int) -> NoReturn:
    """Replace this process by a command, which finds it as this one was found.

    Signals of which CPython has a handler get their default at an exec, the mask was never changed,
    and descriptors that Python has opened are closed (execve(2); PEP 446).

    Args:
        command: The program, searched in the PATH of the environment, and its arguments.
        environment: All of its environment.
        core_limit: The size of core files that it may write (setrlimit(2)).

    Raises:
        CannotRunError: It can't be run.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    dispositions = [(one, signal.signal(one, signal.SIG_DFL)) for one in _CHANGED]
    off, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (core_limit, hard))
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606  no shell is what is wanted
    except (OSError, ValueError) as error:
        resource.setrlimit(resource.RLIMIT_CORE, (off, hard))
        for one, disposition in dispositions:
            signal.signal(one, disposition)
        raise _refusal(command, environment, error) from None


def _refusal(
    command: list[str], environment: Environment, error: OSError | ValueError
) -> CannotRunError:
    name = command[0]
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.E2BIG:
        return _too_big(command, environment)
    if code in (errno.ENOENT, errno.ENOTDIR) or not name:
        return _not_found(name)
    if code == errno.EACCES:
        hint = "it is a directory" if os.path.isdir(name) else "chmod +x, or name what runs it"
        return CannotRunError(f"can't run {name}: permission denied", hint=hint)
    if code == errno.ENOEXEC:
        return CannotRunError(
            f"can't run {name}: it is no program of this machine",
            hint="a script starts with a line such as #!/bin/sh",
        )
    reason = os.strerror(code) if code is not None else "its name or an argument is malformed"
    return CannotRunError(f"can't run {name}: {reason}")


def _not_found(name: str) -> NotFoundError:
    if os.path.exists(name) and "/" in name:
        return NotFoundError(
            f"can't run {name}: what it is run by is missing",
            hint="look at its first line, #!…, and the line's end; for a binary, at its libc",
        )
    hint = "check the spelling, and PATH"
    if " " in name:
        hint = "it is one word with a space in it: each argument is a word of its own"
    return NotFoundError(f"can't run {name or 'an empty name'}: not found", hint=hint)


def _too_big(command: list[str], environment: Environment) -> CannotRunError:
    """Name what is too long, and never its value."""
    hint = "hand long values over in files"
    for name, value in environment.items():
        if len(name) + len(value) + 2 > _LONGEST:
            shown = name.decode(errors="backslashreplace")
            return CannotRunError(
                f"can't run {command[0]}: the variable {shown} has {len(value)} bytes, and the "
                f"kernel takes {_LONGEST}",
                hint=hint,
            )
    return CannotRunError(
        f"can't run {command[0]}: its arguments and its environment are too large together",
        hint=hint,
    )
