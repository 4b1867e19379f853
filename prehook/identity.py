"""Who CMD runs as: `--user name[:group]`, looked up when the command line is read.

No privilege is left behind, and that is looked at: a change of user that can be taken back, or
that has only half happened, would be worse than none, since everybody relies on it.
"""

from __future__ import annotations

import posix
from errno import EINVAL, EPERM

from prehook.errors import PrehookError
from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pwd
    from collections.abc import Callable

_HIGHEST = 2**32 - 2  # 2**32 - 1 is -1: "leave it as it is" (setresuid(2))
_FORMS = "USER, USER:GROUP, or numbers: app, app:www-data, 1000:1000"
_CAPABILITIES = (b"CapPrm", b"CapEff", b"CapAmb")  # proc(5), status


class Identity:
    """A user with groups.

    Attributes:
        uid: The user id.
        gid: The group id, of files that it makes.
        groups: All groups, `gid` among them.
        name: The user's name; empty if the id has none.
        home: The home directory; `/` if the id has no name.
    """

    __slots__ = ("gid", "groups", "home", "name", "uid")

    def __init__(self, uid: int, gid: int, groups: frozenset[int], name: str, home: str) -> None:
        self.uid = uid
        self.gid = gid
        self.groups = groups | {gid}
        self.name = name
        self.home = home

    def __str__(self) -> str:
        """Name user and group, for messages."""
        name = f" ({self.name})" if self.name else ""
        return f"uid {self.uid}{name}, gid {self.gid}"

    def take_on(self, environment: dict[bytes, bytes]) -> None:
        """Become this user, for good.

        Args:
            environment: That of the program to be run; HOME, USER and LOGNAME are set in it.

        Raises:
            PrehookError: It isn't allowed, or would not be for good. Nothing may be run then.
        """
        environment[b"HOME"] = _encoded(self.home)
        for variable in (b"USER", b"LOGNAME"):
            environment.pop(variable, None)
            if self.name:
                environment[variable] = _encoded(self.name)
        if self._is_taken_on():  # the container runs as this user: there is nothing to give up
            return
        former_user, former_group = posix.geteuid(), posix.getegid()
        try:
            # In this order: without root, neither of the first two is allowed any more
            posix.setgroups(sorted(self.groups))
            posix.setresgid(self.gid, self.gid, self.gid)
            posix.setresuid(self.uid, self.uid, self.uid)
        except OSError as error:
            raise self._refused(error) from None
        if not self._is_taken_on():
            raise self._failed("the kernel has set other ids")
        if self.uid != 0:
            self._check_that_it_is_final(former_user, former_group)

    def _is_taken_on(self) -> bool:
        return (
            posix.getresuid() == (self.uid,) * 3
            and posix.getresgid() == (self.gid,) * 3
            and {*posix.getgroups(), self.gid} == self.groups
        )

    def _check_that_it_is_final(self, former_user: int, former_group: int) -> None:
        # From one ordinary user to another the kernel takes no capability away, and from root none
        # where SECBIT_NO_SETUID_FIXUP says so (capabilities(7))
        kept = _capabilities()
        if kept:
            raise self._failed(f"capabilities are left ({', '.join(kept)})")
        for uid in {0, former_user} - {self.uid}:
            if _is_allowed(posix.setresuid, uid):
                raise self._failed(f"the way back to uid {uid} is open")
        for gid in {0, former_group} - {self.gid}:
            if _is_allowed(posix.setresgid, gid):
                raise self._failed(f"the way back to gid {gid} is open")

    def _refused(self, error: OSError) -> PrehookError:
        present = f"uid {posix.geteuid()}, gid {posix.getegid()}"
        groups = ", ".join(map(str, sorted({*posix.getgroups(), posix.getegid()})))
        wanted = ", ".join(map(str, sorted(self.groups)))
        hint = (
            f"only root can (with CAP_SETUID and CAP_SETGID); prehook runs as {present}, "
            f"groups {groups}, and groups {wanted} are wanted"
        )
        return PrehookError(f"can't become {self}: {error.strerror}", hint=hint)

    def _failed(self, reason: str) -> PrehookError:
        return PrehookError(
            f"can't become {self} for good: {reason}",
            hint="start the container as root, or as this user, without added capabilities",
        )


def identity(text: str) -> Identity:
    """Return the identity of `user[:group]`, names or numbers.

    A user with an entry in the user database has its groups; behind a colon stands the one group
    that it has instead. A number without an entry has no group by itself: 0 would be a trap.

    Raises:
        PrehookError: There is no such user or group, or the text is none.
    """
    user, colon, group = text.partition(":")
    _check(user, text)
    if colon:
        _check(group, text)
    entry = _entry(user)
    gid = _group(group) if colon else None
    if entry is None:
        if gid is None:
            raise PrehookError(
                f"the user {user} has no entry in /etc/passwd, and so no group",
                hint=f"name one: {user}:GROUP",
            )
        return Identity(_number(user, "uid"), gid, frozenset(), "", "/")
    groups: frozenset[int] = frozenset()
    if gid is None:
        gid = entry.pw_gid
        groups = frozenset(posix.getgrouplist(entry.pw_name, gid))
    return Identity(entry.pw_uid, gid, groups, entry.pw_name, entry.pw_dir or "/")


def _check(name: str, text: str) -> None:
    """Refuse what can't be a name: it would else be looked up, over the network maybe."""
    if not name or name[0] in "+-" or not name.isprintable() or " " in name or ":" in name:
        raise PrehookError(f"{quoted(text)} is no user", hint=_FORMS)


def _entry(user: str) -> pwd.struct_passwd | None:
    import pwd

    try:
        if _is_number(user):
            return pwd.getpwuid(_number(user, "uid"))
        return pwd.getpwnam(user)
    except KeyError:  # also where there is no /etc/passwd at all
        if _is_number(user):
            return None
    raise PrehookError(
        f"there is no user {quoted(user)}",
        hint="create it in the image (useradd, adduser), or give numbers: 1000:1000",
    )


def _group(group: str) -> int:
    if _is_number(group):
        return _number(group, "gid")
    import grp

    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        pass
    raise PrehookError(
        f"there is no group {quoted(group)}",
        hint="create it in the image (groupadd, addgroup), or give its number",
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(text: str, kind: str) -> int:
    if len(text) > 10 or int(text) > _HIGHEST:
        raise PrehookError(f"{kind} {quoted(text)} is out of range", hint=f"0 to {_HIGHEST}")
    return int(text)


def _is_allowed(change: Callable[[int, int, int], None], number: int) -> bool:
    """Tell whether an id could be had back. If so, we have it: nothing else may follow."""
    try:
        change(number, number, number)
    except OSError as error:
        return error.errno not in (EPERM, EINVAL)  # EINVAL: a user namespace without that id
    return True


def _capabilities() -> list[str]:
    """Return which sets of capabilities are not empty."""
    try:
        descriptor = posix.open("/proc/self/status", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:  # no /proc: the ways back are closed, and that is what counts
        return []
    try:
        lines = posix.read(descriptor, 1 << 16).split(b"\n")
    finally:
        posix.close(descriptor)
    fields = dict(line.partition(b":")[::2] for line in lines)
    return [name.decode() for name in _CAPABILITIES if int(fields.get(name, b"0"), 16)]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
