"""Random encrypted files, edits of their sections, and git to merge them with."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from yamlvault.addition import encrypt_more
from yamlvault.document.compose import compose
from yamlvault.document.node import Collection, Scalar
from yamlvault.document.text import decode, encode, line_start
from yamlvault.keypath import parse
from yamlvault.selection import select
from yamlvault.source import parse as parse_source
from yamlvault.source import read

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from yamlvault import Keyring

# a key with `secret` in its name is sealed, any other one stays plaintext
SEAL = [f"$.{'*.' * depth}/secret/" for depth in range(5)]
_NAMES = ["host", "port", "user", "region", "url", "secret_key", "secret_token", "db_secret"]
_VALUES = ["db.example.org", "5432", "true", "1.50", '"a: b # c"', "'it''s'", "~", "é✓", "0x1f"]
_BLOCK = "|\n{0}-----BEGIN-----\n{0}MIIB{1}\n{0}-----END-----"


def value(rng: random.Random, indent: int, *, block: bool = True) -> str:
    """Return the text of a scalar of its own."""
    number = rng.randrange(10**6)
    if block and rng.random() < 0.12:
        return _BLOCK.format(" " * (indent + 2), number)
    if rng.random() < 0.4:
        return rng.choice(_VALUES)
    return f"{rng.choice('abcxyz')}{number}"


def document(rng: random.Random, sections: int, form: str) -> str:
    """Return a file of several sections.

    Args:
        rng: Where randomness comes from.
        sections: How many.
        form: "mapping": nested block collections under keys, each on a line of its own;
            "sequence": mappings as items, with no line between one and the next;
            "flow": a flow mapping on one line for each.
    """
    if form == "flow":
        return "".join(f"s{number}: {{{_flow(rng)}}}\n" for number in range(sections))
    if form == "sequence":
        items = [_collection_of_scalars(rng, 2) for _ in range(sections)]
        return "".join("\n".join(["- " + item[0].lstrip(), *item[1:], ""]) for item in items)
    lines: list[str] = []
    gap = rng.random() < 0.4  # otherwise the sections' lines touch
    if rng.random() < 0.4:
        lines.append(f"name: {value(rng, 0)}")
    for number in range(sections):
        if gap and number:
            lines += ["", f"# section {number}"]
        lines.append(f"s{number}:")
        lines += _collection(rng, 2, 0)
        if rng.random() < 0.1:
            lines.append(f"top{number}: {value(rng, 0)}")
    return "\n".join(lines) + "\n"


def _flow(rng: random.Random) -> str:
    names = rng.sample(_NAMES, rng.randint(2, 4))
    return ", ".join(f"{name}: v{rng.randrange(10**6)}" for name in names)


def _collection(rng: random.Random, indent: int, depth: int) -> list[str]:
    pad = " " * indent
    if rng.random() < 0.25:
        if depth < 2 and rng.random() < 0.4:
            items = []
            for _ in range(rng.randint(1, 3)):
                first, *others = _collection_of_scalars(rng, indent + 2)
                items += [f"{pad}- {first.lstrip()}", *others]
            return items
        return [f"{pad}- {value(rng, indent)}" for _ in range(rng.randint(2, 4))]
    lines = []
    for name in rng.sample(_NAMES, rng.randint(2, 5)):
        if depth < 2 and rng.random() < 0.2:
            lines += [f"{pad}{name}:", *_collection(rng, indent + 2, depth + 1)]
        else:
            lines.append(f"{pad}{name}: {value(rng, indent)}")
    return lines


def _collection_of_scalars(rng: random.Random, indent: int) -> list[str]:
    names = rng.sample(_NAMES, rng.randint(2, 3))
    return [f"{' ' * indent}{name}: {value(rng, indent, block=False)}" for name in names]


def seal_paths(text: str) -> list[str]:
    """Return those of the paths that name something in the text."""
    stream = compose(text)
    return [path for path in SEAL if select(stream, [parse(path)], allow_empty=True)] or ["$"]


class Change(NamedTuple):
    """One edit: `kind` at the entry that the steps lead to.

    The steps are texts of keys and numbers of items, so that the same change can be made in the
    plaintext file and in the encrypted one, whatever was changed before.
    """

    kind: str
    steps: tuple[str | int, ...]
    text: str
    name: str = ""

    def make(self, text: str) -> str:
        """Return the text of a file with the change made in it, as a person would in an editor."""
        node = find(text, self.steps)
        indent = node.parent.column
        if self.kind == "set":
            return text[: node.start] + self.text + text[node.end :]
        head = node.start if isinstance(node.step, int) else node.step.start
        start, end = line_start(text, head), text.find("\n", node.end) + 1 or len(text)
        if self.kind == "remove":
            return text[:start] + text[end:]
        line = f"{' ' * indent}{self.name + ':' if self.name else '-'} {self.text}\n"
        place = start if self.kind == "add before" else end
        return text[:place] + line + text[place:]


def find(text: str, steps: tuple[str | int, ...]) -> Scalar:
    """Return the node that the steps lead to."""
    node = compose(text).documents[0].root
    for step in steps:
        node = next(child for child in node.values if _step_of(child) == step)
    return node


def _step_of(node: Scalar) -> str | int:
    return node.step if isinstance(node.step, int) else node.step.value


def _steps(node: Scalar) -> tuple[str | int, ...]:
    steps = []
    while node.parent is not None:
        steps.append(_step_of(node))
        node = node.parent
    return tuple(reversed(steps))


def section_of(form: str, number: int) -> str | int:
    """Return the step from the root to a section."""
    return number if form == "sequence" else f"s{number}"


def scalars(text: str, section: str | int) -> list[Scalar]:
    """Return the scalars of a section that are values or items."""
    pending, found = [find(text, (section,))], []
    while pending:
        node = pending.pop(0)
        if isinstance(node, Collection):
            pending = node.values + pending
        elif isinstance(node, Scalar):
            found.append(node)
    return found


def changes(rng: random.Random, text: str, section: str | int, where: str) -> list[Change]:
    """Return one to three changes of a section.

    Args:
        rng: Where randomness comes from.
        text: The plaintext file.
        section: The key of the section, or its number.
        where: "first" or "last" for the first change to be made there; otherwise anywhere.
    """
    made: list[Change] = []
    before = text
    for number in range(rng.choice((1, 1, 2, 3))):
        nodes = scalars(text, section)
        node = rng.choice(nodes)
        if number == 0 and where in ("first", "last"):
            node = nodes[0 if where == "first" else -1]
        change = _change(rng, node, number)
        made.append(change)
        text = change.make(text)
    return made if text != before else changes(rng, before, section, where)


def _change(rng: random.Random, node: Scalar, number: int) -> Change:
    parent = node.parent
    if parent.is_flow:
        return Change("set", _steps(node), f"w{rng.randrange(10**6)}")
    root_is_sequence = isinstance(_steps(node)[0], int)  # a block would end where the next starts
    text = value(rng, parent.column, block=not root_is_sequence)
    kind = rng.choice(("set", "set", "set", "add", "add before", "remove"))
    is_last = parent.values[-1] is node
    # an item in the middle would give those behind it another path: sealed ones would be refused.
    # The first key of a mapping in a sequence stands on the line of its `-`.
    on_dash = (
        isinstance(parent.step, int) and parent.parent is not None and parent.values[0] is node
    )
    if kind == "remove" and (len(parent.values) == 1 or on_dash):
        kind = "set"
    if kind == "add before" and on_dash:
        kind = "add"
    if isinstance(node.step, int):
        if kind in ("add", "add before"):
            kind, node = "add", parent.values[-1]
            if not isinstance(node, Scalar):
                return Change("set", _steps(parent.values[0]), text)
        if kind == "remove" and not is_last:
            kind = "set"
        if kind == "set" and text.strip("'\"")[:1] == node.value[:1]:
            text = f"changed{rng.randrange(10**6)}"
        return Change(kind, _steps(node), text)
    name = f"{rng.choice(('new', 'new_secret'))}{number}_{rng.randrange(10**4)}"
    if kind == "set" and text.strip("'\"")[:1] == node.value[:1]:
        text = f"changed{rng.randrange(10**6)}"
    return Change(kind, _steps(node), text, name)


def edit(data: bytes, made: list[Change], keyring: Keyring) -> bytes:
    """Make changes in an encrypted file: what is new is sealed, all else keeps its bytes."""
    text, bom = decode(data)
    for change in made:
        text = change.make(text)
    return encode(encrypt_more(parse_source(text), (), keyring).text, bom=bom)


def sealed_by_steps(data: bytes) -> dict[tuple[str | int, ...], str]:
    """Return the sealed texts of a file by where they stand."""
    return {_steps(scalar): str(scalar.sealed) for scalar in read(data).sealed}


class Repository:
    """A git repository that no configuration of the machine reaches."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(path),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Test",
            "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "Test",
            "GIT_COMMITTER_EMAIL": "test@example.org",
            "LC_ALL": "C",
        }
        self.conflicted: dict[str, bytes] = {}  # the files that the last merge left unmerged
        path.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "base")
        self.git("config", "core.hooksPath", os.devnull)
        self.git("config", "gc.auto", "0")

    def git(self, *arguments: str, data: bytes | None = None, check: bool = True) -> int:
        finished = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=self.environment,
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            check=check,
        )
        return finished.returncode

    def merge(
        self, base: dict[str, bytes], ours: dict[str, bytes], theirs: dict[str, bytes]
    ) -> dict[str, bytes | None]:
        """Commit the files of three sides, merge, and return the files; None where they conflict.

        It is `git merge` with nothing set: the default strategy, no driver.
        """
        parts = []
        for branch, parent, files in (
            ("base", "", base),
            ("ours", "base", ours),
            ("theirs", "base", theirs),
        ):
            parts.append(f"reset refs/heads/{branch}\n".encode())
            parts.append(f"commit refs/heads/{branch}\n".encode())
            parts.append(b"committer Test <test@example.org> 1700000000 +0000\ndata 1\nx\n")
            if parent:
                parts.append(f"from refs/heads/{parent}\n".encode())
            for name, data in files.items():
                parts.append(
                    b"M 100644 inline %s\ndata %d\n" % (name.encode(), len(data)) + data + b"\n"
                )
        self.git("fast-import", "--quiet", "--force", data=b"".join(parts))
        self.git("reset", "-q", "--hard")
        self.git("checkout", "-q", "-f", "--detach", "ours")
        status = self.git("merge", "-q", "--no-edit", "theirs", check=False)
        merged: dict[str, bytes | None] = {}
        self.conflicted.clear()
        for name in base:
            data = (self.path / name).read_bytes()
            conflicts = b"\n<<<<<<< " in b"\n" + data
            merged[name] = None if conflicts else data
            if conflicts:
                self.conflicted[name] = data
        if status == 0 and None in merged.values():
            raise AssertionError("git reported no conflict but left markers")
        if status != 0:
            self.git("merge", "--abort")
        return merged
