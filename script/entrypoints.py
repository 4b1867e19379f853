"""Measurement of a container's start: prehook against a bare interpreter, inits and shells."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from timing import Row, Run, by_turns, mebibytes, row

BIN = Path(sys.executable).parent
PREHOOK = str(BIN / "prehook")
TIMES = 61
# What others run between a container and its program. None of them runs a hook before it; the
# shell does, and forgets about signals.
PEERS = {
    "dumb-init": ["dumb-init", "true"],
    "tini": ["tini", "-s", "--", "true"],
    "bash": ["bash", "-c", "true && exec true"],
}
# The same while something runs below them, to look at what they hold in memory
WAITING = {
    "prehook": [PREHOOK, "sleep 60", "--", "true"],
    "python -I -S": [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"],
    "dumb-init": ["dumb-init", "sleep", "60"],
    "tini": ["tini", "-s", "--", "sleep", "60"],
    "bash": ["bash", "-c", "sleep 60 && exec true"],
}
DEADLINE = 10.0


def peak(command: list[str]) -> int:
    """Return the largest resident set, in bytes, of a process while it waits for another."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    ) as process:
        try:
            return max(_settled(process.pid))
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # bash hands nothing on


def _settled(process: int) -> list[int]:
    """Return the peaks that were seen until nothing has changed for a fifth of a second."""
    seen: list[int] = []
    end = time.monotonic() + DEADLINE
    while len(seen) < 20 or len(set(seen[-20:])) > 1:
        if time.monotonic() > end:
            sys.exit("bench: a process does not settle")
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        seen += [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")]
        time.sleep(0.01)
    return seen[-1:]


class Entrypoints:
    """The measurements, all commands by turns in one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self) -> list[Row]:
        """Measure; a peer that is not on this machine has no row."""
        true = shutil.which("true") or "true"
        hook = [PREHOOK, "true", "--"]
        commands = {
            "bare": [sys.executable, "-I", "-S", "-c", "pass"],
            "true": [true],
            "one": [*hook, "true"],
            "five": [*hook * 5, "true"],
            # a prehook that it does not know for one: what each hook of a chain costs unfused
            "two processes": [*hook, "env", *hook, "true"],
            "two": [*hook * 2, "true"],
            **{name: words for name, words in PEERS.items() if shutil.which(words[0])},
        }
        found = dict(
            zip(commands, by_turns(list(commands.values()), TIMES, self.folder), strict=True)
        )
        one, bare = found["one"], found["bare"]
        expected = Run(one.seconds + 5 * found["true"].seconds, 0)
        return [
            row("`prehook true -- true`", one, bare, "python -I -S -c pass", "at most 1.6"),
            row("five fused hooks", found["five"], expected, "one, and five true", "at most 1.3"),
            row("two fused hooks", found["two"], found["two processes"], "in two processes", "-"),
            *(
                row("`prehook true -- true`", one, found[name], " ".join(PEERS[name]), "-")
                for name in PEERS
                if name in found
            ),
            *self._peaks(),
        ]

    def _peaks(self) -> list[Row]:
        ours = peak(WAITING["prehook"])
        return [
            Row(
                "`prehook` while its hook runs, peak memory",
                mebibytes(ours),
                f"{theirs / 2**20:.1f} MiB ({name})",
                f"{ours / theirs:.1f}",
                "-",
            )
            for name, command in WAITING.items()
            if name != "prehook" and shutil.which(command[0])
            for theirs in [peak(command)]
        ]
