"""A hook: a command to be run before CMD."""

import posix

from prehook.errors import OWN_FAILURE, PrehookError
from prehook.execute import become, program, search
from prehook.journal import quoted
from prehook.step import Step, lead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from prehook.environment import Environment
    from prehook.handover import Handover
    from prehook.journal import Journal
    from prehook.scene import Scene
    from prehook.terminal import Terminal


class Hook(Step):
    """A command to be run before CMD.

    Attributes:
        words: Its argv.
        shell: Whether these are `sh -c` and a text that is not to be shown.
        stdin: Whether it gets stdin, and not /dev/null.
        cwd: The directory to run it in.
        environment: Variables that only it gets.
        secrets: Whether it gets the secrets that CMD gets.
    """

    shell = False
    stdin = False
    cwd: str | None = None
    environment: "dict[bytes, bytes] | None" = None
    secrets = False

    def __init__(self, words: list[str], place: str) -> None:
        super().__init__(place)
        self.words = words

    def title(self) -> str:
        """Return its name, or which one it is and what it runs."""
        if self.name:
            return self.name
        return f"{self.place}: {quoted(' '.join(self._shown()))}"

    def facts(self) -> list[tuple[str, str]]:
        """Return what it runs, as far as that is shown, and what it gets."""
        shown = self._shown()
        more = len(self.words) - len(shown)
        text = quoted(" ".join(shown)) + (f" and {_counted(more, 'more word')}" if more else "")
        facts = [("runs", "a text for sh" if self.shell else text)]
        if self.cwd is not None:
            facts.append(("in", self.cwd))
        if self.stdin:
            facts.append(("stdin", "that of prehook"))
        if self.secrets:
            facts.append(("secrets", "those that CMD gets"))
        return facts

    def missing(self, environment: "Environment") -> list[str]:
        """Return its program or its directory if it isn't there."""
        if self.cwd is not None and not posix.access(self.cwd, posix.F_OK):
            return [f"{self.cwd}: no such directory"]
        word = self.words[0]
        if "/" in word and not word.startswith("/") and self.cwd is not None:
            word = f"{self.cwd}/{word}"
        return [] if program(word, environment) else [f"{word}: no such program"]

    def prepare(self, handover: "Handover") -> None:
        """Take what an earlier attempt may have written out of the file of PREHOOK_ENV."""
        handover.clear()

    def accept(self, handover: "Handover") -> None:
        """Take over the variables that it has written."""
        handover.collect()

    def enter(
        self,
        scene: "Scene",
        journal: "Journal",
        terminal: "Terminal | None",
        deadline: float,  # noqa: ARG002 (prehook sees to it)
    ) -> "NoReturn":
        """Become the hook, in the child: it never returns, whatever happens."""
        status = OWN_FAILURE
        try:
            lead(0)
            if terminal:  # before exec: the hook must not read as a background job
                terminal.give(posix.getpid())
            environment = scene.handover.for_hook(self)
            kept = scene.handover.descriptors_for(self)
            self._change_directory()
            if self.user:
                self.user.take_on(environment)
            paths = search(self.words[0], environment)
            _set_descriptors(kept, stdin=self.stdin)
            become(self.words, paths, environment, scene.signals)
        except PrehookError as error:
            journal.report(error, step=self.label)
            status = error.exit_status
        except OSError as error:
            text = f"{self.title()}: {error.strerror}: {error.filename}"
            journal.error(text, step=self.label)
        finally:
            posix._exit(status)

    def _shown(self) -> list[str]:
        """Return its first word, and the next ones as long as they name files.

        What else stands there can be a secret that somebody put on a command line.
        """
        shown = self.words[:1]
        for word in [] if self.shell else self.words[1:]:
            path = word if self.cwd is None else f"{self.cwd}/{word}"
            if ("/" not in word and "." not in word) or not posix.access(path, posix.F_OK):
                break
            shown.append(word)
        return shown

    def _change_directory(self) -> None:
        if self.cwd is None:
            return
        try:
            posix.chdir(self.cwd)
        except OSError as error:
            raise PrehookError(
                f"can't change to the directory {quoted(self.cwd)}: {error.strerror}",
                hint="create it in the image (WORKDIR, mkdir), or correct the name",
            ) from None


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _set_descriptors(kept: set[int], *, stdin: bool) -> None:
    """Leave stdin or /dev/null, stdout, stderr and what is to be kept.

    A hook must not eat CMD's stdin or keep its sockets.
    """
    if not stdin:
        null = posix.open("/dev/null", posix.O_RDONLY)
        posix.dup2(null, 0)
        posix.set_inheritable(0, True)  # noqa: FBT003 (C function)
        # Where 0 was closed, `null` is 0 itself and dup2 does nothing
    try:
        found = [int(name) for name in posix.listdir("/proc/self/fd")]
    except OSError:  # no /proc: all there could be
        posix.closerange(3, posix.sysconf("SC_OPEN_MAX"))
        return
    for descriptor in found:
        if descriptor > 2 and descriptor not in kept:
            try:
                posix.close(descriptor)
            except OSError:  # the one that listdir had open
                continue
    for descriptor in kept:
        posix.set_inheritable(descriptor, True)  # noqa: FBT003 (C function)
