"""What steps hand on to those behind them, and to CMD: variables and secrets, in memory."""

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.environment import Environment
    from prehook.hook import Hook
    from prehook.identity import Identity

VARIABLE = b"PREHOOK_ENV"


class Handover:
    """What there is so far.

    Attributes:
        environment: The environment for steps: as it was found, and what hooks have written.
        for_command: Variables that CMD gets besides, and hooks that ask for the secrets.
        secrets: Sealed memfds with the data of files that were opened, each by the name that
            templates see it by.
        descriptors: Those that CMD inherits, and hooks that ask for the secrets.
        hidden: The secret values among all this, in each form that they can have in a message.
        files: What is to be removed again if CMD doesn't start.
        notes: Files in memory in which processes of steps name such files before they make them:
            one that is ended can't tell any more.
        owner: Who CMD runs as, and files for it belong to; None for who prehook runs as.
    """

    __slots__ = (
        "_file",
        "_process",
        "descriptors",
        "environment",
        "files",
        "for_command",
        "hidden",
        "notes",
        "owner",
        "secrets",
    )

    def __init__(self, environment: "Environment") -> None:
        self.environment = dict(environment)
        self.for_command: dict[bytes, bytes] = {}
        self.secrets: dict[str, int] = {}
        self.descriptors: set[int] = set()
        self.hidden: list[str] = []
        self.files: list[str] = []
        self.notes: list[int] = []
        self.owner: Identity | None = None
        self._file: int | None = None
        self._process = posix.getpid()

    def for_hook(self, hook: "Hook") -> dict[bytes, bytes]:
        """Return the environment of a hook."""
        environment = self.environment.copy()
        if hook.secrets:
            environment.update(self.for_command)
        if hook.environment:
            environment.update(hook.environment)
        if self._file is not None:
            # By our process id, so that what a hook starts can write as well, without having
            # inherited a descriptor. Another user may not look at our descriptors (proc(5)).
            owner = "self" if hook.user else str(self._process)
            environment[VARIABLE] = f"/proc/{owner}/fd/{self._file}".encode()
        return environment

    def descriptors_for(self, hook: "Hook") -> set[int]:
        """Return which descriptors a hook gets besides stdin, stdout and stderr."""
        found = set(self.descriptors) if hook.secrets else set()
        if hook.user and self._file is not None:
            found.add(self._file)
        return found

    def clear(self) -> None:
        """Empty the file of PREHOOK_ENV, which is in memory: it can be written on any system."""
        if self._file is None:
            try:
                self._file = posix.memfd_create("prehook-env")
            except OSError:  # a kernel or a seccomp profile without it
                return
        posix.ftruncate(self._file, 0)

    def collect(self) -> None:
        """Take over what the last hook has written.

        Raises:
            PrehookError: A line is malformed.
        """
        if self._file is None or not posix.fstat(self._file).st_size:
            return
        from prehook.variables import parse

        for name, value in parse(_content(self._file)):
            self.environment[name] = value

    def discard(self) -> None:
        """Remove the files: CMD doesn't start."""
        paths: list[str | bytes] = [*self.files, *map(_content, self.notes)]
        for path in paths:
            try:
                posix.unlink(path)
            except OSError:  # somebody else has
                continue

    def of_command(self) -> dict[bytes, bytes]:
        """Return the environment of CMD, and let its descriptors through."""
        for descriptor in self.descriptors:
            posix.set_inheritable(descriptor, True)  # noqa: FBT003 (C function)
        return {**self.environment, **self.for_command}


def _content(descriptor: int) -> bytes:
    parts, offset = [], 0
    while part := posix.pread(descriptor, 1 << 16, offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
