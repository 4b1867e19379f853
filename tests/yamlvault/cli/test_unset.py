"""`yamlvault unset`: an entry removed, the file signed anew."""

from __future__ import annotations

import yaml

from yamlvault.source import read


def _sealed(session):
    return {scalar.sealed for scalar in read(session.file.read_bytes()).sealed}


def test_a_key_goes_and_all_else_stays(encrypted):
    """The lines of a key go; the other sealed scalars keep their text."""
    before = _sealed(encrypted)
    done = encrypted.run("unset", "secrets.yml", "$.production.password")
    assert done.stderr == "secrets.yml: $.production.password is removed\n"
    assert done.returncode == 0
    after = _sealed(encrypted)
    assert after < before
    assert len(after) == len(before) - 1
    data = yaml.safe_load(encrypted.ok("decrypt", "secrets.yml"))
    assert set(data["production"]) == {"host", "port", "pem"}


def test_items_behind_a_removed_one_are_sealed_anew(ready):
    """A list closes the gap, and what moved up opens there."""
    ready.file.write_text("tokens:\n  - one\n  - two  # kept\n  - three\n")
    ready.ok("encrypt", "secrets.yml")
    done = ready.run("unset", "secrets.yml", "$.tokens[0]")
    assert "secrets.yml: $.tokens[0] is removed\n" in done.stderr
    assert "2 scalars sealed" in done.stderr
    assert ready.ok("decrypt", "secrets.yml") == "tokens:\n  - two  # kept\n  - three\n"


def test_what_aliases_stand_for_is_refused(encrypted):
    """An anchor that is needed stays, and so does the file."""
    before = encrypted.file.read_bytes()
    error = encrypted.refused("unset", "secrets.yml", "$.default")
    assert "alias" in error
    assert encrypted.file.read_bytes() == before


def test_a_path_that_names_nothing_is_refused(encrypted):
    """A mistyped key is named with the one that is near."""
    error = encrypted.refused("unset", "secrets.yml", "$.production.pasword")
    assert "is `password` meant?" in error
    nobody = {"HOME": "/nonexistent"}
    error = encrypted.refused("unset", "secrets.yml", "$.production.pasword", env=nobody)
    assert "is `password` meant?" in error


def test_a_file_that_was_changed_by_hand_is_refused(encrypted):
    """Nobody vouches for what other hands have changed."""
    text = encrypted.file.read_text().replace("# rotate me", "# rotate me\n  added: by hand")
    encrypted.file.write_text(text)
    assert "not what was encrypted" in encrypted.refused(
        "unset", "secrets.yml", "$.production.password"
    )


def test_one_path_at_a_time(encrypted):
    """Of two paths none is removed, and the hint says how."""
    before = encrypted.files()
    error = encrypted.refused("unset", "secrets.yml", "$.default.host", "$.default.port", status=2)
    assert "hint: one PATH at a time" in error
    assert encrypted.files() == before


def test_standard_input_is_refused(encrypted):
    """What has no place can't be changed in place."""
    encrypted.refused("unset", "-", "$.a", status=2)


def test_a_section_that_is_empty_and_filled_again(ready):
    """What `unset` has left of a section, `set` fills in the style that it had."""
    ready.file.write_text("top:\n  db:\n    password: p  # said\nlast: z\n")
    ready.ok("encrypt", "secrets.yml")
    ready.ok("unset", "secrets.yml", "$.top.db.password")
    assert ready.ok("decrypt", "secrets.yml") == "top:\n  db: {}\nlast: z\n"
    ready.ok("set", "secrets.yml", "$.top.db.user", "--value", "u")
    assert ready.ok("decrypt", "secrets.yml") == "top:\n  db:\n    user: u\nlast: z\n"


def test_a_scope_of_others_that_something_was_removed_from(team):
    """Where nothing new was sealed in a scope that does not open, nothing else is said."""
    team.encrypted(append=True)
    team.ok("admin", "set", "secrets.yml", "$.ben.other", input="v")
    done = team.run("ann", "unset", "secrets.yml", "$.ben.other")
    assert done.returncode == 0, done.stderr
    assert "scope $.ben does not open here: the scope is signed as it stands" in done.stderr
    assert "new" not in done.stderr


def test_scopes_that_do_not_open_are_left_alone(team):
    """Who opens one scope removes from that one, and the others stay as they are."""
    team.encrypted()
    before = team.file.read_text()
    team.ok("ann", "unset", "secrets.yml", "$.ann.password")
    after = team.file.read_text()
    lines = set(after.splitlines()) ^ set(before.splitlines())
    assert not any("ben" in line and "mac" not in line for line in lines)
    assert team.ok("ben", "get", "secrets.yml", "$.ben.password") == "ben-marker\n"
    assert team.refused("ann", "unset", "secrets.yml", "$.ben.password")
