"""`yamlvault rotate`: new data keys for many files, whenever it is stopped."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time

import pytest

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="needs root: mounts in a namespace of its own")
COUNT = 50


def key_ids(text: str) -> list[str]:
    return re.findall(r'- id: "(.{8})"', text)


@pytest.fixture
def many(team):
    """Fifty files in a folder."""
    team.file.unlink()
    names = [f"conf/{number:02}-secrets.yml" for number in range(COUNT)]
    (team.folder / "conf").mkdir()
    for name in names:
        (team.folder / name).write_text(team.plain)
    team.ok(None, "encrypt", *names)
    return team


def texts(team) -> dict[str, str]:
    return {path.name: path.read_text() for path in (team.folder / "conf").iterdir()}


def journals(team) -> list:
    return list((team.session.home / ".local/state/yamlvault").glob("*"))


def popen(team, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [team.session.program, *words],
        cwd=team.folder,
        env=team.session.environment | team.env("admin"),
        stderr=subprocess.PIPE,
        text=True,
    )


def test_every_data_key_and_every_scalar(team):
    """All sealed scalars and data keys are others then, and the plaintext is the same."""
    team.encrypted()
    before = team.file.read_text()
    done = team.run("admin", "rotate", "secrets.yml")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "secrets.yml: rotated\n"
    after = team.file.read_text()
    assert not set(key_ids(before)) & set(key_ids(after))
    assert not set(re.findall(r"yv1\.\S+", before)) & set(re.findall(r"yv1\.\S+", after))
    assert team.ok("admin", "decrypt", "secrets.yml") == team.plain
    assert "# hers" in after
    for name in ("ann", "ben"):
        assert f"{name}-marker" in team.ok(name, "get", "secrets.yml", f"$.{name}")


def test_what_was_added_is_folded_in(team):
    """After a rotation each scope has one data key, whatever was added by whom."""
    team.encrypted(append=True)
    for number in range(3):
        team.ok(None, "set", "secrets.yml", f"$.ben.k{number}", input="v")
    team.ok(None, "set", "secrets.yml", "$.both.k", input="v")
    assert len(key_ids(team.file.read_text())) == 7
    assert "4 more data keys folded in" in team.run("admin", "rotate", "secrets.yml").stderr
    assert len(key_ids(team.file.read_text())) == 3
    assert team.ok("ben", "get", "secrets.yml", "$.ben.k2") == "v\n"
    team.ok(None, "set", "secrets.yml", "$.ben.again", input="v")


def test_who_was_taken_from_the_rule(team):
    """A rotation brings the KEKs in line with the rule."""
    team.encrypted()
    team.rule(both="ben admin")
    assert f"- {team.kek('ann')}" in team.run("admin", "rotate", "-n", "secrets.yml").stderr
    done = team.run("admin", "rotate", "secrets.yml")
    assert done.stderr == f"secrets.yml: rotated, - {team.kek('ann')}\n"
    assert "scope $.both" in team.refused("ann", "get", "secrets.yml", "$.both")


def test_dry_run(many):
    """A dry run finds what would fail, says what would be done, and writes nothing."""
    before = texts(many)
    done = many.run("admin", "rotate", "-n", "conf")
    assert done.returncode == 0
    assert done.stderr.count("would be rotated\n") == COUNT + 1
    assert texts(many) == before
    assert journals(many) == []
    done = many.run("ann", "rotate", "-n", "conf")
    assert done.returncode == 1
    assert f"0 of {COUNT} files would be rotated, {COUNT} failed" in done.stderr


def test_who_opens_a_part_rotates_nothing(team):
    """All scopes of a file are rotated, or none."""
    team.encrypted(append=True)
    before = team.session.files()
    for name, closed in (("ann", "$.ben"), ("ben", "$.ann"), (None, "$.ann")):
        assert f"scope {closed}: " in team.refused(name, "rotate", "secrets.yml")
    assert team.session.files() == before


def test_changed_by_hand(team):
    """A file that was changed since it was signed is not signed by the way."""
    team.encrypted()
    team.file.write_text(team.file.read_text().replace("ann.internal", "evil.internal"))
    before = team.session.files()
    assert "is not what was encrypted" in team.refused("admin", "rotate", "secrets.yml")
    assert team.session.files() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_stopped_at_any_moment(many, interruptible, number):
    """Each file is the old or the new one then, and the same command does those that are left."""
    draw = random.Random(number)
    begin = time.monotonic()
    many.ok("admin", "rotate", "conf")
    whole = time.monotonic() - begin  # on this machine, now
    stopped = 0
    for _ in range(6):
        before = texts(many)
        child = popen(many, "rotate", "conf")
        try:
            child.wait(timeout=whole * draw.uniform(0.15, 0.95))
        except subprocess.TimeoutExpired:
            child.send_signal(number)
        _, error = child.communicate(timeout=60)
        between = texts(many)
        assert between.keys() == before.keys()
        for name, text in between.items():
            assert text == before[name] or not set(key_ids(text)) & set(key_ids(before[name]))
        changed = {name for name in before if before[name] != between[name]}
        if not changed:
            continue  # perhaps before yamlvault itself ran: what ends it then is Python
        assert "Traceback" not in error
        assert "marker" not in error
        if child.returncode == 0:
            assert len(changed) == COUNT
            continue
        assert child.returncode == (130 if number == signal.SIGINT else -number), error
        said = set(re.findall(r"^conf/(\S+): rotated$", error, re.MULTILINE))
        assert said <= changed
        assert len(changed) <= len(said) + 1
        stopped += 0 < len(changed) < COUNT
        done = many.run("admin", "rotate", "conf")
        assert done.returncode == 0, done.stderr
        after = texts(many)
        assert after.keys() == before.keys()
        assert {name for name in after if after[name] != between[name]} == set(before) - changed
        assert journals(many) == []
        plain = many.ok("admin", "decrypt", f"conf/{draw.choice(sorted(before))}")
        assert plain == many.plain
    assert stopped


def test_interrupted(many, interruptible):
    """Ctrl-C says how many are done and that the same command goes on."""
    child = popen(many, "rotate", "conf")
    assert child.stderr.readline() == "conf/00-secrets.yml: rotated\n"
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert child.returncode == 130
    last = error.splitlines()[-1]
    assert re.fullmatch(
        rf"\d+ of {COUNT} files rotated, \d+ not tried; the same command goes on there", last
    )


def test_two_at_once(many):
    """Two rotations at the same time leave whole files, each rotated by either."""
    children = [popen(many, "rotate", *words) for words in (["conf"], ["conf", "conf"])]
    for child in children:
        _, error = child.communicate(timeout=120)
        assert child.returncode == 0, error
    assert len(texts(many)) == COUNT
    for name in list(texts(many))[:3]:
        assert many.ok("admin", "decrypt", f"conf/{name}") == many.plain


@needs_root
@pytest.mark.root
def test_a_read_only_folder(many):
    """On a file system that is read-only nothing is changed, and each file says why."""
    before = texts(many)
    script = """
        mount --bind conf conf && mount -o remount,ro,bind conf && "$0" rotate conf
    """
    done = _in_namespace(many, script)
    assert done.returncode == 1
    assert "conf/00-secrets.yml: can't be opened for writing: Read-only" in done.stderr
    assert f"0 of {COUNT} files rotated, {COUNT} failed" in done.stderr
    assert texts(many) == before


@needs_root
@pytest.mark.root
def test_a_bind_mounted_file(many):
    """A file that is a mount point of its own is written in place."""
    before = texts(many)
    script = """
        touch conf/one-secrets.yml && mount --bind conf/00-secrets.yml conf/one-secrets.yml
        "$0" rotate conf/one-secrets.yml conf/01-secrets.yml
    """
    done = _in_namespace(many, script)
    assert done.returncode == 0, done.stderr
    (many.folder / "conf/one-secrets.yml").unlink()
    changed = {name for name, text in texts(many).items() if text != before[name]}
    assert changed == {"00-secrets.yml", "01-secrets.yml"}
    assert many.ok("admin", "decrypt", "conf/00-secrets.yml") == many.plain


@needs_root
@pytest.mark.root
def test_a_full_disk(many):
    """Where the disk is full each file is the old or the new one, and no other is left."""
    script = """
        mkdir full && mount -t tmpfs -o size=600k none full && cp conf/* .yamlvault.yml full/
        cat /dev/zero > full/filler 2>/dev/null
        cd full && "$0" rotate *secrets.yml; status=$?
        rm filler; ls -A | wc -l; "$0" decrypt 00-secrets.yml; exit $status
    """
    done = _in_namespace(many, script)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "the old file is unchanged" in done.stderr
    count, _, plain = done.stdout.partition("\n")
    assert int(count) == COUNT + 1
    assert plain == many.plain


def _in_namespace(team, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script,
         team.session.program],
        cwd=team.folder,
        env=team.session.environment | team.env("admin"),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
