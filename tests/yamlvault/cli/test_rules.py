"""`yamlvault rules`, in sessions with the installed program."""

from __future__ import annotations

import json

import pytest


def rules(team, text):
    """Write `.yamlvault.yml`, with KEKs in place of names."""
    for name in team.identities:
        text = text.replace(f"<{name}>", f'"{team.kek(name)}"')
    (team.folder / ".yamlvault.yml").write_text(text)


FULL = """\
rules:
  - files: [other.yml, "config/*.yml"]
    keks: <admin>
  - files: secrets.yml
    keks: [<admin>, {kek: "aws-kms:alias/shop", profile: ops}]
    context: {app: shop}
    scopes:
      - {paths: $.ann, seal: [$.ann.password, $.ann.tokn]}
      - {paths: $.ben, keks: <ben>, append: true}
  - {files: "*.yml", keks: <admin>}
"""


def test_which_rule_and_why(team):
    """All rules are shown with what matched, and what the one that holds makes of the file."""
    rules(team, FULL)
    done = team.run(None, "rules", "secrets.yml")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "secrets.yml: rule 2 of .yamlvault.yml (line 4)",
        "  rule 1: other.yml does not match",
        "  rule 1: config/*.yml does not match",
        "  rule 2: secrets.yml matches",
        "  rule 3: *.yml matches, but rule 2 comes first",
        "  scope $.ann (1 node)",
        "    seals $.ann.password (1 scalar), $.ann.tokn (names nothing)",
        f"    for {team.kek('admin')}, inherited",
        "    for aws-kms:alias/shop (profile ops), inherited",
        "    context app=shop, inherited",
        "  scope $.ben (1 node)",
        "    seals $.ben (1 scalar)",
        f"    for {team.kek('ben')}",
        "    context app=shop, inherited",
        "    who can't open it may add to it",
        "  in no scope, so that anybody can change it: $.name, $.both",
        "  the file: not encrypted",
        "    line 1: not encrypted: 2 scalars that are to be sealed (plaintext-file)",
        "      yamlvault encrypt FILE",
    ]


def test_a_file_that_is_not_there_yet(team):
    """The rule of a file can be asked for before there is one, in a folder that is not there."""
    rules(team, FULL)
    done = team.ok(None, "rules", "config/new.yml", "new/deep/x.yml")
    assert "config/new.yml: rule 1 of .yamlvault.yml (line 2)\n" in done
    assert "the file: not there yet; this rule will be its" in done
    assert "new/deep/x.yml: rule 3 of .yamlvault.yml (line 10)\n" in done
    assert "names nothing" not in done


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("Other.txt", ""),
        ("x/config/a.yaml", "config/*.yml is nearest"),
        ("secret.ini", "secrets.yml is nearest"),
        ("a/config/secrets.yaml", "secrets.yml would match, but for the ending"),
        ("SECRETS.yml", "secrets.yml would match, but for upper and lower case"),
        ("secrets.yaml", "secrets.yml would match, but for the ending"),
        ("lib/config/b.yml", "config/*.yml matches its name, but not its folder"),
    ],
)
def test_no_rule(team, file, says):
    """Without a rule all patterns are shown, with what they are matched with and what is near."""
    rules(team, FULL.replace('  - {files: "*.yml", keks: <admin>}\n', ""))
    done = team.run(None, "rules", file)
    assert done.returncode == 1
    first, *lines, last = done.stdout.splitlines()
    assert first == f"{file}: no rule in .yamlvault.yml is for it"
    assert len(lines) == 3
    assert last == f"  patterns are matched with {file}" + (f"; {says}" if says else "")


def test_no_configuration(session):
    """Without a `.yamlvault.yml` it says where one was looked for."""
    done = session.run("rules", "secrets.yml")
    assert done.returncode == 1
    assert done.stdout.startswith("secrets.yml: no rule: there is no .yamlvault.yml")


def test_the_nearest_configuration(team):
    """The nearest `.yamlvault.yml` is named, seen from the folder it runs in."""
    rules(team, FULL)
    (team.folder / "sub").mkdir()
    (team.folder / "sub/.yamlvault.yml").write_text("rules:\n- {files: x.yml, keks: 'passphrase:'}")
    assert "sub/x.yml: rule 1 of sub/.yamlvault.yml (line 2)" in team.ok(None, "rules", "sub/x.yml")
    assert "no rule in sub/.yamlvault.yml" in team.run(None, "rules", "sub/secrets.yml").stdout


def test_what_differs(team):
    """Of an encrypted file it is said how it differs from its rule, without an identity."""
    team.encrypted()
    assert team.ok(None, "rules", "secrets.yml").endswith("  the file: encrypted\n")
    team.rule(ben="admin")
    said = team.ok(None, "rules", "secrets.yml")
    assert f"scope $.ben is for {team.kek('ben')}, but not by its rule (kek-not-in-rule)" in said
    assert "yamlvault rewrap FILE" in said


@pytest.mark.parametrize("content", [b"a: [", b"\xff", b"yamlvault: {format: 9}\n"])
def test_a_file_that_cannot_be_read(team, content):
    """A file that is no YAML or of another version has its rule all the same."""
    rules(team, FULL)
    team.file.write_bytes(content)
    done = team.run(None, "rules", "secrets.yml")
    assert done.returncode == 0
    assert "  the file: " in done.stdout
    assert "internal error" not in done.stderr


def test_json(team):
    """The JSON document says the same."""
    rules(team, FULL)
    (one, two) = json.loads(team.run(None, "rules", "--json", "secrets.yml", "x").stdout)["files"]
    assert one["rule"] == 2
    assert one["config"] == str(team.folder / ".yamlvault.yml")
    assert one["rules"][2] == {
        "number": 3,
        "line": 10,
        "patterns": [{"pattern": "*.yml", "matches": True}],
    }
    assert one["scopes"][0] == {
        "paths": [{"path": "$.ann", "nodes": 1}],
        "seal": [
            {"path": "$.ann.password", "scalars": 1},
            {"path": "$.ann.tokn", "scalars": 0},
        ],
        "keks": [{"kek": team.kek("admin")}, {"kek": "aws-kms:alias/shop", "profile": "ops"}],
        "context": {"app": "shop"},
        "append": False,
        "inherited": ["keks", "context"],
    }
    assert one["state"] == "plaintext"
    assert [finding["code"] for finding in one["findings"]] == ["plaintext-file"]
    assert (two["rule"], two["state"], two["scopes"]) == (None, None, [])


def test_a_mistake_in_the_rules(team):
    """A mistake is an error with its place."""
    rules(team, FULL.replace("seal:", "seals:"))
    error = team.refused(None, "rules", "secrets.yml")
    assert ".yamlvault.yml:8:24: unknown key 'seals'\nhint: is `seal` meant?" in error


def test_schema(session):
    """The schema that is shipped is printed, from any folder."""
    schema = json.loads(session.ok("rules", "--schema"))
    assert schema["title"] == ".yamlvault.yml"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "a FILE is missing"),
        (["-"], "standard input has no name"),
        (["--schema", "x.yml"], "takes no FILE"),
        (["--schema", "--json"], "not allowed"),
    ],
)
def test_wrong_usage(session, words, says):
    """A wrong command line ends with status 2."""
    assert says in session.refused("rules", *words, status=2)
