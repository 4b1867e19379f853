import os
import subprocess
import sys

import pytest
from sessions import DEADLINE, PREHOOK, run

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else"),
]

SHOW = ["sh", "-c", "id -u; id -g; id -G; echo $HOME; echo $USER; echo $LOGNAME"]
# What lets somebody other than root reach prehook, wherever the developer has it
REACH = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
# A database of its own, so that supplementary groups are known
PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\n"
    "app:x:5001:5002:the application:/srv/app:/bin/sh\n"
    "homeless:x:5003:5002:::/bin/sh\n"
)
GROUP = "root:x:0:\napp:x:5002:\nvideo:x:5005:app\naudio:x:5006:app\nother:x:5007:\n"


@pytest.fixture
def database(tmp_path):
    """Return the beginning of a command that sees our users and groups, and no others."""
    (tmp_path / "passwd").write_text(PASSWD)
    (tmp_path / "group").write_text(GROUP)
    mounts = f"mount --bind {tmp_path}/passwd /etc/passwd; mount --bind {tmp_path}/group /etc/group"
    start = ["unshare", "--mount", "sh", "-c", f'{mounts}; exec "$@"', "sh"]
    if subprocess.run([*start, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs mount namespaces (unshare --mount)")
    return start


def shown(*start):
    result = subprocess.run(
        [*start, "--", *SHOW],
        capture_output=True,
        check=False,
        timeout=DEADLINE,
        env={"PATH": os.environ["PATH"], "HOME": "/x", "USER": "x", "LOGNAME": "x"},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.decode().splitlines()


def refused(*arguments, prefix=(), before=b""):
    """Return the lines on stderr of a prehook that fails by itself, and doesn't start CMD.

    Args:
        arguments: Its options.
        prefix: What starts it.
        before: What the hook has printed by then; nothing, if it has not run.
    """
    result = subprocess.run(
        [*prefix, PREHOOK, *arguments, "echo hook", "--", "echo", "CMD"],
        capture_output=True,
        check=False,
        timeout=DEADLINE,
    )
    assert (result.returncode, result.stdout) == (125, before)
    return result.stderr.decode()


def test_name(database):
    """A name brings its uid, its groups and its home."""
    assert shown(*database, PREHOOK, "--user", "app") == [
        "5001", "5002", "5002 5005 5006", "/srv/app", "app", "app",
    ]  # fmt: skip


def test_number_with_an_entry(database):
    """A uid that has an entry is that user."""
    assert shown(*database, PREHOOK, "--user", "5001") == shown(*database, PREHOOK, "--user", "app")


@pytest.mark.parametrize("text", ["app:other", "5001:5007", "app:5007", "5001:other"])
def test_group_is_the_only_one(database, text):
    """Behind a colon stands the one group, in place of all others."""
    assert shown(*database, PREHOOK, "--user", text) == [
        "5001", "5007", "5007", "/srv/app", "app", "app",
    ]  # fmt: skip


def test_user_without_a_home(database):
    """An entry without a home is at home in the root directory."""
    assert shown(*database, PREHOOK, "--user", "homeless")[3:] == ["/", "homeless", "homeless"]


def test_number_without_an_entry():
    """Such a uid has the group that was given, no name, and no home but the root directory."""
    assert shown(PREHOOK, "--user", "54321:54322") == ["54321", "54322", "54322", "/", "", ""]


def test_highest_ids():
    """The last ids before -1 can be had."""
    assert shown(PREHOOK, "--user", f"{2**32 - 2}:{2**32 - 2}")[:2] == [str(2**32 - 2)] * 2


def test_root(database):
    """Root can be asked for, and is root with its home."""
    assert shown(*database, PREHOOK, "--user", "root") == ["0", "0", "0", "/root", "root", "root"]


def test_number_without_an_entry_needs_a_group():
    """Group 0 would be the trap that it falls into by itself."""
    errors = refused("--user", "54321")
    assert "54321" in errors
    assert "hint: name one: 54321:GROUP" in errors


@pytest.mark.parametrize("text", ["nosuchuser", "nobody:nosuchgroup"])
def test_unknown_names(text):
    """Whom nobody knows is said before anything has run."""
    errors = refused("--user", text)
    assert '"nosuch' in errors
    assert "\nhint: create it in the image" in errors


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "nobody:", ":nogroup", "a:b:c", "-1", "-1:0", "+0", "0:-1", " 0", "0 ", "no body",
        f"{2**32 - 1}:0", f"0:{2**32 - 1}", f"{2**64}:0", "0x0", "٣:0", "nobody\n", "1e3:0",
    ],
)  # fmt: skip
def test_what_is_no_user(text):
    """Nothing is guessed: no sign, no blank, no number beyond the ids, no empty part."""
    assert "\nhint: " in refused(f"--user={text}")


def test_no_user_database(tmp_path):
    """Numbers do without an /etc/passwd, names don't."""
    hide = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs x /etc; exec "$@"', "sh"]
    if subprocess.run([*hide, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs mount namespaces (unshare --mount)")
    assert shown(*hide, PREHOOK, "--user", "5001:5002")[:4] == ["5001", "5002", "5002", "/"]
    assert "there is no user" in refused("--user", "nobody", prefix=hide)


def test_it_is_for_good():
    """Nothing of root is left: no id, no capability, no way back."""
    code = "grep -E '^(Uid|Gid|Groups|Cap(Prm|Eff|Amb))' /proc/self/status; setpriv --reuid 0 true"
    result = run("--user", "54321:54322", "--", "sh", "-c", code)
    assert result.returncode != 0
    assert b"not permitted" in result.stderr
    fields = dict(line.split(":\t", 1) for line in result.stdout.decode().splitlines())
    assert {fields[name] for name in ("CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert fields["Uid"].split() == ["54321"] * 4
    assert fields["Gid"].split() == fields["Groups"].split() * 4 == ["54322"] * 4


SECURE_BITS = ["setpriv", "--securebits", "+no_setuid_fixup"]


def test_capabilities_that_stay():
    """Where the kernel was told to leave them, CMD doesn't start."""
    errors = refused("--user", "54321:54322", prefix=SECURE_BITS, before=b"hook\n")
    assert "for good: capabilities are left" in errors


def test_way_back():
    """Without /proc to look at the capabilities, the way back itself is tried."""
    hide = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs x /proc; exec "$@"', "sh"]
    if subprocess.run([*hide, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs mount namespaces (unshare --mount)")
    errors = refused("--user", "54321:54322", prefix=[*hide, *SECURE_BITS], before=b"hook\n")
    assert "for good: the way back to uid 0 is open" in errors


def as_user(uid, groups):
    return ["setpriv", "--reuid", uid, "--regid", uid, "--groups", groups, *REACH]


def test_container_runs_as_that_user():
    """Without root: who it is already needs nothing, and has HOME right."""
    assert shown(*as_user("54321", "54321"), PREHOOK, "--user", "54321:54321") == [
        "54321", "54321", "54321", "/", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["54322:54321", "54321:54322", "54321:54321"])
def test_other_user_without_root(text):
    """Without root: another uid, gid or other groups can't be had."""
    prefix = as_user("54321", "54321,5" if text == "54321:54321" else "54321")
    errors = refused("--user", text, prefix=prefix, before=b"hook\n")
    assert "can't become uid" in errors
    assert "hint: only root can" in errors


def test_who_runs_as_it():
    """Prehooks in front of --user run as before, those behind it and CMD as the user."""
    result = run("id -u", "--", "prehook", "--user", "54321:1", "id -u", "--", "prehook", "id -u",
                 "--", "id", "-u")  # fmt: skip
    assert result.stdout.split() == [b"0", b"0", b"54321", b"54321"]


def test_user_given_twice():
    """A chain has one user."""
    result = run("--user", "1:1", "--", "prehook", "--user", "2:2", "--", "true")
    assert result.returncode == 125
    assert b"--user is given twice" in result.stderr


def test_hook_hands_variables_on():
    """A hook that runs as another user can write to PREHOOK_ENV, and so can what it starts."""
    hook = """echo A=1 >> "$PREHOOK_ENV"; sh -c 'echo B=2 >> "$PREHOOK_ENV"'"""
    result = run("--user", "54321:1", "--", "prehook", "--shell", hook, "--", "sh", "-c",
                 "echo $A $B")  # fmt: skip
    assert result.stdout == b"1 2\n"


def test_sealed_memory_can_be_read():
    """A sealed memfd that root has made can be opened by its name by the user that CMD runs as."""
    descriptor = os.memfd_create("secrets", os.MFD_ALLOW_SEALING)
    os.write(descriptor, b"seal\n")
    code = f"import fcntl; fcntl.fcntl({descriptor}, fcntl.F_ADD_SEALS, 15)"
    subprocess.run([sys.executable, "-c", code], check=True, pass_fds=[descriptor])
    read = f"cat /proc/self/fd/{descriptor} /dev/fd/{descriptor}; id -u"
    result = run("--user", "54321:1", "--", "sh", "-c", read, pass_fds=[descriptor])
    os.close(descriptor)
    assert result.stdout.split() == [b"seal", b"seal", b"54321"]


def test_cmd_not_found_by_that_user(tmp_path):
    """PATH is searched as the user: what only root can reach is not there."""
    directory = tmp_path / "private"
    directory.mkdir(mode=0o700)
    program = directory / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = f"{directory}:{os.environ['PATH']}"
    result = run("--user", "54321:1", "--", "program", env={"PATH": path})
    assert result.returncode == 127
    assert run("true", "--", "program", env={"PATH": path}).returncode == 0
