"""`yamlvault rewrap`: the KEKs of files as their rules have them."""

from __future__ import annotations

import os
import subprocess

import pytest

NOTHING = "its stanzas are as its rule says; nothing to rewrap"


def sealed(text: str) -> list[str]:
    return [line for line in text.splitlines() if ": yv1." in line]


def test_a_rule_that_changed(team):
    """Who is new in the rule opens the file, who is no more in it does not."""
    team.encrypted()
    before = team.file.read_text()
    team.rule(ann="ben admin")
    done = team.run("admin", "rewrap", "secrets.yml")
    assert done.returncode == 0
    assert done.stdout == ""
    line, hint = done.stderr.splitlines()
    assert line == f"secrets.yml: rewrapped, + {team.kek('ben')}, - {team.kek('ann')}"
    assert "yamlvault rotate" in hint
    assert sealed(team.file.read_text()) == sealed(before)
    assert team.ok("ben", "get", "secrets.yml", "$.ann.password") == "ann-marker\n"
    assert "scope $.ann" in team.refused("ann", "get", "secrets.yml", "$.ann.password")
    done = team.run("admin", "rewrap", "secrets.yml")
    assert (done.returncode, done.stderr) == (0, f"secrets.yml: {NOTHING}\n")


def test_fresh(team):
    """--fresh wraps anew for the same KEKs."""
    team.encrypted()
    before = team.file.read_text()
    assert (
        "secrets.yml: rewrapped\n" in team.run("admin", "rewrap", "--fresh", "secrets.yml").stderr
    )
    assert team.file.read_text() != before
    assert sealed(team.file.read_text()) == sealed(before)
    assert team.ok("admin", "decrypt", "secrets.yml") == team.plain


@pytest.mark.parametrize("option", ["-n", "--dry-run"])
def test_dry_run(team, option):
    """A dry run says what would be done, finds the same errors, and writes nothing."""
    team.encrypted()
    before = team.session.files()
    team.rule(ann="ben admin")
    before[".yamlvault.yml"] = (team.folder / ".yamlvault.yml").read_bytes()
    done = team.run("admin", "rewrap", option, "secrets.yml")
    assert "secrets.yml: would be rewrapped, + " in done.stderr
    assert "scope $.ben: none of" in team.refused("ann", "rewrap", option, "secrets.yml")
    assert team.session.files() == before
    assert not (team.session.home / ".local").exists()


def test_a_folder(team):
    """In a folder all encrypted files that a rule is for are rewrapped, and no others."""
    for name in ("a-secrets.yml", "b-secrets.yaml", "sub/c-secrets.json", ".git/d-secrets.yml"):
        path = team.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(team.plain if "json" not in name else _json(team.plain))
        team.ok(None, "encrypt", name)
    others = {
        "plain-secrets.yml": "see: yamlvault\n",
        "other.yml": (team.folder / "a-secrets.yml").read_text(),
        "secrets.txt": "yamlvault: 1\n",
        "empty-secrets.yml": "",
    }
    for name, text in others.items():
        (team.folder / name).write_text(text)
    (team.folder / ".#a-secrets.yml").symlink_to("somebody@elsewhere.1")
    (team.folder / "again-secrets.yml").symlink_to("a-secrets.yml")
    (team.folder / "loop").symlink_to(".")
    os.mkfifo(team.folder / "pipe-secrets.yml")
    team.file.unlink()
    hidden = (team.folder / ".git/d-secrets.yml").read_bytes()
    team.rule(ann="ben admin")
    done = team.run("admin", "rewrap", ".")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(": rewrapped, ") == 3
    assert done.stderr.endswith("\n3 of 3 files rewrapped\n")
    assert (team.folder / ".git/d-secrets.yml").read_bytes() == hidden
    for name, text in others.items():
        assert (team.folder / name).read_text() == text
    assert (team.folder / "again-secrets.yml").is_symlink()
    for name in ("a-secrets.yml", "b-secrets.yaml", "sub/c-secrets.json"):
        assert team.ok("ben", "get", name, "$.ann.password") == "ann-marker\n"


def _json(text: str) -> str:
    import json

    import yaml

    return json.dumps(yaml.safe_load(text))


def test_a_damaged_file_in_a_folder(team):
    """A file in a folder that can't be read as encrypted is named, and the others are done."""
    team.encrypted()
    (team.folder / "a-secrets.yml").write_text("yamlvault: {\nmarker")
    (team.folder / "b-secrets.yml").write_text("yamlvault:\n  format: 7\n")
    team.rule(ann="ben admin")
    done = team.run("admin", "rewrap", ".")
    assert done.returncode == 1
    assert "a-secrets.yml:" in done.stderr
    assert "b-secrets.yml:" in done.stderr
    assert "marker" not in done.stderr
    assert "secrets.yml: rewrapped, " in done.stderr
    assert "1 of 3 files rewrapped, 2 failed" in done.stderr


def test_one_that_fails(team):
    """A file that fails does not keep the others from being rewrapped; the status tells."""
    team.encrypted()
    team.rule(ann="ben admin")
    done = team.run("admin", "rewrap", "missing-secrets.yml", "secrets.yml", "secrets.yml")
    assert done.returncode == 1
    assert "missing-secrets.yml: there is no such file" in done.stderr
    assert "1 of 2 files rewrapped, 1 failed" in done.stderr


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([], 2, "FILE"),
        (["-"], 2, "standard input has no place"),
        (["empty"], 2, "there is no encrypted file"),
        (["plain-secrets.yml"], 1, "not encrypted"),
        (["--kek", "age:age1x", "whole.yml"], 1, "'age1x' is not an age recipient"),
        (["--context", "a=b", "whole.yml"], 2, "--context needs --kek"),
        (["--context", "ab", "whole.yml"], 2, "NAME=VALUE is expected"),
        (["--timeout", "0", "whole.yml"], 2, "a number of seconds"),
        (["whole.yml"], 2, "no rule is for this file"),
        (["--restart", "whole.yml"], 2, "unrecognized arguments"),
    ],
)
def test_refusals(team, words, status, says):
    """What can't be done leaves every file alone and is said in one line with a hint."""
    (team.folder / "whole.yml").write_text("a: 1\n")
    team.ok(None, "encrypt", "--kek", team.kek("admin"), "whole.yml")
    (team.folder / "plain-secrets.yml").write_text("a: 1\n")
    (team.folder / "empty").mkdir()
    before = (team.folder / "whole.yml").read_bytes()
    error = team.refused("admin", "rewrap", *words, status=status)
    assert says in error
    assert (team.folder / "whole.yml").read_bytes() == before


def test_kek_on_the_command_line(team):
    """--kek says who opens a file of one scope, whether a rule is for it or not."""
    (team.folder / "whole.yml").write_text("a: 1\n")
    team.ok(None, "encrypt", "--kek", team.kek("ann"), "whole.yml")
    team.ok("ann", "rewrap", "--kek", team.kek("ben"), "--kek", team.kek("admin"), "whole.yml")
    assert team.ok("ben", "get", "whole.yml", "$.a") == "1\n"
    assert "none of the file's KEKs" in team.refused("ann", "get", "whole.yml")


def test_other_scopes_than_the_rule(team):
    """A file whose scopes are not those of the rule is refused, with what to do."""
    team.encrypted()
    config = team.folder / ".yamlvault.yml"
    config.write_text(config.read_text().replace("[$.both]", "[$.both.token]"))
    before = team.session.files()
    error = team.refused("admin", "rewrap", "secrets.yml")
    assert "the file has a scope $.both, which the rule does not have" in error
    assert "decrypt -i" in error
    assert team.session.files() == before


def test_append_taken_back(team):
    """`append` is given and taken by the rule; where it was used, rotate comes first."""
    team.encrypted(append=True)
    team.rule()
    team.ok("admin", "rewrap", "secrets.yml")
    assert "append:" not in team.file.read_text()
    team.rule(append=True)
    team.ok("admin", "rewrap", "secrets.yml")
    team.ok(None, "set", "secrets.yml", "$.ben.x", input="v")
    team.rule()
    error = team.refused("admin", "rewrap", "secrets.yml")
    assert "has 2 data keys, which `append: false` does not allow" in error
    assert "1 more data key folded in" in team.run("admin", "rotate", "secrets.yml").stderr
    assert "append:" not in team.file.read_text()


def test_a_link_and_a_mode(team):
    """A link stays a link, and a file keeps its mode."""
    team.encrypted()
    team.file.chmod(0o640)
    (team.folder / "link-secrets.yml").symlink_to("secrets.yml")
    team.rule(ann="ben admin")
    team.ok("admin", "rewrap", "link-secrets.yml")
    assert (team.folder / "link-secrets.yml").is_symlink()
    assert team.file.stat().st_mode & 0o777 == 0o640
    assert team.ok("ben", "get", "secrets.yml", "$.ann.password") == "ann-marker\n"


def test_a_file_that_may_not_be_written(team):
    """A file without write permission is left alone."""
    team.encrypted()
    team.file.chmod(0o444)
    team.rule(ann="ben admin")
    before = team.file.read_bytes()
    assert "read-only" in team.refused("admin", "rewrap", "secrets.yml")
    assert team.file.read_bytes() == before


def test_a_disk_that_is_full(team):
    """Where the new file does not fit, the old one stays whole and nothing is left beside it."""
    team.encrypted()
    before = team.session.files()
    team.rule(ann="ben admin")
    before[".yamlvault.yml"] = (team.folder / ".yamlvault.yml").read_bytes()
    script = 'trap "" XFSZ; ulimit -f 1; exec "$0" rewrap secrets.yml'
    done = subprocess.run(
        ["sh", "-c", script, team.session.program],
        cwd=team.folder,
        env=team.session.environment | team.env("admin"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "secrets.yml: can't be written: File too large" in done.stderr
    assert team.session.files() == before
