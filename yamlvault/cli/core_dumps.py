"""Core dumps: a core file would hold plaintext and data keys (core(5))."""

from __future__ import annotations

import resource

_found: list[int] = []  # the limit of the process as it was started, once it was changed


def switch_off() -> None:
    """Let no core file of this process be written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    _found.append(soft)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def switch_back() -> None:
    """Set the limit as it was found, for the program that takes the place of this one."""
    if _found:
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (_found[0], hard))
