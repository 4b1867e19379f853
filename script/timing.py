"""Timing of whole processes by turns, and rows of the table that comes of it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LAUNCH = Path(__file__).with_name("launch.py")


class Run(NamedTuple):
    """What one process took: seconds and bytes."""

    seconds: float
    peak: int


class Row(NamedTuple):
    """A comparison."""

    what: str
    ours: str
    peer: str
    ratio: str
    wanted: str


def run(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, with more in its environment."""
    launch = [sys.executable, "-I", "-S", str(LAUNCH), *command]
    variables = {**os.environ, **(environment or {})}
    printed = subprocess.run(launch, cwd=folder, env=variables, stdout=subprocess.PIPE, check=True)
    seconds, peak, status = printed.stdout.split()
    if int(status):
        sys.exit(f"bench: {command[0]} failed with status {int(status)}")
    return Run(float(seconds), int(peak) * 1024)


def by_turns(commands: list[list[str]], times: int, folder: Path) -> list[Run]:
    """Return the median time and the peak of each command, run by turns."""
    runs: list[list[Run]] = [[] for _ in commands]
    for _ in range(times):
        for number, command in enumerate(commands):
            runs[number].append(run(command, folder))
    return [
        Run(statistics.median(one.seconds for one in each), max(one.peak for one in each))
        for each in runs
    ]


def row(what: str, ours: Run, peer: Run, name: str, wanted: str) -> Row:
    """Return the row of two times."""
    ratio = f"{ours.seconds / peer.seconds:.2f}"
    return Row(what, seconds(ours.seconds), f"{seconds(peer.seconds)} ({name})", ratio, wanted)


def seconds(value: float) -> str:
    """Return a time with three digits."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def mebibytes(value: int) -> str:
    """Return a size."""
    return f"{value / 2**20:.0f} MiB"


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown."""
    lines = ["| what | ours | compared with | ratio | wanted |", "|---|---|---|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(one) + " |" for one in rows]) + "\n"
