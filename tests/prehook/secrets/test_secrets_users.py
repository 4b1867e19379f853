"""Secrets where two users meet: what root writes, and what the other may do about it."""

import os
import pwd
import resource
import subprocess
import sys

import pytest
from sessions import NAMESPACE, PREHOOK, needs_namespace, run

SECRETS = "steps:\n  - secrets: secrets.yml\n"
NOBODY = pwd.getpwnam("nobody")

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to have rights to lose"),
]


@pytest.fixture
def theirs(tmpfs):
    """A directory in memory that CMD's user can write to."""
    directory = tmpfs / "theirs"
    directory.mkdir()
    os.chown(directory, NOBODY.pw_uid, NOBODY.pw_gid)
    return directory


@pytest.fixture
def planted(tmpfs, theirs):
    """A link of theirs to a file of root's."""
    (tmpfs / "trusted").write_text("trusted")
    link = theirs / "link"
    link.symlink_to(tmpfs / "trusted")
    os.chown(link, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
    return link


def steps(target, place):
    (place.directory / "a.j2").write_text("x={{ secrets.staging.database.url }}\n")
    return {
        "secrets": f"steps:\n  - secrets: {{file: secrets.yml, write: {target}}}\n",
        "render": f"{SECRETS}  - render: a.j2:{target}\n",
    }


@pytest.mark.parametrize("kind", ["secrets", "render"])
def test_link_of_another_user_is_not_followed(place, planted, kind):
    """It would lead root's write to any file of the system."""
    error = place.refused(steps(planted, place)[kind])
    assert f"a symbolic link of uid {NOBODY.pw_uid} is not followed" in error
    assert planted.read_text() == "trusted"


def test_trace_follows_none_either(planted, tmp_path):
    """A trace is warned about, and the start goes on."""
    result = run("--trace", planted, "true", "--", "echo", "CMD")
    assert (result.returncode, result.stdout) == (0, b"CMD\n")
    assert b"is not followed" in result.stderr
    assert planted.read_text() == "trusted"


def test_link_of_ours_is_followed(place, tmpfs):
    """A link of root's own leads where it leads, directories on the way included."""
    (tmpfs / "real").mkdir()
    (tmpfs / "link").symlink_to("real")
    place.ok(f"{SECRETS}  - render: a.j2:{tmpfs}/link/x\n".replace("a.j2", template(place)))
    assert (tmpfs / "real/x").exists()


def template(place):
    (place.directory / "a.j2").write_text("x={{ secrets.staging.database.url }}\n")
    return "a.j2"


def test_rendered_file_is_for_cmd(place, theirs):
    """What not everybody may read belongs to who CMD runs as."""
    target = theirs / "app.ini"
    place.plan(f"{SECRETS}  - render: {template(place)}:{target}\n")
    options = ("--user", "nobody", "-f", "prehook.yml")
    result = run(*options, "--", "cat", target, cwd=place.directory, env=place.environment)
    assert (result.returncode, result.stdout) == (0, b"x=postgres://staging\n")
    assert target.stat().st_mode & 0o777 == 0o600


def test_file_is_removed_when_an_init_ends(place, theirs):
    """CMD's own status comes through, and the file goes with it; as PID 1 as well."""
    target = theirs / "s.yml"
    place.plan(f"steps:\n  - secrets: {{file: secrets.yml, write: {target}}}\n")
    options = ("--init", "--user", "nobody", "-f", "prehook.yml")
    command = ["sh", "-c", f"test -r {target} && exit 3"]
    result = run(*options, "--", *command, cwd=place.directory, env=place.environment)
    assert result.returncode == 3, result.stderr
    assert not target.exists()


@needs_namespace
def test_file_is_removed_by_pid_1(place, theirs):
    """The same where prehook is PID 1."""
    target = theirs / "s.yml"
    place.plan(f"steps:\n  - secrets: {{file: secrets.yml, write: {target}}}\n")
    start = [*NAMESPACE, PREHOOK, "--init", "-f", "prehook.yml", "--", "test", "-r", str(target)]
    result = subprocess.run(
        start, cwd=place.directory, env=place.environment, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert not target.exists()


def test_failed_optional_step_leaves_no_file(place, theirs):
    """What a step has written that fails afterwards is taken back, though the start goes on."""
    target = theirs / "s.yml"
    taken = f"{{file: secrets.yml, as: secrets, fd: OTHER, write: {target}}}"
    second = f"{{optional: true, when: {{PATH: true}}, secrets: {taken}}}"
    plan = f"{SECRETS}  - run: 'true'\n  - {second}\n"
    assert place.ok(plan, "ls", str(theirs)) == ""


def test_no_core_is_dumped():
    """A process that holds plaintext has a limit of 1, which stops dumps to programs too."""
    program = (
        "import prehook.task as t, resource; t.keep_no_core(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert shown.stdout == ("0\n" if hard == 0 else "1\n")
