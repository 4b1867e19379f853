"""What real git shows of encrypted files: git diff, log, show, blame, commit -v."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from servers.faults import hang

PLAIN = "a: s3cr\n"

MARK = re.compile(r"<sealed [\w-]{16}>")


def set_password(session, value, file="secrets.yml", **settings):
    session.ok("set", file, "$.production.password", input=value, **settings)


def test_diff_shows_values(repository, changed):
    """Who can open a file sees the old and the new value, and nothing of ciphers or MACs."""
    set_password(repository.session, "new-marker")
    shown = repository.git("diff")
    assert changed(shown) == [
        '-  password: "s3cr\\tet-marker"   # rotate me',
        "+  password: new-marker   # rotate me",
    ]
    assert "yv1." not in shown
    assert "mac:" not in shown
    assert "document:" not in shown


@pytest.mark.parametrize(
    "words",
    [
        ("log", "-p", "-1"),
        ("show",),
        ("diff", "HEAD~1", "HEAD"),
        ("diff", "--cached", "HEAD~1"),
        ("whatchanged", "--i-still-use-this", "-p", "-1"),
    ],
)
def test_other_commands_show_values(repository, changed, words):
    """So do log, show, and diffs between commits or with the index."""
    set_password(repository.session, "new-marker")
    repository.commit()
    done = repository.run(*words)
    if words[0] == "whatchanged" and done.returncode:
        done = repository.run("whatchanged", "-p", "-1")  # before git 2.51
    assert "+  password: new-marker   # rotate me" in changed(done.stdout), done.stderr


def test_blame_shows_values(repository):
    """Git blame says of each plaintext line who wrote it."""
    set_password(repository.session, "new-marker")
    repository.commit("second")
    lines = repository.git("blame", "-s", "secrets.yml").splitlines()
    (password,) = [line for line in lines if "password" in line]
    (host,) = [line for line in lines if "host" in line]
    assert password.endswith("password: new-marker   # rotate me")
    assert password.split()[0] != host.split()[0]


def test_who_can_not_read_sees_that_it_changed(repository, changed):
    """Without an identity a mark stands for each value, and another one for another value."""
    set_password(repository.session, "new-marker")
    shown = repository.git("diff", "-U9", env={"YAMLVAULT_AGE_KEY_FILE": os.devnull})
    old, new = changed(shown)
    assert old.startswith("-  password: <sealed ")
    assert new.startswith("+  password: <sealed ")
    assert MARK.findall(old) != MARK.findall(new)
    assert "marker" not in shown
    assert "yv1." not in shown
    assert "left sealed: nothing at hand opens it" in shown


def test_who_can_read_a_part(team, shared, changed):
    """Of a file with several scopes one sees one's own values, and marks for the others."""
    for person in ("ann", "ben"):
        path = f"$.{person}.password"
        team.ok("admin", "set", "secrets.yml", path, input=f"new-{person}-marker")
    shown = shared.git("diff", env=team.env("ann"))
    lines = changed(shown)
    assert "-  password: ann-marker  # hers" in lines
    assert "+  password: new-ann-marker  # hers" in lines
    assert "ben-marker" not in shown
    assert len([line for line in lines if MARK.search(line)]) == 2
    assert len(lines) == 4


def test_a_rotated_file(repository, changed):
    """New data keys are no change of a value; that there are new ones is seen."""
    before = repository.session.file.read_bytes()
    repository.session.ok("rotate", "secrets.yml")
    assert repository.session.file.read_bytes() != before
    removed, added = changed(repository.git("diff"))
    assert re.fullmatch(r"-# yamlvault:   data key [\w-]{8} is for", removed)
    assert re.fullmatch(r"\+# yamlvault:   data key [\w-]{8} is for", added)


def test_who_was_added(team, shared, changed):
    """A KEK that was added is one line more, whoever looks."""
    team.rule(ann="ann ben admin")
    team.ok("admin", "rewrap", "secrets.yml")
    for person in ("ann", None):
        lines = changed(shared.git("diff", "secrets.yml", env=team.env(person)))
        assert lines == [f"+# yamlvault:     {team.kek('ben')}"]


def test_a_value_that_lost_its_seal(repository, changed):
    """A secret that is put in as plaintext is refused in the diff, and not one sealed scalar."""
    file = repository.session.file
    file.write_bytes(re.sub(rb"(?m)password: yv1\S+", b"password: plain", file.read_bytes()))
    done = repository.run("diff")
    assert done.returncode == 0
    lines = changed(done.stdout)
    assert "-# yamlvault: scope $: 4 sealed scalars" in lines
    assert "+# yamlvault: scope $: 3 sealed scalars" in lines
    first = "+# yamlvault: not to be trusted: section $.production is not what was encrypted"
    assert lines[0] == first


def test_a_file_that_was_tampered_with(repository):
    """What fails its integrity check says so in its first line, sealed, and git goes on."""
    file = repository.session.file
    data = file.read_bytes()
    file.write_bytes(data.replace(b"default: &default", b"default: &default\n  admin: evil"))
    repository.commit("evil")
    file.write_bytes(data)
    repository.commit("good")
    done = repository.run("log", "-p", "--format=commit %s")
    assert done.returncode == 0
    assert done.stdout.count("commit ") == 3
    assert "section $.default is not what was encrypted" in done.stderr
    evil = repository.run("show", "HEAD~1").stdout
    assert "+# yamlvault: not to be trusted: section $.default is not" in evil
    assert "+  password: <sealed " in evil


def test_a_decrypted_file(repository, changed):
    """A file that was decrypted by mistake loses the lines that say who can open it."""
    repository.session.ok("decrypt", "-i", "secrets.yml")
    lines = changed(repository.git("diff"))
    assert all(line.startswith("-# yamlvault:") for line in lines)
    assert len(lines) == 3


def test_a_forged_mark(session, repository, changed):
    """A plaintext that is written as the mark of a sealed scalar shows as a change."""
    nobody = {"YAMLVAULT_AGE_KEY_FILE": os.devnull}
    shown = session.ok("git", "textconv", "secrets.yml", env=nobody)
    session.file.write_text(shown)
    lines = changed(repository.git("diff", env=nobody))
    marks = [line for line in lines if "sealed " in line and "password" in line]
    assert marks[0].startswith("-  password: <sealed ")
    assert marks[1].startswith("+  password: <\\sealed ")
    assert any(line.startswith("+# \\yamlvault:") for line in lines)


def test_a_forged_mark_in_an_encrypted_file(session, repository, changed):
    """The same holds in a file that is encrypted still, for who can't check it."""
    nobody = {"YAMLVAULT_AGE_KEY_FILE": os.devnull}
    shown = session.ok("git", "textconv", "secrets.yml", env=nobody)
    (mark,) = re.findall(r"password: (<sealed \S+>)", shown)
    data = session.file.read_bytes()
    session.file.write_bytes(re.sub(rb"password: yv1\S+", f"password: {mark}".encode(), data))
    lines = changed(repository.git("diff", env=nobody))
    assert f"-  password: {mark}   # rotate me" in lines
    assert f"+  password: <\\{mark[1:]}   # rotate me" in lines


def test_a_name_with_a_line_break(session, repository):
    """What the metadata says can't make a line of its own, nor be obeyed by a terminal."""
    data = session.file.read_text()
    uri = re.search(r'kek: "(age:\w+)"', data)[1]
    hostile = f"{uri}\\n# yamlvault:     age:forged\\e[2K\\u202e"
    session.file.write_text(data.replace(f'"{uri}"', f'"{hostile}"'))
    shown = session.ok("git", "textconv", "secrets.yml")
    assert f"#     {uri}" not in shown
    assert "\n# yamlvault:     age:forged" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    "data",
    [
        b"plain: text\n# so\n",
        b"\xff\xfe\x00binary\x00",
        b"<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n",
        b"a: [\n",
        b"",
        b"a: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n",
        b"a: yv1.AAAAAAAA.AAAA\n",
        b"a: 1\r\nno_newline: 2",
        b'a: 1\nyamlvault:\n  format: 2\n  more: "so"\n',
        b"a: 1\nyamlvault: mine\n",
    ],
)
def test_what_is_not_encrypted_by_this_version(session, data):
    """It comes out as it is, with status 0."""
    (session.folder / "file").write_bytes(data)
    done = session.run("git", "textconv", "file")
    assert done.returncode == 0
    assert done.stdout.encode("utf-8", "surrogateescape") == data.replace(b"\r\n", b"\n")
    assert ("unknown" in done.stderr) == (b"format: 2" in data)


def test_layout_is_kept(session, ready):
    """Line breaks, byte order mark and a missing last line break are those of the plaintext."""
    plain = b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y"
    session.file.write_bytes(plain)
    ready.ok("encrypt", "secrets.yml")
    ready.ok("git", "textconv", "secrets.yml")
    done = subprocess.run(
        [session.program, "git", "textconv", "secrets.yml"],
        cwd=session.folder,
        env=session.environment,
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(plain + b"\r\n# yamlvault: scope $: ")
    assert done.stdout.endswith(b"\r\n")


def test_nothing_is_kept(repository):
    """After all of these no plaintext is anywhere under .git: no object, note, index or message."""
    for number in range(3):
        set_password(repository.session, f"new-marker-{number}")
        repository.git("diff")
        repository.commit(f"commit {number}")
    repository.git("log", "-p")
    repository.git("blame", "secrets.yml")
    repository.git("log", "-p", "-S", "new-mark" + "er-1")
    repository.git("stash", "list", "-p")
    assert b"marker" not in repository.stored()
    assert repository.git("for-each-ref", "refs/notes") == ""


@pytest.mark.parametrize("words", [("commit", "-v"), ("ci",), ("-c", "commit.verbose=1", "commit")])
def test_commit_verbose(repository, words):
    """Git commit -v would write the diff to COMMIT_EDITMSG: it gets one with marks."""
    repository.git("config", "alias.ci", "commit --verbose")
    set_password(repository.session, "new-marker")
    editor = repository.folder.parent / "editor"
    copy = repository.folder.parent / "copy"
    editor.write_text(f'#!/bin/sh\ncp "$1" "{copy}"\nsed -i 1imessage "$1"\n')
    editor.chmod(0o755)
    repository.git("add", "-A")
    repository.git(*words, env={"GIT_EDITOR": str(editor)})
    message = copy.read_text()
    assert "+  password: <sealed " in message
    assert "marker" not in message
    assert b"marker" not in repository.stored()


def test_a_verbose_commit_at_the_end_of_a_merge(repository):
    """Git merge --continue is a commit too: its message gets a diff with marks."""
    repository.git("config", "commit.verbose", "true")
    other = repository.folder / "other.txt"
    for branch, text in (("topic", "1"), ("side", "2")):
        repository.git("checkout", "-q", "-b", branch, "main" if branch == "side" else "HEAD")
        set_password(repository.session, f"new-marker-{text}")
        other.write_text(text)
        repository.git("add", "-A")
        repository.git("commit", "-q", "-m", branch)
    repository.run("merge", "topic")
    repository.session.ok("merge", "--theirs", "secrets.yml")
    other.write_text("3")
    editor, copy = (repository.folder.parent / name for name in ("editor", "copy"))
    editor.write_text(f'#!/bin/sh\ncp "$1" "{copy}"\n')
    editor.chmod(0o755)
    repository.git("add", "-A")
    repository.git("merge", "--continue", env={"GIT_EDITOR": str(editor)})
    assert "+  password: <sealed " in copy.read_text()
    assert "marker" not in copy.read_text()
    assert b"marker" not in repository.stored()


def test_a_diff_in_a_hook_of_commit(repository):
    """A git diff that a hook of git commit runs is not that of git commit."""
    set_password(repository.session, "new-marker")
    out = repository.folder.parent / "out"
    hook = repository.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\ngit diff --cached >"{out}"\n')
    hook.chmod(0o755)
    repository.commit()
    assert "+  password: new-marker" in out.read_text()


def test_renamed(repository, changed):
    """A renamed file is compared with what it was."""
    set_password(repository.session, "new-marker")
    (repository.folder / "sub").mkdir()
    repository.git("mv", "secrets.yml", "sub/our secrets.yml")
    repository.git("add", "-A")
    shown = repository.git("diff", "--cached", "-M30%")
    assert "rename to sub/our secrets.yml" in shown
    assert "+  password: new-marker   # rotate me" in changed(shown)
    assert len(changed(shown)) == 2


def test_a_linked_worktree_and_a_folder(repository, changed):
    """Diffs are the same in a linked work tree, and from a folder below."""
    linked = repository.folder.parent / "linked"
    repository.git("worktree", "add", "-q", "--detach", str(linked))
    folder = linked / "folder"
    folder.mkdir()
    set_password(repository.session, "new-marker", str(linked / "secrets.yml"))
    for cwd in (linked, folder):
        assert "+  password: new-marker   # rotate me" in changed(repository.git("diff", cwd=cwd))


@pytest.fixture
def aws(session, moto):
    """A session with a file for a KEK of AWS KMS."""
    session.environment |= moto.environment | {"AWS_EC2_METADATA_DISABLED": "true"}
    session.key = f"aws-kms:{moto.key()}"
    session.ok("encrypt", "--kek", session.key, "secrets.yml")
    return session


def test_a_key_service_out_of_reach(aws, faults):
    """It is waited for once; the versions behind that one are sealed at once, with equal text."""
    faults.do(hang)
    lazy = {"AWS_ENDPOINT_URL": faults.url}
    first = aws.ok("git", "textconv", "--timeout", "1", "secrets.yml", env=lazy)
    assert "left sealed: its key service can't be reached" in first
    assert faults.seen == ["Decrypt"]
    assert [aws.ok("git", "textconv", "secrets.yml", env=lazy) for _ in range(3)] == [first] * 3
    assert faults.seen == ["Decrypt"]


def test_an_outage_ends(aws, moto, faults):
    """After a minute the key service is asked again; other services were all the time."""
    faults.do(hang)
    aws.ok("git", "textconv", "--timeout", "1", "secrets.yml", env={"AWS_ENDPOINT_URL": faults.url})
    assert "marker" not in aws.ok("git", "textconv", "secrets.yml")
    aws.ok("encrypt", "--kek", f"aws-kms:{moto.key()}", "-o", "other.yml", "-", input=PLAIN)
    assert "s3cr" in aws.ok("git", "textconv", "other.yml")
    (outage,) = (aws.home / ".local/state/yamlvault").iterdir()
    assert outage.read_bytes() == b""
    age = outage.stat().st_mtime - 61
    os.utime(outage, (age, age))
    assert "marker" in aws.ok("git", "textconv", "secrets.yml")


def test_without_a_home(aws, faults):
    """Where nothing can be kept, each version waits for itself."""
    faults.do(hang)
    lazy = {"AWS_ENDPOINT_URL": faults.url, "HOME": ""}
    for _ in range(2):
        aws.ok("git", "textconv", "--timeout", "1", "secrets.yml", env=lazy)
    assert faults.seen == ["Decrypt", "Decrypt"]


def test_no_passphrase_is_asked_for(session):
    """A passphrase that is not at hand leaves the file sealed: nobody types it for each version."""
    session.ok(
        "encrypt", "--kek", "passphrase:", "secrets.yml", env={"YAMLVAULT_PASSPHRASE": "horse"}
    )
    shown = session.ok("git", "textconv", "secrets.yml")
    assert "left sealed: nothing at hand opens it" in shown
    shown = session.ok("git", "textconv", "secrets.yml", env={"YAMLVAULT_PASSPHRASE": "horse"})
    assert "marker" in shown


def test_the_access_of_the_rules(aws, moto, tmp_path):
    """The profile of a KEK is that of the rules of the work tree, not of those by git's file."""
    (aws.folder / "config").write_text(
        "[profile shop]\naws_access_key_id = AKIAFROMPROFILE\naws_secret_access_key = x\n"
        "[profile evil]\naws_access_key_id = AKIAEVIL\naws_secret_access_key = x\n"
    )
    aws.environment["AWS_CONFIG_FILE"] = str(aws.folder / "config")
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    for folder, profile in ((aws.folder, "shop"), (elsewhere, "evil")):
        rule = {"files": "*", "keks": [{"kek": aws.key, "profile": profile}]}
        (folder / ".yamlvault.yml").write_text(json.dumps({"rules": [rule]}))
    (elsewhere / "secrets.yml").write_bytes(aws.file.read_bytes())
    moto.clear()
    assert "marker" in aws.ok("git", "textconv", str(elsewhere / "secrets.yml"))
    assert moto.signers() == ["AKIAFROMPROFILE"]


def test_malformed_settings(encrypted):
    """What can't be used at all leaves the file sealed, and git goes on."""
    for name, value in (
        ("YAMLVAULT_TIMEOUT", "soon"),
        ("YAMLVAULT_AGE_KEY", "no-key"),
        ("YAMLVAULT_AGE_KEY_FILE", "/none"),
    ):
        done = encrypted.run("git", "textconv", "secrets.yml", env={name: value})
        assert done.returncode == 0
        assert done.stdout.endswith("left sealed: its KEK can't be used\n") or (
            "nothing at hand" in done.stdout
        )
        assert "marker" not in done.stdout
