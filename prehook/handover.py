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
        "_of_users",
        "_proc_is_of_others",
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
        self.files: list[bytes] = []
        self.notes: list[int] = []
        self.owner: Identity | None = None
        self._file: int | None = None
        self._of_users: dict[int, dict[bytes, bytes]] = {}  # what hooks of other users hand on
        self._process = posix.getpid()
        self._proc_is_of_others = _proc_is_of_others(self._process)

    def for_hook(self, hook: "Hook") -> dict[bytes, bytes]:
        """Return the environment of a hook."""
        environment = {**self.environment, **self._of_user(hook.user)}
        if hook.secrets:
            environment.update(self.for_command)
        if hook.environment:
            environment.update(hook.environment)
        if self._file is not None:
            # By our process id, so that what a hook starts can write as well, without having
            # inherited a descriptor. Another user may not look at our descriptors (proc(5)).
            owner = "self" if self._by_descriptor(hook) else str(self._process)
            environment[VARIABLE] = f"/proc/{owner}/fd/{self._file}".encode()
        return environment

    def descriptors_for(self, hook: "Hook") -> set[int]:
        """Return which descriptors a hook gets besides stdin, stdout and stderr."""
        found = set(self.descriptors) if hook.secrets else set()
        if self._file is not None and self._by_descriptor(hook):
            found.add(self._file)
        return found

    def _by_descriptor(self, hook: "Hook") -> bool:
        """Tell whether the file has to be inherited: no name of it leads there."""
        return hook.user is not None or self._proc_is_of_others

    def clear(self) -> None:
        """Make the file of PREHOOK_ENV for an attempt: in memory, to be written on any system.

        A new one each time: what an earlier attempt, or the hook of another user, has left running
        may still have the old one open.
        """
        if self._file is not None:
            posix.close(self._file)
            self._file = None
        try:
            self._file = posix.memfd_create("prehook-env")
        except OSError:  # a kernel or a seccomp profile without it, or no descriptor to be had
            return

    def collect(self, hook: "Hook") -> None:
        """Take over what a hook has written.

        Raises:
            PrehookError: A line is malformed, or it is far too much.
        """
        if self._file is None:
            return
        size = posix.fstat(self._file).st_size
        if not size:
            return
        from prehook.variables import parse

        found = dict(parse(self._file, size))
        user = hook.user
        if user is None or user.uid == posix.geteuid():
            self.environment.update(found)
        else:  # it must not decide what is run with more rights than its own: by PATH, say
            self._of_users.setdefault(user.uid, {}).update(found)

    def discard(self) -> None:
        """Remove the files: CMD doesn't start, or has ended."""
        for path in (*self.files, *self._noted()):
            try:
                posix.unlink(path)
            except OSError:  # somebody else has
                continue

    def discard_noted(self, note: int) -> None:
        """Remove the file of a step that has failed, though the start goes on."""
        if path := _content(note):
            posix.ftruncate(note, 0)
            try:
                posix.unlink(path)
            except OSError:  # it was not in place yet
                return

    def of_command(self) -> dict[bytes, bytes]:
        """Return the environment of CMD, and let its descriptors through."""
        for descriptor in self.descriptors:
            posix.set_inheritable(descriptor, True)  # noqa: FBT003 (C function)
        return {**self.environment, **self._of_user(self.owner), **self.for_command}

    def forget(self) -> None:
        """Keep nothing but the names of what `discard` removes: CMD has all that is for it."""
        self.files += self._noted()
        self.notes.clear()
        self.hidden.clear()
        self.for_command.clear()
        self.secrets.clear()

    def _of_user(self, user: "Identity | None") -> dict[bytes, bytes]:
        return self._of_users.get(user.uid, {}) if user else {}

    def _noted(self) -> list[bytes]:
        return [path for note in self.notes if (path := _content(note))]


def _proc_is_of_others(process: int) -> bool:
    """Tell whether /proc is that of another PID namespace, in which we have another number."""
    try:
        return posix.readlink("/proc/self") != str(process)
    except OSError:  # it isn't mounted
        return False


def _content(descriptor: int) -> bytes:
    parts, offset = [], 0
    while part := posix.pread(descriptor, 1 << 16, offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
