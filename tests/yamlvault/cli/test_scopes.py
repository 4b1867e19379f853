"""Several people, each with a part of one file."""

from __future__ import annotations

import json

import pytest

PARTS = {"ann": ["ann", "both"], "ben": ["ben", "both"], "admin": ["ann", "ben", "both"]}
NAMES = "ann", "ben", "both"


@pytest.mark.parametrize("name", PARTS)
def test_each_opens_its_own_part_and_no_other(team, name):
    """What somebody's identity is for is printed; the rest is an error that names the scope."""
    team.encrypted()
    for part in NAMES:
        if part in PARTS[name]:
            assert f"{part}-marker" in team.ok(name, "get", "secrets.yml", f"$.{part}")
        else:
            error = team.refused(name, "get", "secrets.yml", f"$.{part}")
            assert f"scope $.{part}: none of the file's KEKs opens it" in error
            assert team.kek(part) in error


@pytest.mark.parametrize("name", PARTS)
def test_omit_closed(team, name):
    """With --omit-closed a reader gets its own parts and what is in no scope."""
    team.encrypted()
    data = json.loads(team.ok(name, "get", "secrets.yml", "--omit-closed", "--json"))
    assert sorted(data) == sorted(["name", *PARTS[name]])
    closed = [part for part in NAMES if part not in PARTS[name]]
    said = team.run(name, "get", "secrets.yml", "--omit-closed", "-v").stderr
    assert [part for part in NAMES if f"left out: scope $.{part}: " in said] == closed
    for part in closed:
        error = team.refused(name, "get", "secrets.yml", f"$.{part}", "--omit-closed")
        assert f"scope $.{part}" in error
    done = team.run(name, "get", "secrets.yml")
    assert done.returncode == (1 if closed else 0)


def test_nobody(team):
    """Without an identity nothing is printed, with --omit-closed neither."""
    team.encrypted()
    for words in (["get"], ["get", "--omit-closed"], ["decrypt"]):
        assert "no age identity is at hand" in team.refused(None, *words, "secrets.yml")


def test_only_who_opens_all_decrypts(team):
    """The whole file is decrypted by who opens all of its scopes, byte for byte."""
    team.encrypted()
    assert team.ok("admin", "decrypt", "secrets.yml") == team.plain
    for name in ("ann", "ben"):
        assert "scope $." in team.refused(name, "decrypt", "secrets.yml")


def test_what_is_in_no_scope_is_said(team):
    """`encrypt` says what no scope covers, and seals what its rule says."""
    done = team.run(None, "encrypt", "secrets.yml")
    assert done.returncode == 0
    assert "in no scope, so that anybody can change it unnoticed: $.name" in done.stderr
    text = team.file.read_text()
    assert "host: ann.internal" in text
    assert "# hers" in text
    assert "marker" not in text
    assert text.count("yv1.") == 3


def test_keys_lists_each_scope(team):
    """`keys FILE` says of each scope who opens it, and whether that is so here."""
    team.encrypted()
    text = team.ok("ann", "keys", "secrets.yml")
    assert "3 sealed scalars" in text
    for part in NAMES:
        assert f"  $.{part} (seals $.{part}" in text
    assert text.count("opens here") == 2
    assert "no identity in YAMLVAULT_AGE_KEY matches" in text


def test_write_only_addition(team):
    """Who opens nothing adds a secret with `encrypt`, and is told what that means."""
    team.encrypted(append=True)
    text = team.file.read_text().replace("ben:\n", "ben:\n  new: new-marker\n")
    team.file.write_text(text)
    done = team.run(None, "encrypt", "secrets.yml")
    assert done.returncode == 0
    assert "scope $.ben does not open here: what is new is sealed under a new" in done.stderr
    assert "scope $.ann does not open here: left as it is, unchecked" in done.stderr
    assert "marker" not in team.file.read_text() + done.stderr
    assert team.ok("ben", "get", "secrets.yml", "$.ben.new") == "new-marker\n"
    assert "2 data keys" not in team.ok("admin", "keys", "secrets.yml")
    assert team.ok("admin", "keys", "secrets.yml").count(", the newest") == 3
    error = team.refused("ann", "get", "secrets.yml", "$.ben.new")
    assert "scope $.ben" in error


def test_no_addition_without_append(team):
    """Without `append` the file stays as it is, and the hint says how to allow it."""
    team.encrypted()
    team.file.write_text(team.file.read_text().replace("ben:\n", "ben:\n  new: new-marker\n"))
    before = team.session.files()
    error = team.refused("ann", "encrypt", "secrets.yml")
    assert "scope $.ben" in error
    assert "`append: true` in the rule, then yamlvault rewrap" in error
    assert team.session.files() == before


def test_changed_by_hand(team):
    """Plaintext that was changed is refused with its scope's section, and signed by `encrypt`."""
    team.encrypted()
    team.file.write_text(team.file.read_text().replace("ann.internal", "evil.internal"))
    error = team.refused("ann", "get", "secrets.yml", "$.ann.password")
    assert "is not what was encrypted" in error
    assert team.ok("ben", "get", "secrets.yml", "$.ben.password") == "ben-marker\n"
    team.file.write_text(team.file.read_text().replace("both:\n", "both:\n  new: x-marker\n"))
    done = team.run("ann", "encrypt", "secrets.yml")
    assert "changed by hand since it was signed" in done.stderr
    assert team.ok("ann", "get", "secrets.yml", "$.ann.host") == "evil.internal\n"


def test_verbose_tells_no_secret(team):
    """With -v the KEKs that are tried are named, and nothing that they wrap."""
    team.encrypted(append=True)
    wrapped = [
        line.split('"')[1] for line in team.file.read_text().split("\n") if "wrapped" in line
    ]
    for words in (["get", "-v", "secrets.yml", "$.both"], ["rotate", "-v", "-n", "secrets.yml"],
                  ["rewrap", "-v", "-n", "secrets.yml"], ["encrypt", "-v", "secrets.yml"],
                  ["decrypt", "-v", "secrets.yml"], ["keys", "-v", "secrets.yml"]):  # fmt: skip
        for name in ("ann", "admin", None):
            done = team.run(name, *words)
            assert "marker" not in done.stderr
            assert "AGE-SECRET" not in done.stderr
            assert not [one for one in wrapped if one[:20] in done.stderr]
            if name == "admin" and words[0] != "keys":
                assert f"opened by {team.kek('admin')}" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("[$.ann]", "[$.ben]", "two scopes have the same root", None),
        ("[$.ann]", "[$.anm]", "names nothing", None),
        ("[$.ann]", "[$./a/]", "a regular expression can't name a scope", 5),
        ("$.ann.password", "$.ben.password", "names nothing in its own scope", None),
        ("append:", "apend:", "unknown key 'apend'", 3),
        ("append: false", "append: yes", "true or false is expected", 3),
        ("paths: [$.both]", "path: [$.both]", "unknown key 'path'", 10),
        ("      - paths: [$.both]\n        keks", "      - keks", "key `paths` is missing", 10),
    ],
)  # fmt: skip
def test_mistakes_in_the_rule(team, old, new, says, line):
    """A mistake in the scopes of a rule leaves the plaintext alone and is named with its place."""
    config = team.folder / ".yamlvault.yml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new, 1))
    before = team.session.files()
    error = team.refused(None, "encrypt", "secrets.yml")
    assert says in error
    if line is not None:
        assert f".yamlvault.yml:{line}:" in error
    assert team.session.files() == before


def test_options_that_several_scopes_leave_no_meaning(team):
    """-k, --kek and --context are refused where they can't say which scope they mean."""
    error = team.refused(None, "encrypt", "-k", "$.ann", "secrets.yml", status=2)
    assert "the rule has several scopes" in error
    team.encrypted()
    kek = team.kek("ann")
    for command in ("rewrap", "rotate"):
        error = team.refused("admin", command, "--kek", kek, "secrets.yml", status=2)
        assert "has several scopes" in error
    assert "rewrap" in team.refused("admin", "encrypt", "--kek", kek, "secrets.yml", status=2)
