"""`yamlvault merge`: a file that git stopped at, merged from its index."""

from __future__ import annotations

import pytest
import yaml
from git_session import Repository

PLAIN = "a: one\nb: two\ndb:\n  host: h\n  password: marker-pw\n  token: marker-token\nc: three\n"


@pytest.fixture
def repository(ready):
    """A repository with an encrypted file in it, and nothing set up."""
    ready.file.write_text(PLAIN)
    ready.ok("encrypt", "secrets.yml")
    repository = Repository(ready)
    repository.commit("base")
    return repository


@pytest.fixture
def driven(repository, ready):
    """The repository with the drivers set up."""
    ready.ok("git", "install")
    repository.commit("attributes")
    return repository


def opened(session):
    return yaml.safe_load(session.ok("decrypt", "secrets.yml"))


def test_edits_of_one_section_that_git_can_not_merge(repository, ready):
    """Where git sees a conflict in a MAC, both edits are merged, and the file is valid."""
    repository.branches(
        ours=("$.db.password", "marker-1"),
        theirs=("$.db.token", "marker-2"),
    )
    repository.git("checkout", "-q", "ours")
    repository.stops("merge", "theirs")
    assert "next: git add" in ready.run("merge", "secrets.yml").stderr
    repository.commit("merged")
    assert opened(ready)["db"] == {"host": "h", "password": "marker-1", "token": "marker-2"}


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_real_conflict_is_shown_without_plaintext_and_settled_by_an_option(
    side, repository, ready
):
    """Markers have both sides sealed; an option takes one, and keeps the rest of the other."""
    repository.branch("both")
    ready.ok("set", "secrets.yml", "$.a", input="one-ours")
    ready.ok("set", "secrets.yml", "$.db.password", input="marker-ours")
    repository.commit("ours")
    repository.branch("theirs")
    ready.ok("set", "secrets.yml", "$.c", input="three-theirs")
    ready.ok("set", "secrets.yml", "$.db.password", input="marker-theirs")
    repository.commit("theirs")
    repository.git("checkout", "-q", "both")
    repository.stops("merge", "theirs")
    error = ready.refused("merge", "secrets.yml")
    assert "both sides changed $.db.password" in error
    marked = ready.file.read_text()
    assert "<<<<<<< ours\n  password: yv1." in marked
    assert "marker-" not in marked
    assert "one-ours" not in marked
    ready.ok("merge", f"--{side}", "secrets.yml")
    assert opened(ready) == {
        "a": "one-ours",
        "b": "two",
        "c": "three-theirs",
        "db": {"host": "h", "password": f"marker-{side}", "token": "marker-token"},
    }
    repository.commit("merged")


def test_a_real_conflict_settled_in_an_editor(repository, ready):
    """The editor shows the plaintext of both sides; what is left of them is sealed."""
    repository.branches(ours=("$.db.password", "marker-1"), theirs=("$.db.password", "marker-2"))
    repository.stops("merge", "ours")
    shown, script = ready.home / "shown", ready.home / "editor"
    choice = "/^[<=>]/d; s/marker-2/both/; /marker-1/d"
    script.write_text(f"#!/bin/sh\ncp \"$1\" '{shown}'\nsed -i '{choice}' \"$1\"\n")
    script.chmod(0o755)
    assert ready.run("merge", "--edit", "secrets.yml", env={"EDITOR": "true"}).returncode == 1
    left = ready.run("merge", "--edit", "secrets.yml", env={"EDITOR": "sed -i s/host:/h:/"})
    assert left.returncode == 1
    assert "5:1: a conflict marker is left" in left.stderr
    ready.ok("merge", "--edit", "secrets.yml", env={"EDITOR": str(script)})
    both = "<<<<<<< ours\n  password: marker-2\n=======\n  password: marker-1\n>>>>>>> theirs\n"
    assert both in shown.read_text()
    assert opened(ready)["db"] == {"host": "h", "password": "both", "token": "marker-token"}
    repository.commit("merged")


def test_markers_settled_by_hand(repository, ready):
    """With one side's lines left in the file, `encrypt` takes it."""
    repository.branches(ours=("$.a", "marker-1"), theirs=("$.a", "marker-2"))
    repository.stops("merge", "ours")
    ready.run("merge", "secrets.yml")
    lines = ready.file.read_text().splitlines(keepends=True)
    start, middle, end = (
        next(n for n, line in enumerate(lines) if line.startswith(mark * 7)) for mark in "<=>"
    )
    ready.file.write_text("".join([*lines[:start], *lines[middle + 1 : end], *lines[end + 1 :]]))
    ready.ok("encrypt", "secrets.yml")
    assert opened(ready)["a"] == "marker-1"


def test_a_rebase_and_a_cherry_pick(repository, ready):
    """What stopped at a conflict of MACs goes on after `merge`."""
    repository.branches(first=("$.db.password", "marker-1"), second=("$.db.token", "marker-2"))
    repository.stops("rebase", "first")
    ready.ok("merge", "secrets.yml")
    repository.git("add", "secrets.yml")
    repository.git("rebase", "--continue")
    wanted = {"host": "h", "password": "marker-1", "token": "marker-2"}
    assert opened(ready)["db"] == wanted
    repository.git("checkout", "-q", "-b", "picked", "first")
    repository.git("checkout", "-q", "-b", "other", "main")
    ready.ok("set", "secrets.yml", "$.db.token", input="marker-2")
    repository.commit("other")
    repository.git("checkout", "-q", "picked")
    repository.stops("cherry-pick", "other")
    ready.ok("merge", "secrets.yml")
    repository.git("add", "secrets.yml")
    repository.git("cherry-pick", "--continue")
    assert opened(ready)["db"] == wanted


def test_what_is_no_conflict(repository, ready):
    """A file that git has merged, or does not know, is left as it is."""
    before = ready.file.read_bytes()
    assert "git has no conflict" in ready.refused("merge", "secrets.yml")
    error = ready.refused("merge", "secret.yml")
    assert "secret.yml: there is no such file" in error
    assert "is `secrets.yml` meant?" in error
    assert ready.file.read_bytes() == before
    ready.refused("merge", "-", status=2)
    ready.refused("merge", "--ours", "--theirs", "secrets.yml", status=2)


def test_the_driver_merges_edits_of_one_section(driven, ready):
    """`git merge` itself comes to a valid file, and so do a rebase and a cherry-pick."""
    driven.branches(
        first=("$.db.password", "marker-1"),
        second=("$.db.token", "marker-2"),
        third=("$.db.host", "h3"),
        fourth=("$.db.new", "marker-4"),
    )
    driven.git("checkout", "-q", "first")
    driven.git("merge", "--no-edit", "second")
    driven.git("cherry-pick", "third")
    driven.git("checkout", "-q", "fourth")
    driven.git("rebase", "first")
    wanted = {"host": "h3", "password": "marker-1", "token": "marker-2", "new": "marker-4"}
    assert opened(ready)["db"] == wanted
    assert driven.git("status", "--porcelain") == ""


def test_the_driver_leaves_a_real_conflict(driven, ready):
    """Markers, no plaintext, and a line that says what to do; then the rest goes as usual."""
    driven.branches(ours=("$.db.password", "marker-1"), theirs=("$.db.password", "marker-2"))
    said = driven.stops("merge", "ours")
    assert "secrets.yml: both sides changed $.db.password" in said
    assert "hint: yamlvault merge secrets.yml" in said
    assert "marker-" not in ready.file.read_text()
    assert "<<<<<<< ours" in ready.file.read_text()
    ready.ok("merge", "--theirs", "secrets.yml")
    driven.commit("merged")
    assert opened(ready)["db"]["password"] == "marker-1"


def test_the_driver_without_a_key(driven, ready):
    """Who opens nothing merges edits of different sections, and gets git's conflict for others."""
    driven.branches(one=("$.a", "marker-1"), two=("$.db.token", "marker-2"))
    home = ready.environment["HOME"]
    driven.session.environment["HOME"] = "/nonexistent"
    driven.git("merge", "--no-edit", "one")
    driven.session.environment["HOME"] = home
    assert opened(ready)["a"] == "marker-1"
    driven.branches(three=("$.db.host", "h3"))
    driven.session.environment["HOME"] = "/nonexistent"
    said = driven.stops("merge", "two")
    assert "both sides changed $.db" in said
    assert "<<<<<<< ours" in ready.file.read_text()
    driven.session.environment["HOME"] = home
    ready.ok("merge", "secrets.yml")
    driven.commit("merged")
    assert opened(ready)["db"]["host"] == "h3"


def test_the_driver_with_a_side_that_was_tampered_with(driven, ready):
    """It is named, nothing is signed, and git stops there."""
    driven.branches(ours=("$.db.password", "marker-1"))
    driven.branch("theirs")
    text = ready.file.read_text().replace("db:\n", "db:\n  added: by hand\n")
    ready.file.write_text(text)
    driven.commit("tampered")
    said = driven.stops("merge", "ours")
    assert "ours: section $.db is not what was encrypted" in said
    assert "UU secrets.yml" in driven.git("status", "--porcelain")
    assert "not what was encrypted" in ready.refused("get", "secrets.yml", "$.a")


def test_the_driver_merges_criss_cross(driven, ready):
    """With several common ancestors, what git makes of them has no markers in it."""
    driven.branches(left=("$.db.password", "marker-l"), right=("$.db.token", "marker-r"))
    driven.git("checkout", "-q", "-b", "left2", "left")
    driven.git("merge", "--no-edit", "right")
    driven.git("checkout", "-q", "-b", "right2", "right")
    driven.git("merge", "--no-edit", "left")
    ready.ok("set", "secrets.yml", "$.a", input="marker-a")
    driven.commit("a")
    driven.git("checkout", "-q", "left2")
    ready.ok("set", "secrets.yml", "$.b", input="marker-b")
    driven.commit("b")
    driven.git("merge", "--no-edit", "right2")
    data = opened(ready)
    assert (data["a"], data["b"]) == ("marker-a", "marker-b")
    assert data["db"] == {"host": "h", "password": "marker-l", "token": "marker-r"}


def test_the_driver_and_plaintext(driven, ready):
    """A file of the rules that is not encrypted is merged as git merges it."""
    (ready.folder / "plain-secrets.yml").write_text("a: 1\n\n\n\nb: 2\n")
    driven.git("checkout", "-q", "main")
    driven.commit("plain")
    for name, old, new in (("ours", "a: 1", "a: 11"), ("theirs", "b: 2", "b: 22")):
        driven.branch(name)
        file = ready.folder / "plain-secrets.yml"
        file.write_text(file.read_text().replace(old, new))
        driven.commit(name)
    driven.git("merge", "--no-edit", "ours")
    assert (ready.folder / "plain-secrets.yml").read_text() == "a: 11\n\n\n\nb: 22\n"


def test_outside_of_a_repository(encrypted):
    """Without git's index there are no sides to merge."""
    assert "not a git repository" in encrypted.refused("merge", "secrets.yml")


def test_one_side_removed_the_file(repository, ready):
    """That a file is gone on one side is for git to settle."""
    repository.branches(ours=("$.a", "marker-1"))
    repository.branch("theirs")
    repository.git("rm", "-q", "secrets.yml")
    repository.commit("gone")
    repository.stops("merge", "ours")
    assert "one side has removed the file" in ready.refused("merge", "secrets.yml")


def test_who_opens_nothing(repository, ready):
    """Both changed one section: who opens it has to merge; nothing is written."""
    repository.branches(ours=("$.db.password", "marker-1"), theirs=("$.db.token", "marker-2"))
    repository.stops("merge", "ours")
    before = ready.file.read_bytes()
    error = ready.refused("merge", "secrets.yml", env={"HOME": "/nonexistent"})
    assert "both sides changed $.db" in error
    assert ready.file.read_bytes() == before


@pytest.mark.parametrize("place", ["$.s7.k3", "$.top"])
def test_one_edit_in_a_file_of_500_scalars_is_a_small_diff(place, ready):
    """The line of the scalar and the line of one MAC change, and no other."""
    sections = "".join(
        f"s{number}:\n" + "".join(f"  k{key}: v{key}\n" for key in range(10))
        for number in range(50)
    )
    ready.file.write_text(f"top: t\n{sections}")
    ready.ok("encrypt", "secrets.yml")
    repository = Repository(ready)
    repository.commit("base")
    ready.ok("set", "secrets.yml", place, input="marker")
    assert repository.git("diff", "--numstat") == "2\t2\tsecrets.yml\n"
