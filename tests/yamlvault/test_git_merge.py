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
from yamlvault import DocumentError, FormatError, IntegrityError, NotEncryptedError
from yamlvault.addition import encrypt_more
from yamlvault.source import read

sys.path.insert(0, str(Path(__file__).parent))
import merging

PAIRS = 320
CHUNKS = 8


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_edits_of_different_sections_merge(chunk, tmp_path, recipient, keyring, record_property):
    """Both edits are in the file that plain `git merge` makes, and it opens byte for byte."""
    repository = merging.Repository(tmp_path / "repository")
    figures = Counter()
    for seed in range(chunk, PAIRS, CHUNKS):
        figures += merge_pair(repository, random.Random(seed), recipient, keyring)
    record_property("figures", dict(figures))  # in the report of --junit-xml
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
    for number, border in ((first, "last"), (second, rng.choice(("first", "last")))):
        section = merging.section_of(form, number)
        where = border if rng.random() < 0.6 else ""
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


@pytest.mark.parametrize("kind", ["append", "insert", "remove"])
def test_an_edit_merges_with_a_section_added_or_removed(kind, tmp_path, recipient, keyring):
    """Wherever the section stands, next to the edited one too, if the plaintext file merges."""
    repository = merging.Repository(tmp_path / "repository")
    figures = Counter()
    for seed in range(20):
        rng = random.Random(f"{kind} {seed}")
        count = rng.randint(2, 6)
        plain = merging.document(rng, count, "mapping")
        base = yamlvault.encrypt(plain, keks=[recipient], keyring=keyring)
        edited, other = rng.sample(range(count), 2)
        if rng.random() < 0.5:
            edited, other = sorted((edited, (edited + 1) % count), reverse=rng.random() < 0.5)
        made = merging.changes(rng, plain, f"s{edited}", rng.choice(("first", "last", "")))
        merged = repository.merge(
            {"plain.yml": plain.encode(), "secrets.yml": base},
            {
                "plain.yml": add_or_remove(kind, plain, other).encode(),
                "secrets.yml": resign(add_or_remove(kind, base.decode(), other), keyring),
            },
            {
                "plain.yml": apply(plain, made).encode(),
                "secrets.yml": merging.edit(base, made, keyring),
            },
        )
        figures["plaintext conflicts"] += merged["plain.yml"] is None
        if merged["plain.yml"] is not None:
            assert merged["secrets.yml"] is not None, "conflicts, though the plaintext does not"
            opened = yamlvault.decrypt(merged["secrets.yml"], keyring=keyring)
            assert opened == merged["plain.yml"]
    assert figures["plaintext conflicts"] < 10


def add_or_remove(kind, text, number):
    """Put a section in front of that of the number or behind all, or take that one out."""
    lines = text.splitlines(keepends=True)
    start = lines.index(f"s{number}:\n")
    if kind == "remove":
        end = start + 1
        while end < len(lines) and lines[end].startswith(" "):
            end += 1
        return "".join(lines[:start] + lines[end:])
    if kind == "append":
        start = lines.index("yamlvault:\n") if "yamlvault:\n" in lines else len(lines)
    return "".join([*lines[:start], "fresh:\n", "  secret: v\n", "  host: h\n", *lines[start:]])


def resign(text, keyring):
    """Return the file as it stands, with what is new sealed and all MACs as they must be."""
    return encrypt_more(read(text.encode()), (), keyring).text.encode()


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


BASE = """\
name: shop
production:
  host: db.example.org
  password: one
  # between
  port: 5432
staging:
  host: localhost
  password: two
"""


@pytest.fixture
def base(recipient, keyring):
    return yamlvault.encrypt(BASE, keks=[recipient], seal="$.*.password", keyring=keyring)


@pytest.fixture
def change(keyring):
    """Replace texts in a file and sign it; a sealed scalar is found by its section."""

    def replaced(data, *replacements):
        text = data.decode()
        for section, key, value in replacements:
            text = merging.Change("set", (section, key), value).make(text)
        return resign(text, keyring)

    return replaced


def mac_line(data, label):
    """Return the line with the MAC of a section; that of the root for an empty label."""
    mac = macs(data)[label]
    (line,) = [line for line in data.decode().splitlines(keepends=True) if mac in line]
    return line


def data_of(data):
    return data.decode().partition("yamlvault:\n")[0]


def metadata_of(data):
    return "".join(data.decode().partition("yamlvault:\n")[1:])


def refused(text, keyring, error=IntegrityError):
    """Both ways to read a file refuse it, and give nothing away."""
    for read_it in (yamlvault.loads, yamlvault.decrypt):
        with pytest.raises(error) as caught:
            read_it(text, keyring=keyring)
        assert "two" not in str(caught.value)
    return caught.value


def test_removing_the_last_secret_of_a_path_can_be_signed(recipient, keyring):
    """The file is signed anew although a path of its `seal` names nothing any more."""
    plain = "a:\n  host: h\n  secret: x\n"
    data = yamlvault.encrypt(plain, keks=[recipient], seal="$.a.secret", keyring=keyring)
    text = merging.Change("remove", ("a", "secret"), "").make(data.decode())
    data = resign(text, keyring)
    assert yamlvault.decrypt(data, keyring=keyring) == b"a:\n  host: h\n"
    with pytest.raises(yamlvault.KeyPathError):
        encrypt_more(read(text.encode()), ("$.b",), keyring)


def test_sealed_scalars_of_one_side_with_macs_of_the_other(base, change, keyring):
    """The section is named, and nothing else."""
    theirs = change(base, ("staging", "password", "three"))
    error = refused(data_of(theirs) + metadata_of(base), keyring)
    assert "$.staging" in str(error)
    refused(data_of(base) + metadata_of(theirs), keyring)


def test_plaintext_of_one_side_with_macs_of_the_other(base, change, keyring):
    """A host name is authenticated as a password is."""
    theirs = change(base, ("production", "host", "evil.example.org"))
    error = refused(data_of(theirs) + metadata_of(base), keyring)
    assert "$.production" in str(error)


def test_two_edits_of_a_section_mixed(base, change, keyring):
    """One edit of each side in one section is what neither of them signed."""
    ours = change(base, ("production", "host", "a.example.org"))
    theirs = change(base, ("production", "port", "5433"))
    mixed = ours.decode().replace("port: 5432", "port: 5433")
    for side in (ours, theirs):
        refused(
            mixed.replace(mac_line(ours, "$.production"), mac_line(side, "$.production")), keyring
        )


def test_a_section_dropped_with_its_mac_kept(base, keyring):
    text = base.decode()
    start, end = text.index("staging:"), text.index("yamlvault:")
    refused(text[:start] + text[end:], keyring)


def test_a_section_dropped_with_its_mac(base, keyring):
    """The names of the sections are in the root MAC."""
    text = base.decode()
    start, end = text.index("staging:"), text.index("yamlvault:")
    text = text[:start] + text[end:]
    entry = '        - path: "$.staging"\n' + mac_line(base, "$.staging")
    assert entry in text
    refused(text.replace(entry, ""), keyring)


def test_a_mac_dropped(base, keyring):
    entry = '        - path: "$.staging"\n' + mac_line(base, "$.staging")
    refused(base.decode().replace(entry, ""), keyring)


def test_half_of_an_entry_dropped(base, keyring):
    """What is left is no metadata."""
    refused(base.decode().replace(mac_line(base, "$.staging"), ""), keyring, FormatError)
    refused(base.decode().replace(mac_line(base, ""), ""), keyring, FormatError)
    refused(base.decode().replace('        - path: "$.staging"\n', ""), keyring, DocumentError)


def test_an_entry_kept_twice(base, keyring):
    entry = '        - path: "$.staging"\n' + mac_line(base, "$.staging")
    refused(base.decode().replace(entry, entry * 2), keyring, FormatError)


def test_the_metadata_dropped(base, keyring):
    """The hint leads to the history; a file that looks half encrypted is never taken as data."""
    error = refused(data_of(base), keyring, NotEncryptedError)
    assert "history" in error.hint


def test_the_metadata_kept_twice(base, keyring):
    error = refused(base.decode() + metadata_of(base), keyring, DocumentError)
    assert "duplicate key" in str(error)


def test_data_of_one_side_and_metadata_of_the_other_after_a_change_of_keys(
    base, recipient, keyring
):
    """A file encrypted anew has another document id and another data key."""
    again = yamlvault.encrypt(BASE, keks=[recipient], seal="$.*.password", keyring=keyring)
    refused(data_of(base) + metadata_of(again), keyring)


@pytest.mark.parametrize("name", ["production", "name"])
def test_conflict_markers(name, base, change, tmp_path, keyring):
    """The file that git leaves is refused with line and column, without an excerpt."""
    repository = merging.Repository(tmp_path / "repository")
    key = (name, "password") if name != "name" else (name,)
    sides = [
        {"f": resign(merging.Change("set", key, value).make(base.decode()), keyring)}
        for value in ("three", "four")
    ]
    assert repository.merge({"f": base}, *sides) == {"f": None}
    left = repository.conflicted["f"]
    error = refused(left, keyring, DocumentError)
    assert error.line is not None
    assert "yv1." not in str(error)
    assert "<<<" not in str(error)


def test_conflict_markers_around_the_macs_only(base, keyring):
    line = mac_line(base, "$.staging")
    conflict = f"<<<<<<< ours\n{line}=======\n{line}>>>>>>> theirs\n"
    refused(base.decode().replace(line, conflict), keyring, DocumentError)


def test_both_sides_of_a_conflict_kept(base, change, keyring):
    """Taking away the markers alone leaves a key twice."""
    theirs = change(base, ("staging", "password", "three"))
    line, other = (
        next(line for line in data.decode().splitlines(keepends=True) if sealed in line)
        for data in (base, theirs)
        for sealed in (merging.sealed_by_steps(data)["staging", "password"],)
    )
    error = refused(base.decode().replace(line, line + other), keyring, DocumentError)
    assert "duplicate key" in str(error)


def test_both_sides_add_a_section(base, tmp_path, keyring):
    """The root MAC conflicts, even where the sections stand far from each other."""
    repository = merging.Repository(tmp_path / "repository")
    ours = base.decode().replace("production:", "first:\n  a: 1\nproduction:")
    theirs = base.decode().replace("yamlvault:", "last:\n  b: 2\nyamlvault:")
    sides = [resign(text, keyring) for text in (ours, theirs)]
    assert repository.merge({"f": base}, {"f": sides[0]}, {"f": sides[1]}) == {"f": None}
    # whoever resolves it with either root MAC is refused, and may sign what came out
    left = repository.conflicted["f"].decode()
    for kept in (1, 2):
        resolved = re.sub(
            r"<<<<<<< .*\n((?:.*\n)*?)=======\n((?:.*\n)*?)>>>>>>> .*\n", rf"\{kept}", left
        )
        refused(resolved, keyring)
    assert set(yamlvault.loads(resign(resolved, keyring), keyring=keyring)) == {
        "name",
        "first",
        "production",
        "staging",
        "last",
    }


def test_both_sides_edit_one_section(base, change, tmp_path, keyring):
    """Its MAC conflicts, even where the lines of the data merge."""
    repository = merging.Repository(tmp_path / "repository")
    ours = change(base, ("production", "host", "a.example.org"))
    theirs = change(base, ("production", "port", "5433"))
    assert repository.merge({"f": base}, {"f": ours}, {"f": theirs}) == {"f": None}
    left = repository.conflicted["f"].decode()
    assert left.index("<<<<<<<") > left.index("yamlvault:")


def test_a_top_level_scalar_and_a_section_merge(base, tmp_path, keyring):
    """The root MAC and that of a section stand apart."""
    repository = merging.Repository(tmp_path / "repository")
    ours = resign(merging.Change("set", ("name",), "store").make(base.decode()), keyring)
    for section in ("production", "staging"):
        theirs = resign(
            merging.Change("set", (section, "password"), "x").make(base.decode()), keyring
        )
        merged = repository.merge({"f": base}, {"f": ours}, {"f": theirs})
        loaded = yamlvault.loads(merged["f"], keyring=keyring)
        assert (loaded["name"], loaded[section]["password"]) == ("store", "x")


def test_a_section_with_its_mac_from_an_older_version_is_valid(base, change, keyring):
    """The limit that docs/format.md, section 8 names: it is what merging means."""
    newer = change(base, ("production", "password", "new"), ("staging", "password", "new"))
    old = newer.decode()
    for pair in (
        [mac_line(data, "$.staging") for data in (newer, base)],
        [merging.sealed_by_steps(data)["staging", "password"] for data in (newer, base)],
    ):
        old = old.replace(*pair)
    loaded = yamlvault.loads(old, keyring=keyring)
    assert loaded["production"]["password"] == "new"
    assert loaded["staging"]["password"] == "two"


def test_a_block_scalar_at_a_border_without_a_line_between(recipient, tmp_path, keyring):
    """The one case where the plaintext merges and the encrypted file conflicts.

    A sealed block scalar is one line: a change in its middle is a change of the line that touches
    the next item. git asks; nothing is lost.
    """
    repository = merging.Repository(tmp_path / "repository")
    plain = "- a: |\n    1\n    2\n    3\n- b: x\n"
    base = yamlvault.encrypt(plain, keks=[recipient], keyring=keyring)
    ours = merging.Change("set", (0, "a"), "|\n    1\n    4\n    3")
    theirs = merging.Change("set", (1, "b"), "y")
    merged = repository.merge(
        {"plain": plain.encode(), "f": base},
        *(
            {"plain": change.make(plain).encode(), "f": merging.edit(base, [change], keyring)}
            for change in (ours, theirs)
        ),
    )
    assert merged["plain"] is not None
    assert merged["f"] is None
