"""`yamlvault git install`, `status` and `uninstall` in real repositories."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess

import pytest

SETTINGS = ("diff.yamlvault.textconv", "diff.yamlvault.cachetextconv", "merge.yamlvault.driver")


def state(repository):
    """Return what install can change."""
    attributes = repository.folder / ".gitattributes"
    return (
        (repository.folder / ".git" / "config").read_bytes(),
        attributes.read_bytes() if attributes.exists() else None,
    )


def test_what_is_set(session, bare):
    """The clone's configuration names this program by its path, and keeps no plaintext."""
    done = session.run("git", "install")
    assert done.returncode == 0
    assert "next: commit .gitattributes" in done.stderr
    textconv, cache, driver = (bare.git("config", "--local", name).strip() for name in SETTINGS)
    assert textconv == f"{shlex.quote(session.program)} git textconv --"
    assert cache == "false"
    assert driver == f"{shlex.quote(session.program)} git merge -- %O %A %B %L %P"
    assert "secrets.yml: diff: yamlvault" in bare.git("check-attr", "diff", "--", "secrets.yml")
    assert session.ok("git", "status") == "all is set, for 1 file\n"


def test_twice(session, bare):
    """Running it again changes nothing, not even the times of the files."""
    session.ok("git", "install")
    before = state(bare)
    files = [bare.folder / ".git" / "config", bare.folder / ".gitattributes"]
    times = [file.stat().st_mtime_ns for file in files]
    done = session.run("git", "install")
    assert "all is set already" in done.stderr
    assert "next: commit .gitattributes" in done.stderr
    assert state(bare) == before
    assert [file.stat().st_mtime_ns for file in files] == times
    bare.commit()
    assert "next:" not in session.run("git", "install").stderr


@pytest.mark.parametrize(
    "attributes",
    [
        None,
        b"*.png binary\n",
        b"*.png binary",
        b"*.png binary\r\n# so\r\n",
        b"*.png binary\r\n# so",
        b"\xff\xfe \x85 -text\n\n\n",
        b"\n",
    ],
)
def test_uninstall_undoes_it(session, bare, attributes):
    """Afterwards the configuration and .gitattributes are byte for byte what they were."""
    bare.git("config", "diff.other.textconv", "cat")
    if attributes is not None:
        (bare.folder / ".gitattributes").write_bytes(attributes)
    before = state(bare)
    session.ok("git", "install")
    assert state(bare)[1] != before[1]
    session.ok("git", "install")
    assert bare.git("check-attr", "merge", "--", "secrets.yml").endswith(": yamlvault\n")
    session.ok("git", "uninstall")
    assert state(bare) == before
    session.ok("git", "uninstall")
    assert state(bare) == before


def test_changed_rules(session, bare):
    """The lines follow the rules, where they stand; all others stay as they are."""
    path = bare.folder / ".gitattributes"
    path.write_bytes(b"*.png binary\n")
    session.ok("git", "install")
    path.write_bytes(path.read_bytes() + b"*.jpg   binary # not touched\n")
    rules = bare.folder / ".yamlvault.yml"
    rules.write_text(rules.read_text().replace('"*secrets*.yaml"', '"config/*.yml"'))
    session.ok("git", "install")
    lines = path.read_bytes().splitlines()
    assert lines[0] == b"*.png binary"
    assert lines[2:4] == [
        b"*secrets*.yml diff=yamlvault merge=yamlvault",
        b"config/*.yml diff=yamlvault merge=yamlvault",
    ]
    assert lines[5] == b"*.jpg   binary # not touched"


def test_others_for_the_same_files(session, bare):
    """Who says something else of the same files is named."""
    (bare.folder / ".gitattributes").write_text("*secrets*.yml merge=union eol=lf\n")
    done = session.run("git", "install")
    assert ".gitattributes:1: merge=union for the same files is overridden now" in done.stderr
    (bare.folder / ".git" / "info").mkdir(exist_ok=True)
    (bare.folder / ".git" / "info" / "attributes").write_text("*.yml -diff\n")
    done = session.run("git", "install")
    assert "secrets.yml: its attribute diff is unset, not yamlvault" in done.stderr
    assert session.run("git", "status").returncode == 1


def test_a_block_without_an_end(session, bare):
    """What a merge has left of the lines is not guessed at."""
    session.ok("git", "install")
    path = bare.folder / ".gitattributes"
    path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:-2]))
    before = state(bare)
    said = session.refused("git", "install")
    assert ".gitattributes:1: the start or the end" in said
    assert state(bare) == before


def test_a_folder_with_rules_of_its_own(session, bare):
    """Patterns count from the folder of their .yamlvault.yml, in a folder below and from there."""
    folder = bare.folder / "our apps"
    (folder / "deep").mkdir(parents=True)
    rules = (bare.folder / ".yamlvault.yml").read_text()
    patterns = 'files: ["*vault*.yml", "deep/*.yaml", "/top.yml"]'
    line = next(line for line in rules.splitlines() if "files:" in line)
    (folder / ".yamlvault.yml").write_text(rules.replace(line, f"  - {patterns}"))
    session.ok("git", "install")
    wanted = {
        "our apps/vault.yml": "yamlvault",
        "our apps/deep/my vault.yml": "yamlvault",
        "our apps/deep/x.yaml": "yamlvault",
        "our apps/x.yaml": "unspecified",
        "our apps/top.yml": "yamlvault",
        "our apps/deep/top.yml": "unspecified",
        "vault.yml": "unspecified",
        "top.yml": "unspecified",
    }
    found = bare.git("check-attr", "-z", "diff", "--", *wanted).split("\0")
    assert dict(zip(found[::3], found[2::3], strict=False)) == wanted


def test_rules_above_the_work_tree(session):
    """Of rules above a work tree those patterns count that can mean files in it."""
    session.ok("init", "*secrets*.yml", "inner/a b/*.yml", "other/*.yml", "**/x.yml")
    inner = session.folder / "inner"
    inner.mkdir()
    session.environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    for words in (["git", "init", "-q"], [session.program, "git", "install"]):
        subprocess.run(words, cwd=inner, env=session.environment, check=True, capture_output=True)
    lines = (inner / ".gitattributes").read_text().splitlines()[1:-1]
    assert [line.removesuffix(" diff=yamlvault merge=yamlvault") for line in lines] == [
        "*secrets*.yml",
        '"a b/*.yml"',
        "**/x.yml",
    ]


def test_a_path_with_blanks(bare, session, tmp_path):
    """Git starts the program from a path with blanks, quotes and a percent sign."""
    folder = tmp_path / "it's 100% here"
    folder.mkdir()
    program = folder / "yamlvault"
    shutil.copy(session.program, program)
    session.ok("git", "install", "--program", shlex.quote(str(program)))
    assert session.ok("git", "status") == "all is set, for 1 file\n"
    bare.commit()
    session.ok("set", "secrets.yml", "$.production.password", input="new-marker")
    assert "+  password: new-marker" in bare.git("diff")
    assert bare.git("config", "merge.yamlvault.driver").count("100%%") == 1


def test_status(session, bare):
    """What is missing is named one by one; the status tells, too."""
    done = session.run("git", "status")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "diff.yamlvault.textconv is not set",
        "merge.yamlvault.driver is not set",
        "diff.yamlvault.cachetextconv is not false: git would keep plaintext among its objects",
        "secrets.yml: its attribute diff is unspecified, not yamlvault",
        "secrets.yml: its attribute merge is unspecified, not yamlvault",
        "run: yamlvault git install",
    ]
    session.ok("git", "install", "--program", "/none/yamlvault")
    assert "starts a program that is not there" in session.run("git", "status").stdout
    session.ok("git", "install")
    bare.git("config", "--local", "diff.yamlvault.cachetextconv", "true")
    report = json.loads(session.run("git", "status", "--json").stdout)
    assert report["ok"] is False
    assert report["files"] == {"secrets.yml": {"diff": "yamlvault", "merge": "yamlvault"}}
    assert len(report["problems"]) == 1


def test_outside_of_a_repository(session):
    """Without a repository, or without a git, there is one clear error."""
    for words in (["install"], ["uninstall"], ["status"]):
        assert "not a git repository" in session.refused("git", *words)
        said = session.refused("git", *words, env={"PATH": "/none"})
        assert "git is not installed" in said


def test_without_rules(session, bare):
    """Without a .yamlvault.yml nothing is changed."""
    (bare.folder / ".yamlvault.yml").unlink()
    before = state(bare)
    assert "no .yamlvault.yml" in session.refused("git", "install")
    assert state(bare) == before


def test_a_linked_worktree(session, bare):
    """A linked work tree shares the settings; its .gitattributes is its own."""
    linked = bare.folder.parent / "linked"
    bare.git("worktree", "add", "-q", "--detach", str(linked))
    done = subprocess.run(
        [session.program, "git", "install"],
        cwd=linked,
        env=session.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (linked / ".gitattributes").exists()
    assert not (bare.folder / ".gitattributes").exists()
    assert bare.git("config", "--local", SETTINGS[1]) == "false\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("git",), "SUBCOMMAND"),
        (("git", "instal"), "is `install` meant?"),
        (("git", "install", "--globl"), "--globl"),
        (("git", "textconv"), "FILE"),
    ],
)
def test_typos(session, words, said):
    """A wrong subcommand or option is wrong usage, and what is near is named."""
    assert said in session.refused(*words, status=2)


def test_help(session):
    """The help of the command lists the subcommands, that of a subcommand its options."""
    top = session.ok("git", "--help")
    for name in ("install", "uninstall", "status", "merge", "textconv"):
        assert re.search(rf"^    {name}\s+\w", top, re.MULTILINE)
    assert "--program" in session.ok("git", "install", "--help")
    assert "git" in session.ok("--help")
