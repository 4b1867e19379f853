"""Two branches that edit different sections merge with plain git; a mixed-up merge is refused."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

import yamlvault
from yamlvault import IntegrityError

sys.path.insert(0, str(Path(__file__).parent))
import merging

PAIRS = 240
CHUNKS = 8


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_edits_of_different_sections_merge(chunk, tmp_path, recipient, keyring):
    """Both edits are in the file that plain `git merge` makes, and it opens byte for byte."""
    repository = merging.Repository(tmp_path / "repository")
    figures = Counter()
    for seed in range(chunk, PAIRS, CHUNKS):
        figures += merge_pair(repository, random.Random(seed), recipient, keyring)
    print(dict(figures))
    assert figures["clean"] == PAIRS // CHUNKS - figures["plaintext conflicts"]


def merge_pair(repository, rng, recipient, keyring):
    count = rng.randint(2, 8)
    form = rng.choice(("mapping", "mapping", "mapping", "sequence", "flow"))
    plain = merging.document(rng, count, form)
    seal = merging.seal_paths(plain) if rng.random() < 0.6 else ["$"]
    base = yamlvault.encrypt(plain, keks=[recipient], seal=seal, keyring=keyring)

    first = rng.randrange(count - 1)
    second = first + 1 if rng.random() < 0.6 else rng.randrange(first + 1, count)
    sides = []
    for number, where in ((first, "last"), (second, rng.choice(("first", "last")))):
        where = where if rng.random() < 0.6 else ""
        section = merging.section_of(form, number)
        sides.append((section, merging.changes(rng, plain, section, where)))
    rng.shuffle(sides)

    edited = [merging.edit(base, made, keyring) for _, made in sides]
    for (section, made), data in zip(sides, edited, strict=True):
        check_edit_is_small(base, data, section, made)
    texts = [apply(plain, made).encode() for _, made in sides]
    merged = repository.merge(
        *(
            {"plain.yml": text, "secrets.yml": data}
            for text, data in ((plain.encode(), base), *zip(texts, edited, strict=True))
        )
    )
    both = apply(apply(plain, sides[0][1]), sides[1][1])
    figures = Counter()
    if merged["plain.yml"] is None:
        # git's rule: changes of adjacent lines conflict, and no line stands between these sections
        assert form != "mapping"
        figures["plaintext conflicts"] += 1
        figures[f"plaintext conflicts, {form}"] += 1
        figures["encrypted conflicts too"] += merged["secrets.yml"] is None
        if merged["secrets.yml"] is not None:
            assert yamlvault.decrypt(merged["secrets.yml"], keyring=keyring) == both.encode()
        return figures
    assert merged["plain.yml"] == both.encode()
    assert merged["secrets.yml"] is not None, "conflicts, though the plaintext file does not"
    figures["clean"] += 1
    assert yamlvault.decrypt(merged["secrets.yml"], keyring=keyring) == both.encode()
    assert yamlvault.loads(merged["secrets.yml"], keyring=keyring) == yaml.safe_load(both)
    return figures


def apply(text, made):
    for change in made:
        text = change.make(text)
    return text


def check_edit_is_small(base, data, section, made):
    """What no change touched keeps its sealed text, and one MAC line differs."""
    before, after = merging.sealed_by_steps(base), merging.sealed_by_steps(data)
    touched = {change.steps for change in made}
    for steps, text in before.items():
        if steps not in touched:
            assert after[steps] == text
    label = f"$[{section}]" if isinstance(section, int) else f"$.{section}"
    old, new = macs(base), macs(data)
    assert {label for label in old | new if old.get(label) != new.get(label)} == {label}


def macs(data):
    """Return the MACs of a file: by label, and that of the root by an empty one."""
    *_, last = yaml.safe_load_all(data)
    (scope,) = last["yamlvault"]["scopes"]
    return {"": scope["root"]} | {item["path"]: item["mac"] for item in scope["sections"]}
