"""Signals: blocked from the first statement on, and taken one by one.

No handler is ever run. While a signal is blocked the kernel keeps it pending, for PID 1 as well,
to which it would otherwise drop what has no handler (`sig_ignored` in kernel/signal.c: blocked
signals are never ignored). So there is no moment between two steps, and none between looking and
waiting, at which a signal could go unseen: `sigtimedwait` takes it from where it waits.
"""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # `signal` makes enums of its constants: 7 ms

# These end the start; the others of _FORWARDED only pass through to the hook.
_ENDING = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGQUIT)
_FORWARDED = (*_ENDING, _signal.SIGUSR1, _signal.SIGUSR2, _signal.SIGWINCH)
# Those that end or stop whatever has them, and those by which the kernel says that an instruction
# of this very process is at fault: blocked, they would end it all the same
_FAULTS = (
    _signal.SIGKILL,
    _signal.SIGSTOP,
    _signal.SIGSEGV,
    _signal.SIGBUS,
    _signal.SIGFPE,
    _signal.SIGILL,
    _signal.SIGTRAP,
    _signal.SIGABRT,
    _signal.SIGSYS,
)

CHLD, CONT, KILL, TERM, TSTP = (
    _signal.SIGCHLD,
    _signal.SIGCONT,
    _signal.SIGKILL,
    _signal.SIGTERM,
    _signal.SIGTSTP,
)
# Seconds from the first TERM to KILL. `docker stop` gives 10 by default.
GRACE = 5.0


class Signals:
    """The signals of this process.

    Attributes:
        ended_by: The first signal that ends the start.
        grace: Seconds that what runs has from the first of these to KILL.
        mask: The signal mask as it was found.
        restored: What is ignored because CPython does so, and is to be default again.
        deadline: When the grace period ends, on the monotonic clock; None before `ended_by`.
    """

    def __init__(self, mask: set[int], ignored: int | None) -> None:
        """Settle which signals are ours.

        Args:
            mask: The signal mask as it was found.
            ignored: The signals ignored when the launcher started, bit n-1 for signal n.
        """
        self.ended_by: int | None = None
        self.grace = GRACE
        self.deadline: float | None = None
        self.mask = mask
        self.restored = [_signal.SIGPIPE, _signal.SIGXFSZ]  # CPython ignores both
        if ignored is not None:
            self.restored = [n for n in self.restored if not ignored >> (n - 1) & 1]
        # Neither what was ignored (nohup) nor what was blocked is ours: it stays so, for the
        # hooks and CMD too, and what was blocked stays pending for whoever unblocks it.
        self._forwarded = {
            n for n in _FORWARDED if n not in mask and _signal.getsignal(n) != _signal.SIG_IGN
        }
        self._taken: set[int] = {*self._forwarded, CHLD}
        # KeyboardInterrupt must not appear anywhere: not here, nor in the child before its exec.
        if _signal.getsignal(_signal.SIGINT) == _signal.default_int_handler:
            _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
        # A parent that ignores CHLD makes the kernel reap our children: no status would be left.
        self._chld = _signal.getsignal(CHLD)
        if self._chld == _signal.SIG_IGN:
            _signal.signal(CHLD, _signal.SIG_DFL)

    @property
    def are_plain(self) -> bool:
        """Whether nothing but `mask` and `restored` has to be set for another program."""
        return self._chld != _signal.SIG_IGN

    def wait(self, deadline: float | None) -> int | None:
        """Block until a signal arrives; return None once `deadline` has passed."""
        signo: int | None
        if deadline is None:
            signo = _signal.sigwaitinfo(self._taken).si_signo
        else:
            info = _signal.sigtimedwait(self._taken, max(0.0, deadline - time.monotonic()))
            signo = info.si_signo if info else None
        if signo in _ENDING:
            self.end_by(signo)
        return signo

    def end_by(self, signo: int) -> None:
        """Take note that a signal ends the start; the first one counts."""
        if self.ended_by is None:
            self.ended_by = signo
            self.deadline = time.monotonic() + self.grace

    def drain(self) -> None:
        """Take what is pending: no hook runs that it could be forwarded to."""
        while self.wait(0) is not None:
            pass

    def take_all(self, besides: "tuple[int, ...]") -> set[int]:
        """Block all signals that can be caught, for an init, which is to forward them.

        Args:
            besides: Those that are to be left alone.

        Returns:
            The signals, CHLD among them. What was found ignored or blocked is not.
        """
        for signo in _signal.valid_signals() - {*_FAULTS, *besides, *self.mask}:
            if signo in self.restored or _signal.getsignal(signo) != _signal.SIG_IGN:
                self._taken.add(signo)
        _signal.pthread_sigmask(_signal.SIG_BLOCK, self._taken)
        return self._taken

    def restore(self) -> None:
        """Set dispositions and mask as they were found. What is pending strikes now."""
        for signo in self.restored:
            _signal.signal(signo, _signal.SIG_DFL)
        if self._chld == _signal.SIG_IGN:
            _signal.signal(CHLD, _signal.SIG_IGN)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self.mask)

    def unblock(self) -> None:
        """Set the mask as it was found, and leave the dispositions."""
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self.mask)


def interrupt_of(status: int) -> int:
    """Return which signal of a terminal's keys a wait status says a process has ended by, or 0.

    A shell that has seen its command end so exits with 128+n.
    """
    for signo in (_signal.SIGINT, _signal.SIGQUIT):
        if status & 0x7F == signo or status == (128 + signo) << 8:
            return signo
    return 0


def signal_name(signo: int) -> str:
    """Return the name of a signal."""
    for name in dir(_signal):
        if name.startswith("SIG") and name[3] != "_" and getattr(_signal, name) == signo:
            return name
    return f"signal {signo}"
