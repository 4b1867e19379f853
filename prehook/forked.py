"""Hooks that need more than `posix_spawn` can do: a terminal, another user or directory."""

import posix

from prehook.errors import OWN_FAILURE, PrehookError
from prehook.execute import become, inherited, open_null, search
from prehook.journal import Journal, quoted
from prehook.step import lead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from prehook.answer import Answer
    from prehook.hook import Hook
    from prehook.scene import Scene
    from prehook.terminal import Terminal


def be(
    hook: "Hook", scene: "Scene", terminal: "Terminal | None", told: "Answer | Journal"
) -> "NoReturn":
    """Become the hook, in the child that was forked for it: never return, whatever happens.

    Args:
        hook: The hook.
        scene: The start.
        terminal: To be given to it.
        told: Who is told why it can't be: prehook, or where there is no way to it, who reads along.
    """
    status = OWN_FAILURE
    try:
        lead(0)
        if terminal:  # before exec: the hook must not read as a background job
            terminal.give(posix.getpid())
        environment = scene.handover.for_hook(hook)
        kept = scene.handover.descriptors_for(hook)
        if hook.cwd is not None:
            _change_directory(hook.cwd)
        if hook.user:
            hook.user.take_on(environment)
        paths = search(hook.words[0], environment)
        _set_descriptors(kept, stdin=hook.stdin)
        become(hook.words, paths, environment, scene.signals)
    except PrehookError as error:
        _tell(told, error)
    except OSError as error:
        _tell(told, PrehookError(f"{error.strerror}: {error.filename}"))
    finally:
        posix._exit(status)


def _tell(told: "Answer | Journal", error: PrehookError) -> None:
    if isinstance(told, Journal):
        told.report(error)
    else:
        told.tell(error.message, error.hint, error.exit_status)


def _change_directory(path: str) -> None:
    try:
        posix.chdir(path)
    except OSError as error:
        raise PrehookError(
            f"can't change to the directory {quoted(path)}: {error.strerror}",
            hint="create it in the image (WORKDIR, mkdir), or correct the name",
        ) from None


def _set_descriptors(kept: set[int], *, stdin: bool) -> None:
    """Leave stdin or /dev/null, stdout, stderr and what is to be kept."""
    if not stdin:
        null = open_null()
        posix.dup2(null, 0)
        posix.set_inheritable(0, True)  # noqa: FBT003 (C function)
        # Where 0 was closed, `null` is 0 itself and dup2 does nothing
    descriptors = inherited()
    if descriptors is None:  # no /proc: all there could be
        for low, high in zip(
            [2, *sorted(kept)], [*sorted(kept), posix.sysconf("SC_OPEN_MAX")], strict=True
        ):
            posix.closerange(low + 1, high)
        descriptors = []
    for descriptor in descriptors:
        posix.close(descriptor)
    for descriptor in kept:
        posix.set_inheritable(descriptor, True)  # noqa: FBT003 (C function)
