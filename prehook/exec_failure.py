"""Why a program can't be run: what execve(2) leaves in one number."""

import posix
from errno import E2BIG, EACCES, ENOENT, ENOEXEC

from prehook.errors import PrehookError
from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment

CANNOT_RUN = 126
NOT_FOUND = 127

# MAX_ARG_STRLEN of execve(2): 32 pages for one argument or variable, its last NUL included
_LONGEST = 32 * 4096


def explain(
    argv: list[str], path: bytes, failure: OSError | None, environment: "Environment"
) -> PrehookError:
    """Return the error for a failed exec.

    Args:
        argv: What was to be run.
        path: The file that was tried, empty if there was none.
        failure: What exec said.
        environment: What was to be handed on.
    """
    name = quoted(argv[0])
    if failure is None:
        return _missing(argv[0], environment)
    code = failure.errno
    if code == ENOENT:
        return _not_found(name, path)
    if code == E2BIG:
        return _too_big(name, argv, environment)
    if code == ENOEXEC:
        return _not_executable(name, path)
    if code == EACCES:
        return _denied(name, path)
    return PrehookError(f"can't run {name}: {posix.strerror(code or 0)}", exit_status=CANNOT_RUN)


def _missing(word: str, environment: "Environment") -> PrehookError:
    hint = "check the spelling and the PATH of the image, which is not that of your shell"
    if b"PATH" not in environment:
        hint = "PATH is not set: name the program by its full path"
    elif " " in word:
        hint = "it is one word with a space in it: each argument is an item of its own in CMD"
    return PrehookError(
        f"can't run {quoted(word)}: not found in PATH", hint=hint, exit_status=NOT_FOUND
    )


def _not_found(name: str, path: bytes) -> PrehookError:
    try:
        head = _head(path)
    except OSError:
        hint = "the file isn't in the image, or a volume hides the place where it was"
        return PrehookError(f"can't run {name}: no such file", hint=hint, exit_status=NOT_FOUND)
    if not head.startswith(b"#!"):
        hint = "it was built for another libc or architecture (glibc and musl, amd64 and arm64)"
        return PrehookError(
            f"can't run {name}: its dynamic loader is missing", hint=hint, exit_status=NOT_FOUND
        )
    line = head[2:].partition(b"\n")[0]
    words = line.split(maxsplit=1)
    interpreter = words[0].decode("utf-8", "surrogateescape") if words else ""
    hint = "install the interpreter that its first line names, or correct that line"
    if line.endswith(b"\r"):
        hint = "its lines end in CRLF: convert it, and keep it LF with .gitattributes (eol=lf)"
    return PrehookError(
        f"can't run {name}: its interpreter {quoted(interpreter)} is missing",
        hint=hint,
        exit_status=NOT_FOUND,
    )


def _denied(name: str, path: bytes) -> PrehookError:
    try:
        mode = posix.stat(path).st_mode
    except OSError:
        mode = 0
    kind, bits = mode & 0o170000, mode & 0o111
    reason, hint = "permission denied", "check the directories above it, and noexec mounts"
    if kind == 0o040000:
        reason, hint = "it is a directory", "name the program in it"
    elif mode and not bits:
        reason, hint = "it is not executable", "chmod +x it in the image, or run: sh FILE"
    elif mode and posix.access(path, posix.X_OK):
        hint = "its interpreter is not executable, or it is on a noexec mount"
    return PrehookError(f"can't run {name}: {reason}", hint=hint, exit_status=CANNOT_RUN)


def _not_executable(name: str, path: bytes) -> PrehookError:
    try:
        head = _head(path)
    except OSError:
        head = b""
    reason, hint = "it has no #! line", "add one as its first line (#!/bin/sh), or run: sh FILE"
    if head.startswith(b"\x7fELF"):
        reason = "it was built for another architecture"
        hint = "build the image for the platform that it runs on (docker build --platform)"
    elif not head:
        reason, hint = "the file is empty", "was it copied before it was written?"
    return PrehookError(f"can't run {name}: {reason}", hint=hint, exit_status=CANNOT_RUN)


def _too_big(name: str, argv: list[str], environment: "Environment") -> PrehookError:
    """Name what is too long, never its value (execve(2), "Limits on size")."""
    hint = "hand long values over in files"
    for variable, value in environment.items():
        if len(variable) + len(value) + 2 > _LONGEST:
            shown = quoted(variable.decode("utf-8", "surrogateescape"))
            reason = f"the environment variable {shown} has {len(value)} bytes"
            return PrehookError(
                f"can't run {name}: {reason}, the kernel takes {_LONGEST}",
                hint=hint,
                exit_status=CANNOT_RUN,
            )
    for index, argument in enumerate(argv):
        size = len(argument.encode("utf-8", "surrogateescape"))
        if size + 1 > _LONGEST:
            return PrehookError(
                f"can't run {name}: argument {index} has {size} bytes, the kernel takes {_LONGEST}",
                hint=hint,
                exit_status=CANNOT_RUN,
            )
    total = sum(len(n) + len(v) + 2 for n, v in environment.items())
    return PrehookError(
        f"can't run {name}: arguments and environment are too large together "
        f"(the environment has {total} bytes)",
        hint=hint,
        exit_status=CANNOT_RUN,
    )


def _head(path: bytes) -> bytes:
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NONBLOCK)
    try:
        return posix.read(descriptor, 256)
    finally:
        posix.close(descriptor)
