"""Three versions of a file merged, scalar by scalar."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

import yamlvault
from yamlvault.errors import DocumentError
from yamlvault.merging.merge import OURS, THEIRS, Merge

sys.path.insert(0, str(Path(__file__).parent))
import merging

SEEDS, CHUNKS = 240, 8


class ConflictError(Exception):
    """Both sides changed the same, each in its own way."""


def three_way(base, ours, theirs, preferred=None):
    """Return what three versions of data come to; a list is one value.

    Where both sides changed the same, it is what the preferred one has.
    """
    if ours in (theirs, base):
        return theirs
    if theirs == base:
        return ours
    if not all(isinstance(side, dict) or side is None for side in (base, ours, theirs)):
        if preferred is None:
            raise ConflictError
        return (ours, theirs)[preferred]
    sides = [side or {} for side in (base, ours, theirs)]
    merged = {}
    for key in dict.fromkeys(key for side in sides for key in side):
        found = three_way(*(side.get(key) for side in sides), preferred)
        if found is not None:
            merged[key] = found
    return merged


def data_of(text):
    """Return the data, every scalar as its text; what is empty is not the same as nothing."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def has_lists(data):
    """Tell whether there are lists, whose lines git merges."""
    if isinstance(data, dict):
        return any(map(has_lists, data.values()))
    return isinstance(data, list)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_edits_merge_as_the_data_does(chunk, recipient, keyring, record_property):
    """What comes out is the three-way merge of the data, and a conflict exactly where that is one.

    Edits of one section, of neighbouring lines and of the same line are among them.
    """
    figures = Counter()
    for seed in range(chunk, SEEDS, CHUNKS):
        figures += _merge_random(random.Random(f"merge {seed}"), recipient, keyring)
    record_property("figures", dict(figures))
    assert figures["merged"] > figures["conflicts"]
    assert figures["merged"] >= 8 * figures["conflicts of lines alone"]
    assert figures["conflicts"] >= 4 * figures["refused"]


def _merge_random(rng, recipient, keyring):
    form = rng.choice(("mapping", "mapping", "mapping", "flow"))
    count = rng.randint(1, 3)
    plain = merging.document(rng, count, form)
    seal = merging.seal_paths(plain) if rng.random() < 0.5 else ["$"]
    base = yamlvault.encrypt(plain, keks=[recipient], seal=seal)
    sides, texts = [], []
    for _ in range(2):
        section = merging.section_of(form, rng.randrange(count))
        made = merging.changes(rng, plain, section, "")
        sides.append(merging.edit(base, made, keyring))
        text = plain
        for change in made:
            text = change.make(text)
        texts.append(text)
    merge = Merge(base, *sides, keyring)
    try:
        wanted = three_way(*map(data_of, (plain, *texts)))
    except ConflictError:
        wanted = None
    if wanted is None and not has_lists(data_of(plain)):
        assert not merge.is_settled
    if merge.is_settled:
        text = merge.text()
        _check_sealed(text, [base, *sides])
        opened = yamlvault.decrypt(text, keyring=keyring).decode()
        if wanted is not None:
            assert data_of(opened) == wanted
        return Counter({"merged": 1})
    _check_marked(merge, keyring)
    refused = 0
    if not has_lists(data_of(plain)):
        refused = _check_sides(merge, keyring, *map(data_of, (plain, *texts)))
    lines = int(wanted is not None)
    return Counter({"conflicts": 1, "conflicts of lines alone": lines, "refused": refused})


def _check_sealed(text, versions):
    """Check that no scalar of a mapping was sealed anew: each is one of the sides'."""
    before = {one for data in versions for one in merging.sealed_by_steps(data).items()}
    for steps, sealed in merging.sealed_by_steps(text.encode()).items():
        assert (steps, sealed) in before or any(isinstance(step, int) for step in steps)


def _check_sides(merge, keyring, *versions):
    """Check that who takes one side in the conflicts loses nothing of the other elsewhere.

    Returns:
        How often that was refused.
    """
    refused = 0
    for number, side in enumerate((OURS, THEIRS)):
        try:
            text = merge.text(side)
        except DocumentError:  # lines that can't be told apart: nothing is lost
            refused += 1
            continue
        opened = yamlvault.decrypt(text, keyring=keyring).decode()
        assert data_of(opened) == three_way(*versions, number)
    return refused


def _check_marked(merge, keyring):
    """Check that either side's lines make a valid file, and that no plaintext is between them."""
    marked = merge.marked(("ours", "theirs"), 7)
    assert "<<<<<<< ours\n" in marked
    own = _taken(marked, "ours")
    yamlvault.loads(own, keyring=keyring)
    plain = merge.marked_plaintext(("ours", "theirs"))
    chosen = merge.sealed(_taken(plain, "ours"))
    assert yamlvault.decrypt(chosen, keyring=keyring) == yamlvault.decrypt(own, keyring=keyring)
    places = [merging.sealed_by_steps(text.encode()).keys() for text in (own, chosen)]
    assert places[0] == places[1]
    yamlvault.decrypt(merge.sealed(_taken(plain, "theirs")), keyring=keyring)


def _taken(marked, side):
    """Return a text with markers as somebody leaves it who takes one side."""
    pattern = r"<<<<<<< ours\n(.*?)=======\n(.*?)>>>>>>> theirs\n"
    group = 1 if side == "ours" else 2
    return re.sub(pattern, lambda match: match[group], marked, flags=re.DOTALL)
