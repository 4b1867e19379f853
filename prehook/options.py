"""The options of a prehook. Most starts have none: this is read only where one stands."""

from __future__ import annotations

from prehook.condition import parse as parse_condition
from prehook.duration import seconds
from prehook.errors import PrehookError
from prehook.hook import Hook
from prehook.journal import quoted
from prehook.words import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.condition import Condition
    from prehook.start import Start

HELP = """\
usage: prehook [OPTION...] HOOK... -- CMD [ARG...]
       prehook [OPTION...] -f PLAN -- CMD [ARG...]
       prehook explain [OPTION...] HOOK... | -f PLAN -- CMD [ARG...]
       prehook explain --schema
       prehook timeline FILE

Run each HOOK, one after the other, and only if all succeed become CMD (exec).
Each HOOK is one argument, split into words as sh does, but run without a shell.
A chain `prehook A -- prehook B -- CMD` runs in one process.

Options hold for the hooks behind them, up to --:
      --name NAME           what logs and PREHOOK_SKIP call the hook
      --timeout TIME        end an attempt after that time (30, 90s, 2m); status 124
      --grace TIME          from TERM to KILL (default: 5s)
      --retries N           try again up to N times
      --backoff TIME        before the second attempt, then doubled, up to 30s (default: 1s)
      --if NAME[=VALUE]     only if the variable is set and not empty, or has the value
      --unless NAME[=VALUE] only if not
      --optional            go on when it fails
      --shell               HOOK is a text for sh -c
      --stdin               leave stdin to it
      --allow-background    what it leaves running may stay
      --cwd DIR             run it in DIR

For the whole start:
  -f, --file PLAN           the steps of a file, a plan
      --deadline TIME       end the start if its steps take longer together; status 124
      --user USER[:GROUP]   CMD, and the prehooks behind this one, run as that user
      --init                stay as an init, with CMD as a child
      --trace FILE          write the timeline of the start (Chrome's trace format)
      --log text|json       how lines on stderr look (also: PREHOOK_LOG)
  -q, --quiet               only failures and warnings (also: PREHOOK_QUIET=1)
  -v, --verbose             say what starts, too (also: PREHOOK_VERBOSE=1)
      --version             show the version and exit
  -h, --help                show this and exit

PREHOOK_SKIP=NAME,... leaves out the steps of these names. A hook hands variables on by
lines NAME=value that it appends to the file PREHOOK_ENV. PREHOOK_TRACE=FILE is --trace.
A plan is YAML: a list of `steps`, each a run, wait, secrets, render or assets; all keys
are in `prehook explain --schema`.

Exit status: that of the hook that failed, 128+n if signal n ended it or the start,
124 if its time was over, 126 or 127 if a hook or CMD can't be run, 125 for prehook's
own errors; else CMD's.
"""

_SHORT = {"-f": "--file", "-q": "--quiet", "-v": "--verbose", "-h": "--help"}
_TAKING = (
    "--name", "--timeout", "--grace", "--retries", "--backoff", "--if", "--unless", "--cwd",
    "--file", "--deadline", "--user", "--trace", "--log",
)  # fmt: skip
_FLAGS = (
    "--optional", "--shell", "--stdin", "--allow-background", "--init", "--quiet", "--verbose",
)  # fmt: skip
_INFORMATION = ("--help", "--version")
_OF_HOOKS = (*_TAKING[:8], *_FLAGS[:4])
_REPEATED = ("--if", "--unless")
_ALONE = ("--file", "--user", "--init")  # what makes sense without a hook
_LOGS = ("text", "json")


class Settings:
    """The options of one prehook.

    Attributes:
        information: `--help` or `--version` where that was asked for; then nothing else counts.
    """

    def __init__(self) -> None:
        self.information = ""
        self._flags: set[str] = set()
        self._values: dict[str, str] = {}
        self._conditions: list[Condition] = []

    @property
    def stands_alone(self) -> bool:
        """Whether no hook is needed."""
        return any(name in self._flags or name in self._values for name in _ALONE)

    def add(self, name: str, value: str | None) -> None:
        """Take an option.

        Raises:
            PrehookError: It is given twice, or its value is wrong.
        """
        if value is None:
            self._flags.add(name)
        elif name in _REPEATED:
            condition = parse_condition(value, negated=name == "--unless")
            if not condition.name:
                raise PrehookError(f"{name} has no name of a variable", hint="NAME or NAME=VALUE")
            self._conditions.append(condition)
        elif name in self._values:
            raise PrehookError(f"{name} is given twice", hint="another prehook can have another")
        else:
            self._values[name] = value

    def apply(self, start: Start, texts: list[str]) -> None:
        """Set what they say, and add the steps.

        Raises:
            PrehookError: They do not fit together, or a hook or the plan is wrong.
        """
        self._apply_to_start(start)
        user = start.user
        if "--file" in self._values:
            self._add_plan(start, texts)
        else:
            if not texts and (given := self._of_hooks()):
                raise PrehookError(f"{given} without a HOOK", hint="see prehook --help")
            if len(texts) > 1 and "--name" in self._values:
                raise PrehookError(
                    "one --name for several hooks",
                    hint='chain them: prehook --name A "…" -- prehook --name B "…" -- CMD',
                )
            for text in texts:
                hook = self._hook(text, f"hook {len(start.steps) + 1}")
                hook.user = user
                if hook.name and any(step.name == hook.name for step in start.steps):
                    raise PrehookError(
                        f"a step {quoted(hook.name)} is there already",
                        hint="PREHOOK_SKIP would mean both: give this one another --name",
                    )
                start.steps.append(hook)
        if "--user" in self._values:
            from prehook.identity import identity

            if start.user:
                raise PrehookError("--user is given twice in a chain")
            start.user = identity(self._values["--user"])

    def _apply_to_start(self, start: Start) -> None:
        journal = start.journal
        if "--log" in self._values:
            if self._values["--log"] not in _LOGS:
                raise PrehookError("--log is text or json")
            journal.as_json = self._values["--log"] == "json"
        journal.quiet = journal.quiet or "--quiet" in self._flags
        journal.verbose = journal.verbose or "--verbose" in self._flags
        start.init = start.init or "--init" in self._flags
        if "--deadline" in self._values:
            start.limit = min(start.limit, seconds(self._values["--deadline"], "--deadline"))
        if "--trace" in self._values:
            start.trace = self._values["--trace"]

    def _add_plan(self, start: Start, texts: list[str]) -> None:
        if texts:
            raise PrehookError(
                "a HOOK beside --file", hint="chain them: prehook -f PLAN -- prehook HOOK -- CMD"
            )
        if given := self._of_hooks():
            raise PrehookError(
                f"{given} beside --file", hint="in a plan each step has its own settings"
            )
        from prehook.plan import add_steps

        add_steps(self._values["--file"], start)

    def _of_hooks(self) -> str:
        if self._conditions:
            return "--if or --unless"
        given = (*self._values, *self._flags)
        return next((name for name in _OF_HOOKS if name in given), "")

    def _hook(self, text: str, place: str) -> Hook:
        values, flags = self._values, self._flags
        if "--shell" in flags:
            if not text.strip():
                raise PrehookError(f"{place} is empty")
            hook = Hook(["/bin/sh", "-c", text], place)
            hook.shell = True
        else:
            hook = Hook(split(text, place), place)
        hook.name = values.get("--name", "")
        if "," in hook.name or ("--name" in values and not hook.name.strip()):
            raise PrehookError(
                f"--name {quoted(hook.name)} can't be named in PREHOOK_SKIP",
                hint="a name is not empty and has no comma",
            )
        for name in ("timeout", "grace", "backoff"):
            if f"--{name}" in values:
                setattr(hook, name, seconds(values[f"--{name}"], f"--{name}"))
        if "--retries" in values:
            hook.retries = _count(values["--retries"])
        if "--cwd" in values:
            hook.cwd = values["--cwd"]
        hook.conditions = tuple(self._conditions)
        hook.optional = "--optional" in flags
        hook.stdin = "--stdin" in flags
        hook.allow_background = "--allow-background" in flags
        return hook


def read(arguments: list[str]) -> tuple[Settings, int]:
    """Return the options at the beginning of the arguments, and where they end.

    Raises:
        PrehookError: One is not known, has no value, or a wrong one.
    """
    settings = Settings()
    index = 0
    while index < len(arguments):
        argument = arguments[index]
        if argument == "--" or not argument.startswith("-"):
            break
        name, equals, value = argument.partition("=")
        name = _SHORT.get(name, name)
        index += 1
        if name in _INFORMATION:
            settings.information = name
            break
        if name in _FLAGS:
            if equals:
                raise PrehookError(f"{name} takes no value")
            settings.add(name, None)
        elif name in _TAKING:
            if not equals:
                if index == len(arguments) or arguments[index] == "--":
                    raise PrehookError(f"{name} has no value", hint="see prehook --help")
                value = arguments[index]
                index += 1
            settings.add(name, value)
        else:
            raise _unknown(argument.partition("=")[0])
    return settings, index


def _unknown(name: str) -> PrehookError:
    from difflib import get_close_matches

    similar = get_close_matches(name, (*_TAKING, *_FLAGS, *_INFORMATION), n=1, cutoff=0.75)
    hint = "a hook with arguments is quoted as one: prehook 'CMD ARG' -- …; see prehook --help"
    if similar:
        hint = f"did you mean {similar[0]}?"
    return PrehookError(f"unknown option {name}", hint=hint)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise PrehookError(f"--retries {quoted(text)} is not a number", hint="--retries 3")
    return int(text)
