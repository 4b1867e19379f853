"""A hook: a command to be run before CMD."""

import posix

from prehook.errors import PrehookError
from prehook.execute import inherited, open_null, program, search, spawn
from prehook.journal import quoted
from prehook.step import Failure, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from prehook.answer import Answer
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
        self._answer: Answer | None = None

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
        if self._answer:
            self._answer.clear()

    def accept(self, handover: "Handover") -> None:
        """Take over the variables that it has written."""
        handover.collect(self)

    def launch(
        self, scene: "Scene", journal: "Journal", terminal: "Terminal | None", deadline: float
    ) -> int:
        """Start it: by `posix_spawn` if that can do it, else by fork."""
        handover = scene.handover
        is_plain = self.cwd is None and self.user is None and terminal is None
        descriptors = inherited()
        if (
            not (is_plain and scene.signals.are_plain)
            or descriptors is None
            or max(descriptors, default=0) >= posix.sysconf("SC_OPEN_MAX")  # it can't close these
            or handover.descriptors_for(self)
        ):
            from prehook.answer import Answer

            try:
                self._answer = self._answer or Answer()
            except PrehookError:  # no such thing here: it says itself what fails
                self._answer = None
            return super().launch(scene, journal, terminal, deadline)
        # It gets stdin, stdout and stderr alone: it must not keep CMD's sockets, or eat its stdin
        actions: list[tuple[int, ...]] = [(posix.POSIX_SPAWN_CLOSE, one) for one in descriptors]
        environment = handover.for_hook(self)
        paths = search(self.words[0], environment)
        null = -1
        try:
            if not self.stdin:
                null = open_null()
                actions.append((posix.POSIX_SPAWN_DUP2, null, 0))
            return spawn(self.words, paths, environment, scene.signals, actions)
        finally:
            if null >= 0:
                posix.close(null)

    def failure(self, status: int) -> Failure:
        """Return why it could not be run, or what its status says."""
        if self._answer:
            text, hint, code, _ = self._answer.told()
            if text:
                return Failure(text, hint, code)
        return super().failure(status)

    def enter(
        self,
        scene: "Scene",
        journal: "Journal",
        terminal: "Terminal | None",
        deadline: float,  # noqa: ARG002 (prehook sees to it)
    ) -> "NoReturn":
        """Become the hook, in the child."""
        from prehook.forked import be

        be(self, scene, terminal, self._answer or journal)

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


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
