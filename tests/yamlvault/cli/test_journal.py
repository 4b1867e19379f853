"""The journal: what lets a rotation go on where it was stopped."""

from __future__ import annotations

import os
import stat

import pytest

from yamlvault.cli.journal import Journal, journal_for
from yamlvault.errors import FileError


@pytest.fixture
def files(team):
    """Return the names of three encrypted files."""
    names = [f"{letter}-secrets.yml" for letter in "abc"]
    for name in names:
        (team.folder / name).write_text(team.plain)
    team.ok(None, "encrypt", *names)
    team.file.unlink()
    return names


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "state" / "x.journal")


def contents(team, names):
    return {name: (team.folder / name).read_text() for name in names}


def journals(team):
    """Return the journals in the home of a session."""
    return list((team.session.home / ".local/state/yamlvault").glob("*"))


def test_a_file_is_done_while_it_has_these_data_keys(team, files, path):
    """What is written down holds for the data keys that the file has then, and for no others."""
    file = str(team.folder / files[0])
    text = contents(team, files)[files[0]]
    journal = Journal(path, restart=False)
    assert not journal.has(file)
    journal.add(file, text)
    again = Journal(path, restart=False)
    assert again.done == 1
    assert again.has(file)
    assert not again.has(str(team.folder / files[1]))
    assert not again.has(str(team.folder / "missing.yml"))
    team.ok("admin", "rotate", files[0])
    assert not again.has(file)


def test_written_down_before_it_is_done(team, files, path):
    """A file that was written down, and then not written, is not done."""
    other = contents(team, files)[files[1]]
    journal = Journal(path, restart=False)
    journal.add(str(team.folder / files[0]), other)
    assert not Journal(path, restart=False).has(str(team.folder / files[0]))


def test_the_last_entry_holds(team, files, path):
    """Of several entries of a file the last one counts."""
    file, texts = str(team.folder / files[0]), contents(team, files)
    journal = Journal(path, restart=False)
    for name in (files[0], files[1]):
        journal.add(file, texts[name])
    assert not Journal(path, restart=False).has(file)
    journal.add(file, texts[files[0]])
    assert Journal(path, restart=False).has(file)


@pytest.mark.parametrize("name", ["a b.yml", "a\nb.yml", os.fsdecode(b"\xff.yml"), "é 🔑.yml"])
def test_any_name(team, files, path, name):
    """Names are kept whatever bytes they have."""
    (team.folder / files[0]).rename(team.folder / name)
    file = str(team.folder / name)
    Journal(path, restart=False).add(file, (team.folder / name).read_text())
    assert Journal(path, restart=False).has(file)
    os.symlink(name, team.folder / "link.yml")
    assert Journal(path, restart=False).has(str(team.folder / "link.yml"))


def test_it_is_private_and_has_no_secret(team, files, path):
    """Only its owner reads it; in it are hashes and names of files."""
    text = contents(team, files)[files[0]]
    Journal(path, restart=False).add(str(team.folder / files[0]), text)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    with open(path) as file:
        digest, _, name = file.read().partition(" ")
    assert len(digest) == 64
    assert name == f"{team.folder / files[0]}\0"


def test_restart(team, files, path):
    """A restart forgets what was done."""
    text = contents(team, files)[files[0]]
    Journal(path, restart=False).add(str(team.folder / files[0]), text)
    assert Journal(path, restart=True).done == 0
    assert not os.path.exists(path)
    assert Journal(path, restart=True).done == 0


@pytest.mark.parametrize("junk", [b"", b"\0\0", b"junk", b"\xff \xff\0", b"AAAAAAAA \0"])
def test_junk(team, files, path, junk):
    """A journal that is damaged says of no file that it is done."""
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(junk)
    assert not Journal(path, restart=False).has(str(team.folder / files[0]))


def test_a_place_that_is_none(tmp_path):
    """Where no journal can be kept the error says so, with where it may be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="the journal can't be kept") as caught:
        Journal(str(tmp_path / "file" / "yamlvault" / "x"), restart=False)
    assert "XDG_STATE_HOME" in caught.value.hint
    (tmp_path / "yamlvault" / "x").mkdir(parents=True)
    for restart in (True, False):
        with pytest.raises(FileError, match="the journal can't be kept"):
            Journal(str(tmp_path / "yamlvault" / "x"), restart=restart)


def test_where_it_is(monkeypatch, tmp_path):
    """Each command line in each folder has its own, below the state folder of the user."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    assert journal_for(["rotate", "x"], restart=False) is None
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    paths = [
        journal_for(words, restart=False)._path
        for words in (["rotate", "x"], ["rotate", "x", "y"], ["rotate", "xy"], ["rotate", "x"])
    ]
    assert len(set(paths)) == 3
    assert paths[0] == paths[3]
    assert all(path.startswith(str(tmp_path / "home/.local/state/yamlvault/")) for path in paths)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert journal_for(["rotate"], restart=False)._path.startswith(str(tmp_path / "state"))
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert journal_for(["rotate", "x"], restart=False)._path == paths[0]


def test_a_rotation_that_failed_goes_on(team, files):
    """What an earlier run has done is left out, the rest is done, and then nothing is left."""
    (team.folder / files[1]).chmod(0o444)
    done = team.run("admin", "rotate", *files)
    assert done.returncode == 1
    assert "2 of 3 files rotated, 1 failed" in done.stderr
    assert len(journals(team)) == 1
    before = contents(team, files)
    (team.folder / files[1]).chmod(0o644)
    done = team.run("admin", "rotate", *files)
    assert done.returncode == 0
    assert "an earlier run of this command ended before all was done" in done.stderr
    assert done.stderr.count(": rotated") == 1
    after = contents(team, files)
    assert [after[name] == before[name] for name in files] == [True, False, True]
    assert journals(team) == []


def test_another_command_does_not_go_on(team, files):
    """Another command line, or --restart, begins anew."""
    (team.folder / files[1]).chmod(0o444)
    team.run("admin", "rotate", *files)
    (team.folder / files[1]).chmod(0o644)
    done = team.run("admin", "rotate", *reversed(files))
    assert done.stderr.count(": rotated") == 3
    done = team.run("admin", "rotate", *files)
    assert done.stderr.count(": rotated") == 3  # the data keys are others by now
    (team.folder / files[1]).chmod(0o444)
    team.run("admin", "rotate", *files)
    (team.folder / files[1]).chmod(0o644)
    done = team.run("admin", "rotate", "--restart", *files)
    assert done.stderr.count(": rotated") == 3
    assert "earlier run" not in done.stderr
    assert journals(team) == []


def test_no_journal_where_none_is_needed(team, files):
    """A dry run, and the rotation of one file, keep no journal."""
    team.ok("admin", "rotate", "-n", *files)
    team.ok("admin", "rotate", files[0])
    assert not (team.session.home / ".local").exists()


def test_without_a_home(team, files):
    """Where there is no home, files are rotated all the same."""
    del team.session.environment["HOME"]
    done = team.run("admin", "rotate", *files)
    assert done.returncode == 0
    assert "3 of 3 files rotated" in done.stderr


def test_a_home_that_is_none(team, files):
    """A home in which no journal can be kept is said before any file is changed."""
    before = contents(team, files)
    team.session.environment["HOME"] = "/dev/null"
    error = team.refused("admin", "rotate", *files)
    assert "the journal can't be kept: Not a directory" in error
    assert contents(team, files) == before
    team.session.environment["XDG_STATE_HOME"] = str(team.folder / "state")
    team.ok("admin", "rotate", *files)


def test_a_journal_that_can_not_be_written(team, files):
    """No file is changed where it can't be written down that it is, and that is said once."""
    before = contents(team, files)
    (team.folder / files[0]).chmod(0o444)
    team.run("admin", "rotate", *files)
    (team.folder / files[0]).chmod(0o644)
    (journal,) = journals(team)
    now = contents(team, files)
    assert now[files[0]] == before[files[0]]
    journal.unlink()
    journal.symlink_to("missing/x")
    done = team.run("admin", "rotate", *files)
    assert done.returncode == 1
    assert done.stderr.count("the journal can't be kept: No such file") == 1
    assert "0 of 3 files rotated, 1 failed, 2 not tried" in done.stderr
    assert contents(team, files) == now
