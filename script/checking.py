"""Measurement of `yamlvault check` over many files against `sops filestatus` on each."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from timing import Row, Run, row, run

if TYPE_CHECKING:
    from collections.abc import Sequence

BIN = Path(sys.executable).parent
FILES, SCALARS = 2000, 50
TIMES = 3


class Checking:
    """The measurement, in a folder.

    Args:
        folder: The folder.
        recipient: The age recipient that both programs encrypt for.
        sops: The program.
    """

    def __init__(self, folder: Path, recipient: str, sops: str) -> None:
        self.ours, self.theirs = folder / "check-ours", folder / "check-sops"
        self.recipient = recipient
        self.sops = sops

    def rows(self) -> list[Row]:
        """Measure; the files of both hold the same."""
        self._write(self.theirs)
        self._write(self.ours)
        names = self._names(self.ours)
        rule = f'rules:\n  - files: "*.yml"\n    keks: ["age:{self.recipient}"]\n'
        (self.ours / ".yamlvault.yml").write_text(rule)
        self._encrypt(self.ours, [str(BIN / "yamlvault"), "encrypt"], names)
        self._encrypt(self.theirs, [self.sops, "encrypt", "--age", self.recipient, "-i"], names)
        ours, sops = [], []
        for _ in range(TIMES):
            ours.append(run([str(BIN / "yamlvault"), "check"], self.ours))
            start = time.perf_counter()
            for name in names:
                subprocess.run(
                    [self.sops, "filestatus", name],
                    cwd=self.theirs,
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
            sops.append(Run(time.perf_counter() - start, 0))
        what = f"`yamlvault check`, {FILES:,} files of {SCALARS} scalars"
        times = [Run(statistics.median(one.seconds for one in each), 0) for each in (ours, sops)]
        return [row(what, *times, "sops filestatus on each", "at most 0.2")]

    def _write(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        text = "".join(
            f"section{number}:\n"
            + "".join(f"  key{key}: a value of about forty bytes {key:07}\n" for key in range(10))
            for number in range(SCALARS // 10)
        )
        for number in range(FILES):
            file = folder / f"service{number % 50}" / f"secrets{number}.yml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def _names(self, folder: Path) -> list[str]:
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yml"))

    def _encrypt(self, folder: Path, command: Sequence[str], names: Sequence[str]) -> None:
        """Encrypt the files: ours takes all at once, sops one."""
        takes_all = "--age" not in command
        for group in [names] if takes_all else [[name] for name in names]:
            subprocess.run([*command, *group], cwd=folder, check=True, stderr=subprocess.DEVNULL)
