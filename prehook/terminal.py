"""Handing the terminal to a hook: Ctrl-C then reaches the hook's group, once, from the kernel."""

import posix

from prehook.reaping import exists, signal_group
from prehook.signals import CONT, TSTP


class Terminal:
    """The controlling terminal, where our group has its foreground."""

    def __init__(self, descriptor: int, group: int) -> None:
        self._descriptor = descriptor
        self._group = group

    def give(self, group: int) -> None:
        """Give a group the foreground. SIGTTOU is blocked: it can't stop who isn't in front."""
        try:
            posix.tcsetpgrp(self._descriptor, group)
        except OSError:  # the terminal was hung up, or the group has gone
            return

    def recover(self, group: int) -> None:
        """Take it back from a group, or one that has gone: a job of that group had it.

        Not from a shell that has put us into the background.
        """
        try:
            front = posix.tcgetpgrp(self._descriptor)
            if front == group or not exists(front):
                self.give(self._group)
        except OSError:  # the terminal was hung up
            return

    def suspend(self, group: int) -> None:
        """Stop with a hook that Ctrl-Z has stopped, and go on with it.

        Our group is stopped as the shell that started it expects. Where no shell could wake it
        (PID 1, `docker run -it`) the kernel ignores this TSTP, and the hook goes on at once.
        """
        self.recover(group)
        posix.killpg(0, TSTP)
        try:
            is_in_front = posix.tcgetpgrp(self._descriptor) == self._group  # `fg` and not `bg`
        except OSError:  # the terminal was hung up
            is_in_front = False
        if is_in_front:
            self.give(group)
        signal_group(group, CONT)


def in_front(descriptor: int) -> Terminal | None:
    """Return the terminal, if our group has its foreground; else close it and return None."""
    group = posix.getpgrp()
    try:
        # Group 0 stands outside of our PID namespace (`unshare --fork`): there is no name to give
        # the foreground back by. Ctrl-C then reaches us, and is forwarded.
        if group and posix.tcgetpgrp(descriptor) == group:
            return Terminal(descriptor, group)
    except OSError:
        pass
    posix.close(descriptor)
    return None
