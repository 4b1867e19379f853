"""`yamlvault diff`, against real git and between files."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from git_session import GIT


def git(session, *words, cwd=None):
    return subprocess.run(
        ["git", *words],
        cwd=cwd or session.folder,
        env=session.environment,
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    ).stdout


@pytest.fixture
def committed(encrypted):
    """A session whose encrypted file is committed."""
    encrypted.environment |= GIT
    git(encrypted, "init", "-q", "-b", "main")
    commit(encrypted)
    return encrypted


def commit(session):
    git(session, "add", "-A")
    git(session, "commit", "-q", "-m", "x")


def diff(session, *words, status=1, **settings):
    """Run yamlvault diff, and return the lines below its heads."""
    done = session.run("diff", *words, **settings)
    assert done.returncode == status, done
    return [line.strip() for line in done.stdout.splitlines() if line.startswith(" ")]


def change(session, value="new-marker", path="$.production.password", **settings):
    session.ok("set", "secrets.yml", path, input=value, **settings)


CHANGED = "~ $.production.password  changed"


def test_nothing_changed(committed):
    """Where nothing changed nothing is printed, and the status is 0."""
    done = committed.run("diff", "secrets.yml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_paths_without_values(committed):
    """What changed is told by key path; no value is shown that nobody asked for."""
    change(committed)
    change(committed, path="$.production.token")
    committed.ok("unset", "secrets.yml", "$.default.port")
    done = committed.run("diff", "secrets.yml")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "secrets.yml (index) -> secrets.yml",
        f"  {CHANGED}",
        "  + $.production.token  added",
        "  - $.default.port  removed",
    ]


def test_values(committed):
    """--values shows them, several lines as such, and what is no text with its kind."""
    committed.file.write_text(
        re.sub(r"port: \S+", "port: 5433", committed.file.read_text(), count=1)
    )
    committed.ok("encrypt", "secrets.yml")
    change(committed)
    assert diff(committed, "--values", "secrets.yml") == [
        "~ $.default.port  changed",
        "- 5432 (int)",
        "+ 5433 (int)",
        CHANGED,
        "- s3cr\\tet-marker",
        "+ new-marker",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ["third"]),
        (("--staged",), ["second"]),
        (("--rev", "HEAD"), ["third"]),
        (("--rev", "HEAD~1"), ["third"]),
        (("--rev", "HEAD~1..HEAD"), ["first"]),
        (("--rev", "HEAD~1.."), ["first"]),
        (("--rev", "other...main"), ["first"]),
    ],
)
def test_what_is_compared(committed, words, expected):
    """The work tree with the index, the index with HEAD, or what --rev says."""
    git(committed, "branch", "other")
    change(committed, "first")
    commit(committed)
    change(committed, "second")
    git(committed, "add", "-A")
    change(committed, "third")
    lines = diff(committed, "--values", *words, "secrets.yml")
    assert lines[0] == CHANGED
    assert lines[-1:] == [f"+ {expected[0]}"]


def test_two_files(encrypted):
    """Two files are compared with each other; one of them can be standard input."""
    before = encrypted.file.read_text()
    change(encrypted)
    (encrypted.folder / "old.yml").write_text(before)
    assert diff(encrypted, "old.yml", "secrets.yml") == [CHANGED]
    assert diff(encrypted, "-", "secrets.yml", input=before) == [CHANGED]
    assert diff(encrypted, "secrets.yml", "secrets.yml", status=0) == []


def test_encrypted_and_plaintext(encrypted):
    """A plaintext file with the same values differs in that alone, whichever comes first."""
    encrypted.ok("decrypt", "-o", "plain.yml", "secrets.yml")
    assert diff(encrypted, "plain.yml", "secrets.yml") == ["~ encrypted now, plaintext before"]
    assert diff(encrypted, "secrets.yml", "plain.yml") == ["! plaintext now, encrypted before"]


def test_sealed_anew(committed):
    """A value that was only sealed anew is the same; -v says that it was."""
    committed.ok("rotate", "secrets.yml")
    lines = diff(committed, "secrets.yml")
    assert [re.sub("key .*", "key", line) for line in lines] == [
        "+ scope $: new data key",
        "- scope $: no longer has data key",
    ]
    lines = diff(committed, "-v", "secrets.yml")
    assert "= $.production.password  the same value, sealed anew" in lines


def test_layout_is_no_difference(committed):
    """Comments, quotes and the order of keys are none."""
    text = committed.file.read_text()
    text = text.replace("# database", "# another").replace("# rotate me", "")
    committed.file.write_text(text)
    assert diff(committed, "secrets.yml", status=0) == []


def test_one_request(session, moto):
    """A data key that both versions have is asked for once."""
    session.environment |= moto.environment | {"AWS_EC2_METADATA_DISABLED": "true"}
    session.ok("encrypt", "--kek", f"aws-kms:{moto.key()}", "secrets.yml")
    before = session.file.read_text()
    change(session)
    moto.clear()
    assert diff(session, "-", "secrets.yml", input=before) == [CHANGED]
    assert moto.requests() == ["Decrypt"]


def test_what_does_not_open(team):
    """Where a scope does not open it is said that its scalars changed, and no more."""
    team.encrypted()
    before = team.file.read_text()
    for person in ("ann", "ben"):
        team.ok("admin", "set", "secrets.yml", f"$.{person}.password", input="new-marker")
    words = ("diff", "--values", "-", "secrets.yml")
    done = team.run("ann", *words, input=before)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1:] == [
        "  ~ $.ann.password  changed",
        "      - ann-marker",
        "      + new-marker",
        "  ? $.ben.password  changed or sealed anew: it does not open here",
        "      - (sealed)",
        "      + (sealed)",
    ]
    assert done.stderr == ""
    assert "ben" in team.run("ann", *words, "-v", input=before).stderr
    lines = diff(team.session, *words[1:], input=before)
    assert [line[0] for line in lines if "$" in line] == ["?", "?"]


def test_who_can_open_it(team):
    """KEKs, paths to seal and leave to add are told, without any identity."""
    team.encrypted()
    before = team.file.read_text()
    team.rule(ann="ann ben admin", append=True)
    team.ok("admin", "rewrap", "secrets.yml")
    lines = diff(team.session, "-", "secrets.yml", input=before)
    assert lines == [
        "+ scope $.ann: who can't open it may add to it",
        f"+ scope $.ann: opens for {team.kek('ben')}",
        "+ scope $.ben: who can't open it may add to it",
        "+ scope $.both: who can't open it may add to it",
    ]
    text = team.file.read_text()
    team.file.write_text(before)
    lines = diff(team.session, "-", "secrets.yml", input=text)
    assert f"- scope $.ann: no longer opens for {team.kek('ben')}" in lines
    assert "- scope $.ann: who can't open it may not add to it" in lines


def test_plaintext_in_place_of_a_secret(committed):
    """A secret that stands there in plaintext is marked; its scope is not opened."""
    text = committed.file.read_text()
    committed.file.write_text(re.sub(r"password: yv1\S+", "password: plain-marker", text))
    done = committed.run("diff", "secrets.yml")
    assert done.returncode == 1
    assert "! $.production.password  plaintext now, sealed before" in done.stdout
    assert "secrets.yml: scope $ is left sealed: section $.production is not what" in done.stderr
    committed.ok("encrypt", "secrets.yml")
    assert diff(committed, "secrets.yml") == [CHANGED]


def test_new_plaintext(committed):
    """A key that was added in plaintext is marked as such."""
    text = committed.file.read_text()
    committed.file.write_text(text.replace("production:\n", "production:\n  new: marker\n"))
    assert "+ $.production.new  added in plaintext" in diff(committed, "secrets.yml")


def test_json(committed):
    """--json says the same to programs; values are in it only with --values."""
    change(committed)
    done = committed.run("diff", "--json", "secrets.yml")
    assert done.returncode == 1
    assert "marker" not in done.stdout
    (report,) = json.loads(done.stdout)
    assert report["same"] is False
    assert report["values"] == [
        {
            "path": "$.production.password",
            "change": "changed",
            "old": {"sealed": True, "open": True},
            "new": {"sealed": True, "open": True},
        }
    ]
    (report,) = json.loads(committed.run("diff", "--json", "--values", "secrets.yml").stdout)
    assert report["values"][0]["new"]["value"] == "new-marker"
    assert json.loads(committed.ok("diff", "--json", "--staged", "secrets.yml"))[0]["same"] is True


@pytest.mark.parametrize(
    "name", ["our secrets.yml", "secrets\n.yml", "sécrets.yml", b"se\xffcrets"]
)
def test_names(committed, name):
    """A file can be called whatever it likes, and stand in a folder, whatever git quotes."""
    folder = committed.folder / "sub folder"
    folder.mkdir()
    target = os.path.join(os.fsencode(folder), os.fsencode(name))
    with open(target, "wb") as file:
        file.write(committed.file.read_bytes())
    commit(committed)
    with open(target, "wb") as file:
        change(committed)
        file.write(committed.file.read_bytes())
    assert diff(committed, os.fsdecode(target)) == [CHANGED]
    assert diff(committed, "--rev", "HEAD", os.fsdecode(target)) == [CHANGED]


def test_a_link_and_a_linked_worktree(committed, tmp_path):
    """The repository is that of the file: of the one a link leads to, of a linked work tree."""
    linked = tmp_path / "linked"
    git(committed, "worktree", "add", "-q", "--detach", str(linked))
    elsewhere = tmp_path / "link.yml"
    elsewhere.symlink_to(linked / "secrets.yml")
    committed.ok("set", str(elsewhere), "$.production.password", input="new")
    for name in (str(linked / "secrets.yml"), str(elsewhere)):
        assert diff(committed, name) == [CHANGED]
    assert diff(committed, "secrets.yml", status=0) == []


def test_a_submodule(committed, tmp_path):
    """In a submodule its own index and commits count."""
    outer = tmp_path / "outer"
    outer.mkdir()
    git(committed, "init", "-q", cwd=outer)
    allow = ("-c", "protocol.file.allow=always")
    git(committed, *allow, "submodule", "add", "-q", str(committed.folder), "inner", cwd=outer)
    file = outer / "inner" / "secrets.yml"
    committed.ok("set", str(file), "$.production.password", input="new")
    assert diff(committed, str(file)) == [CHANGED]
    assert diff(committed, "--rev", "HEAD", str(file)) == [CHANGED]


def test_in_a_hook(committed):
    """A hook's index is the one that is asked: with git commit FILE it is not that of the rest."""
    hook = committed.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    out = committed.folder.parent / "out"
    hook.write_text(
        f'#!/bin/sh\n"{committed.program}" diff --staged secrets.yml >"{out}"\nexit 0\n'
    )
    hook.chmod(0o755)
    change(committed)
    git(committed, "commit", "-q", "-m", "x", "secrets.yml")
    assert CHANGED in out.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.yml",), "none.yml: there is no such file"),
        (("--rev", "none", "secrets.yml"), "git knows no revision 'none'"),
        (("--rev", "none...HEAD", "secrets.yml"), "git knows no revision 'none'"),
        (("--rev", "none..HEAD", "."), "git knows no revision 'none'"),
        (("--rev", "HEAD", "other.yml"), "other.yml: not in HEAD"),
        (("HEAD", "secrets.yml"), "hint: a revision is named so: yamlvault diff --rev HEAD FILE"),
        (("HEAD",), "hint: a revision is named so: yamlvault diff --rev HEAD FILE"),
        (("--rev", "HEAD", ".yamlvault.yml", "other.yml"), "other.yml"),
        (("other.yml",), "other.yml: not in git's index"),
        (("broken.yml", "secrets.yml"), "broken.yml:2:1: not valid YAML"),
        (("newer.yml", "secrets.yml"), "format 2 is unknown"),
    ],
)
def test_trouble(committed, words, said):
    """What can't be compared is an error with status 2: it is not taken for a difference."""
    (committed.folder / "other.yml").write_text("a: marker\n")
    (committed.folder / "broken.yml").write_text("a: [marker")
    (committed.folder / "newer.yml").write_text("a: marker\nyamlvault: {format: 2}\n")
    assert said in committed.refused("diff", *words, status=2)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a", "b", "c"),
        ("-",),
        ("-", "-"),
        ("--staged", "--rev", "HEAD", "a"),
        ("--rev=-x", "a"),
        ("--staged", "-"),
    ],
)
def test_wrong_usage(session, words):
    """A command line that names no two versions is wrong usage."""
    session.refused("diff", *words, status=2, input="")


def test_outside_of_a_repository(encrypted):
    """One file needs a repository, and a git; two do not."""
    assert "not a git repository" in encrypted.refused("diff", "secrets.yml", status=2)
    nowhere = {"PATH": "/none"}
    assert "git is not installed" in encrypted.refused("diff", "secrets.yml", status=2, env=nowhere)
    encrypted.ok("diff", "secrets.yml", "secrets.yml", env=nowhere)


def test_a_closed_standard_output(committed):
    """A full disk behind standard output is an error, and no difference."""
    change(committed)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [committed.program, "diff", "secrets.yml"],
            cwd=committed.folder,
            env=committed.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert b"standard output: can't be written" in done.stderr


def test_all_that_changed(committed):
    """Without a file, or with a folder, the encrypted files are compared that git diff names."""
    inner = committed.folder / "in ner"
    inner.mkdir()
    for name in ("a.yml", "gone.yml", "plain.yml", "same.yml"):
        (inner / name).write_bytes(committed.file.read_bytes())
    (inner / "plain.yml").write_text("a: 1\n")
    commit(committed)
    assert committed.ok("diff") == committed.ok("diff", ".") == ""
    committed.ok("set", str(inner / "a.yml"), "$.production.password", input="new-marker")
    (inner / "gone.yml").unlink()
    (inner / "plain.yml").write_text("a: 2\n")
    within = committed.run("diff", "in ner")
    heads = [line for line in within.stdout.splitlines() if not line.startswith(" ")]
    assert heads == [
        "in ner/a.yml (index) -> in ner/a.yml",
        "in ner/gone.yml (index) -> /dev/null",
    ]
    assert within.returncode == 1
    change(committed)
    for words in ((), (".",), ("--rev", "HEAD"), ("in ner", ".")):
        found = committed.run("diff", *words)
        assert found.returncode == 1
        assert found.stdout.count(CHANGED) == (3 if len(words) == 2 and "." in words else 2)
        assert "-> secrets.yml" in found.stdout
    top, committed.folder = committed.folder, inner
    inside = committed.run("diff")
    committed.folder = top
    assert "../secrets.yml (index) -> ../secrets.yml" in inside.stdout
    assert "a.yml (index) -> a.yml" in inside.stdout
    (inner / "new.yml").write_bytes(committed.file.read_bytes())
    git(committed, "add", "-A")
    assert committed.ok("diff") == ""
    assert "/dev/null -> in ner/new.yml (index)" in committed.run("diff", "--staged").stdout
    assert committed.run("diff", "--staged").stdout.count(CHANGED) == 2
    commit(committed)
    for rev in ("HEAD~1..HEAD", "HEAD~1...HEAD", "HEAD~1"):
        assert committed.run("diff", "--rev", rev, ".").stdout.count(CHANGED) == 2


def test_a_conflict(committed):
    """Of a file that a merge has stopped at, the command that settles it is named."""
    git(committed, "branch", "other")
    for branch in ("main", "other"):
        git(committed, "checkout", "-q", branch)
        change(committed, f"{branch}-marker")
        commit(committed)
    with pytest.raises(subprocess.CalledProcessError):
        git(committed, "merge", "main")
    for words in (("secrets.yml",), ("--rev", "HEAD", "secrets.yml"), ()):
        error = committed.refused("diff", *words, status=2)
        assert "hint: " in error
        assert "yamlvault merge FILE" in error
        assert "--ours, --theirs or --edit" in error
