"""`yamlvault check`, in sessions with the installed program."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from yamlvault.check.finding import HINTS

ROOT = Path(__file__).parents[3]
FAR = "other/deep"


def check(session, *words, status=1, **settings):
    """Run check, which ends with a status; nothing of a file is quoted."""
    done = session.run("check", *words, **settings)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "marker" not in done.stdout + done.stderr
    assert "internal error" not in done.stderr
    return done


def codes(session, *words, **settings):
    """Return file and code of each finding."""
    done = session.run("check", "--json", *words, **settings)
    document = json.loads(done.stdout)
    found = [(one["file"], one["code"]) for one in document["findings"]]
    errors = any(one["severity"] == "error" for one in document["findings"])
    assert done.returncode == int(errors)
    return found


def git(session, *words):
    """Run git in the session's folder, and return what it prints."""
    name = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *name, *words],
        cwd=session.folder,
        env=session.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_plaintext_then_encrypted(ready):
    """A plaintext secret fails the check with its place and what to do; encrypted, it passes."""
    done = check(ready)
    assert done.stdout == (
        "secrets.yml:1:1: not encrypted: 4 scalars that are to be sealed (plaintext-file)\n"
    )
    assert "hint: plaintext-file: yamlvault encrypt FILE\n" in done.stderr
    assert "1 file checked: 1 error in 1 file\n" in done.stderr
    ready.ok("encrypt", "secrets.yml")
    done = check(ready, status=0)
    assert (done.stdout, done.stderr) == ("", "1 file checked: nothing found\n")


def test_neither_an_identity_nor_a_home_is_needed(encrypted):
    """The check passes for who can open nothing, and writes nothing."""
    before = encrypted.files()
    done = subprocess.run(
        [encrypted.program, "check"],
        cwd=encrypted.folder,
        env={"PATH": os.environ["PATH"], "HOME": "/nowhere"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert encrypted.files() == before


def test_new_plaintext_in_an_encrypted_file(encrypted):
    """A secret added in plaintext has a finding at its own line, and none quotes it."""
    text = encrypted.file.read_text().replace("  password:", "  token: new-marker\n  password:")
    encrypted.file.write_text(text)
    done = check(encrypted)
    assert done.stdout == (
        "secrets.yml:8:10: $.production.token: plaintext that is to be sealed (plaintext-scalar)\n"
    )
    encrypted.ok("encrypt", "secrets.yml")
    check(encrypted, status=0)


def test_folders(encrypted):
    """Folders are walked; hidden ones, those of others' code, and files of no concern are not."""
    for place in (".", FAR, ".hidden", "node_modules/x"):
        folder = encrypted.folder / place
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "my-secrets.yml").write_text("a: marker\n")
        (folder / "values.yml").write_text("yamlvault: {image: marker}\n")
        (folder / "notes.txt").write_text("yamlvault yv1.AAAAAAAA.AAAA")
    expected = [("my-secrets.yml", "plaintext-file"), (f"{FAR}/my-secrets.yml", "plaintext-file")]
    assert codes(encrypted) == expected
    assert codes(encrypted, ".", "secrets.yml", "other") == expected
    assert codes(encrypted, FAR) == expected[1:]
    assert codes(encrypted, ".hidden") == [(".hidden/my-secrets.yml", "plaintext-file")]


def test_links(encrypted):
    """A link is followed to its file, which is checked once; loops and dead links end nothing."""
    (encrypted.folder / "loop").symlink_to(".")
    (encrypted.folder / "dead-secrets.yml").symlink_to("nowhere")
    (encrypted.folder / ".#secrets.yml").symlink_to("me@host.1234")
    (encrypted.folder / "self-secrets.yml").symlink_to("self-secrets.yml")
    (encrypted.folder / "two-secrets.yml").symlink_to("secrets.yml")
    assert "1 file checked: nothing found" in check(encrypted, status=0).stderr
    assert codes(encrypted, "dead-secrets.yml", "self-secrets.yml") == [
        ("dead-secrets.yml", "unreadable-file"),
        ("self-secrets.yml", "unreadable-file"),
    ]


def test_pipes_and_other_kinds(encrypted):
    """A pipe does not hold the check up, in a folder or named; a folder can have a file's name."""
    os.mkfifo(encrypted.folder / "pipe-secrets.yml")
    (encrypted.folder / "folder-secrets.yml").mkdir()
    assert codes(encrypted) == []
    assert codes(encrypted, "pipe-secrets.yml") == [("pipe-secrets.yml", "unreadable-file")]
    assert codes(encrypted, "missing.yml") == [("missing.yml", "unreadable-file")]
    (encrypted.folder / "dangling.yml").symlink_to("nowhere.yml")
    for name, hint in (
        ("secret.yml", "is `secrets.yml` meant?"),
        ("dangling.yml", "it is a link"),
        ("no/such.yml", "there is no folder no"),
        ("quite-another", "check the name"),
    ):
        done = encrypted.run("check", name)
        assert f"{name}:1:1: there is no such file" in done.stdout
        assert f"hint: unreadable-file: {hint}" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable(encrypted):
    """A file or folder that can't be read is a finding, if it can matter."""
    for name in ("a-secrets.yml", "other.yml"):
        (encrypted.folder / name).write_text("a: 1\n")
        (encrypted.folder / name).chmod(0)
    (encrypted.folder / "closed").mkdir(mode=0)
    assert codes(encrypted) == [
        ("a-secrets.yml", "unreadable-file"),
        ("closed", "unreadable-file"),
    ]


def test_files_that_are_no_text(encrypted):
    """What a rule is for and is no YAML is a finding; another such file is not."""
    for name in ("a-secrets.yml", "other.yml"):
        (encrypted.folder / name).write_bytes(b"yv1.\xff\xfe\x00")
    (encrypted.folder / "b-secrets.yml").write_text("a: [marker\n")
    assert codes(encrypted) == [("a-secrets.yml", "not-yaml"), ("b-secrets.yml", "not-yaml")]


def test_named_files_without_a_rule(encrypted):
    """As pre-commit names all changed files: one without a rule is fine if it is plaintext."""
    (encrypted.folder / "other.yml").write_text("a: marker\n")
    (encrypted.folder / "moved.yml").write_bytes(encrypted.file.read_bytes())
    (encrypted.folder / "moved.txt").write_bytes(encrypted.file.read_bytes())
    assert codes(encrypted, "other.yml") == []
    assert codes(encrypted, "other.yml", "moved.yml") == [("moved.yml", "no-rule")]
    assert codes(encrypted) == [("moved.yml", "no-rule")]
    assert codes(encrypted, "moved.txt") == [("moved.txt", "no-rule")]


def test_a_rule_for_other_endings(encrypted):
    """A file that a rule is for is checked whatever it is called."""
    rule = encrypted.folder / ".yamlvault.yml"
    rule.write_text(rule.read_text().replace('"*secrets*.yml"', '"*secrets*.yml", "*.conf"'))
    (encrypted.folder / "app.conf").write_text("a: marker\n")
    assert codes(encrypted) == [("app.conf", "plaintext-file")]


def test_mistakes_in_the_rules(encrypted):
    """A mistake in `.yamlvault.yml` is one finding, however many files it is for."""
    rule = encrypted.folder / ".yamlvault.yml"
    rule.write_text(rule.read_text().replace("files:", "file:"))
    (encrypted.folder / "two-secrets.yml").write_text("a: marker\n")
    done = check(encrypted, "secrets.yml", "two-secrets.yml", ".yamlvault.yml")
    assert done.stdout == ".yamlvault.yml:3:5: unknown key 'file' (config)\n"
    assert "hint: config: is `files` meant?" in done.stderr
    (encrypted.folder / FAR).mkdir(parents=True)
    assert codes(encrypted, FAR, ".yamlvault.yml") == [(".yamlvault.yml", "config")]


def test_rules_of_a_folder_that_has_no_files(ready):
    """A `.yamlvault.yml` is read where it is met, and is no secret, whatever its rules say."""
    (ready.folder / FAR).mkdir(parents=True)
    (ready.folder / FAR / ".yamlvault.yml").write_text("rules: []\n")
    assert (f"{FAR}/.yamlvault.yml", "config") in codes(ready)
    (ready.folder / FAR / ".yamlvault.yml").unlink()
    rule = ready.folder / ".yamlvault.yml"
    rule.write_text(rule.read_text().replace('"*secrets*.yml"', '"*"'))
    assert codes(ready) == [("secrets.yml", "plaintext-file")]


def test_deep_mistakes(encrypted):
    """What only encrypting would show, a KEK that is none, is found in its place."""
    rule = encrypted.folder / ".yamlvault.yml"
    rule.write_text(rule.read_text().replace("age:age1", "age:age2"))
    done = check(encrypted)
    assert ".yamlvault.yml:8:9: 'age2" in done.stdout
    assert "is not an age recipient (config)" in done.stdout


def test_nothing_to_check(session):
    """Where nothing is encrypted and no rule is for a file, the summary says so."""
    done = check(session)
    said, hint = done.stderr.splitlines()
    assert said == "no file here is encrypted, and no rule is for one"
    assert hint.startswith("hint: go to the folder with the files")


def test_json(ready):
    """The JSON document has the fields that the page gives, and no other text beside it."""
    done = check(ready, "--json")
    assert json.loads(done.stdout) == {
        "version": 1,
        "checked": 1,
        "findings": [
            {
                "code": "plaintext-file",
                "file": "secrets.yml",
                "line": 1,
                "column": 1,
                "path": "",
                "message": "not encrypted: 4 scalars that are to be sealed",
                "hint": "yamlvault encrypt FILE",
                "severity": "error",
            }
        ],
    }
    assert check(ready, "--format", "json").stdout == done.stdout
    ready.ok("encrypt", "secrets.yml")
    assert json.loads(check(ready, "--json", status=0).stdout)["findings"] == []


def test_annotations(ready):
    """Annotations of GitHub Actions are one command a line, whatever a file is called."""
    name = "a,b:c%d\ne-secrets.yml"
    ready.file.rename(ready.folder / name)
    done = check(ready, "--format", "github")
    assert done.stdout == (
        "::error file=a%2Cb%3Ac%25d%0Ae-secrets.yml,line=1,col=1,title=plaintext-file::"
        "not encrypted: 4 scalars that are to be sealed%0Ahint: yamlvault encrypt FILE\n"
    )
    done = check(ready)
    assert done.stdout.startswith("a,b:c%d\\ne-secrets.yml:1:1: ")
    assert done.stdout.count("\n") == 1


def test_names_that_are_not_utf_8(ready):
    """A file's name can be any bytes."""
    os.rename(os.fsencode(ready.file), os.fsencode(ready.folder) + b"/\xff-secrets.yml")
    for form in ("text", "json", "github"):
        assert "plaintext-file" in check(ready, "--format", form).stdout
    assert codes(ready) == [("\udcff-secrets.yml", "plaintext-file")]


def test_warnings_do_not_fail(team):
    """What an appending developer leaves behind is a warning: they can't rotate."""
    team.encrypted(append=True)
    team.ok(None, "set", "secrets.yml", "$.ann.password", input="other")
    done = check(team.session, status=0)
    assert "warning: scope $.ann has 2 data keys" in done.stdout
    assert "(several-data-keys)" in done.stdout
    assert "1 file checked: 1 warning in 1 file" in done.stderr
    assert check(team.session, "--format", "github", status=0).stdout.startswith("::warning file=")


def test_drift_after_the_rules_changed(team):
    """After a change of the rule each scope that differs is named, until `rewrap` was run."""
    team.encrypted()
    team.rule(ann="admin")
    done = check(team.session)
    assert f"scope $.ann is for {team.kek('ann')}, but not by its rule" in done.stdout
    assert done.stdout.count("(kek-not-in-rule)") == 1
    team.ok("admin", "rewrap", "secrets.yml")
    check(team.session, status=0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-"], "standard input has no name"),
        (["--json", "--format", "text"], "not allowed"),
        (["--format", "xml"], "invalid choice"),
        (["--stagd"], "--stagd"),
    ],
)
def test_wrong_usage(ready, words, says):
    """A wrong command line ends with status 2."""
    assert says in ready.refused("check", *words, status=2)


def test_a_reader_that_goes_away(ready):
    """Findings that nobody reads end the program quietly."""
    for number in range(3000):
        (ready.folder / f"secrets-{number}.yml").write_text("a: 1\n")
    done = subprocess.run(
        ["bash", "-c", '"$0" check | head -n 1; echo "${PIPESTATUS[0]}"', ready.program],
        cwd=ready.folder,
        env=ready.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("\n1\n")
    assert "Traceback" not in done.stderr
    assert "error" not in done.stderr


def test_every_code_is_documented():
    """Each code that a finding can have has its row on the page."""
    page = (ROOT / "docs" / "check.md").read_text()
    assert [code for code in HINTS if f"| `{code}` |" not in page] == []


class TestStaged:
    """`--staged`: what stands in git's index."""

    @pytest.fixture
    def repository(self, ready):
        git(ready, "init", "-q")
        return ready

    def test_what_is_staged_counts(self, repository):
        """The content in the index is checked, with the rules that are there."""
        assert codes(repository, "--staged") == []  # nothing is staged yet
        git(repository, "add", "secrets.yml")
        # the rules are not: without them nothing would be found in this commit
        assert codes(repository, "--staged") == [(".yamlvault.yml", "config")]
        git(repository, "add", ".")
        repository.ok("encrypt", "secrets.yml")
        assert codes(repository) == []
        assert codes(repository, "--staged") == [("secrets.yml", "plaintext-file")]
        git(repository, "add", ".")
        repository.file.write_text("a: marker\n")
        assert codes(repository) == [("secrets.yml", "plaintext-file")]
        assert codes(repository, "--staged") == []
        (repository.folder / ".yamlvault.yml").write_text("rules: []\n")
        assert codes(repository, "--staged") == []

    def test_rules_that_are_not_staged(self, repository):
        """Rules that the commit will not have are an error, with the command that stages them."""
        git(repository, "add", "secrets.yml")
        done = repository.run("check", "--staged")
        assert done.returncode == 1
        assert "in the work tree, but not in the index" in done.stdout
        assert done.stderr.endswith("\n1 error in 1 file\n")
        assert "git add .yamlvault.yml" in done.stderr

    def test_a_rule_that_is_not_staged(self, repository):
        """What only a rule of the work tree is for is an error, if that rule finds plaintext."""
        rules = repository.folder / ".yamlvault.yml"
        text = rules.read_text()
        rules.write_text(text.replace("*secrets*", "*nothing*"))
        git(repository, "add", ".")
        assert codes(repository, "--staged") == []
        rules.write_text(text)
        assert codes(repository, "--staged") == [("secrets.yml", "plaintext-file")]
        done = repository.run("check", "--staged")
        assert "to be sealed, by a rule that is not staged" in done.stdout
        assert "1 file checked: 1 error in 1 file\n" in done.stderr
        assert "git add .yamlvault.yml" in done.stderr
        repository.ok("encrypt", "secrets.yml")
        git(repository, "add", "secrets.yml")
        assert codes(repository, "--staged") == [("secrets.yml", "no-rule")]
        git(repository, "rm", "-q", "--cached", "secrets.yml")
        assert codes(repository, "--staged") == []

    def test_folders(self, repository):
        """Names are relative to the folder it runs in, and only what is below them is checked."""
        (repository.folder / "a b").mkdir()
        for name in ("a b/x-secrets.yml", ":!secrets.yml"):
            (repository.folder / name).write_text("a: marker\n")
        git(repository, "add", ".")
        assert codes(repository, "--staged", "a b") == [("a b/x-secrets.yml", "plaintext-file")]
        assert codes(repository, "--staged", ":!secrets.yml") == [
            (":!secrets.yml", "plaintext-file")
        ]
        below = repository.folder / "a b"
        done = subprocess.run(
            [repository.program, "check", "--staged"],
            cwd=below,
            env=repository.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.startswith("x-secrets.yml:1:1: not encrypted")

    def test_conflicts_links_and_removed_files(self, repository):
        """Links are no files of their own, what was removed is gone, conflicts have one name."""
        repository.ok("encrypt", "secrets.yml")
        (repository.folder / "link-secrets.yml").symlink_to("secrets.yml")
        git(repository, "add", ".")
        git(repository, "commit", "-qm", "one")
        text = repository.file.read_text()
        for branch in ("left", "right"):
            git(repository, "checkout", "-q", "-B", branch)
            repository.file.write_text(text.replace("  port:", f"  port: {branch} #"))
            git(repository, "commit", "-qam", branch)
            git(repository, "checkout", "-q", "HEAD~1")
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x", "cherry-pick", "left", "right"],
            cwd=repository.folder,
            env=repository.environment,
            capture_output=True,
            check=False,
        )
        assert [code for _, code in codes(repository)] == ["merge-conflict"]
        assert codes(repository, "--staged", "secrets.yml") == [("secrets.yml", "merge-conflict")]
        git(repository, "rm", "-qf", "secrets.yml")
        assert codes(repository, "--staged") == []

    def test_refusals(self, ready):
        """No repository, an unknown name, or no git: one error, and no pass by mistake."""
        error = ready.refused("check", "--staged")
        assert "not a git repository" in error
        assert "hint: without --staged" in error
        git(ready, "init", "-q")
        git(ready, "add", ".yamlvault.yml")
        for name, says, hint in (
            ("secret.yml", "secret.yml: there is no such file", "is `secrets.yml` meant?"),
            ("secrets.yml", "secrets.yml: nothing of it is in git's index", "git add secrets.yml"),
        ):
            error = ready.refused("check", "--staged", ".yamlvault.yml", name)
            assert says in error
            assert f"hint: {hint}" in error
        error = ready.refused("check", "--staged", env={"PATH": "/nowhere"})
        assert "needs git" in error

    def test_as_a_hook_of_git(self, repository):
        """As a pre-commit hook of git itself it lets only encrypted secrets through."""
        hook = repository.folder / ".git/hooks/pre-commit"
        hook.write_text(f"#!/bin/sh\nexec {repository.program} check --staged\n")
        hook.chmod(0o755)
        git(repository, "add", ".")
        with pytest.raises(AssertionError, match="plaintext-file"):
            git(repository, "commit", "-m", "one")
        repository.ok("encrypt", "secrets.yml")
        git(repository, "commit", "-qam", "one")
        assert "secrets.yml" in git(repository, "ls-files")


def test_a_folder_with_nothing_to_check(session):
    """In a folder where no rule is for a file, and none is encrypted, no pipeline is green."""
    done = session.run("check")
    assert done.returncode == 1
    assert "no rule is for one" in done.stderr
    (session.folder / "empty").mkdir()
    assert session.run("check", "empty").returncode == 1
    assert session.run("check", "secrets.yml").returncode == 0  # pre-commit names any file
