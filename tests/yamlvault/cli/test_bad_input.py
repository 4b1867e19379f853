"""What goes wrong: one clear error, the right status, and nothing lost."""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from pathlib import Path

import pytest

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="needs root: mounts in a namespace of its own")


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (b"a: marker\nb: \xff\n", "2:4", "not UTF-8"),
        ("a: marker\n".encode("utf-16"), "1:1", "not UTF-8"),
        (b"a: 'marker\n", "2:1", "not valid YAML"),
        (b"a: [marker\nb: 2\n", "2:2", "not valid YAML"),
        (b"a: marker\n\tb: 2\n", "2:1", "not valid YAML"),
        (b"a: marker\na: marker\n", "2:1", "duplicate key"),
        (b"a:\n  b: marker\n\tc: marker\n", "3:1", "with spaces, not with tabs"),
        (b"a: 1\n<<<<<<< HEAD\nb: marker\n=======\n", "3:1", "settle them"),
        (b"a: *marker\n", "1:4", "has no anchor"),
        (b'a: "\\qmarker"\n', "1:5", "not valid YAML"),
        (b"a: marker\x07\n", "1:10", "U+0007"),
        (b"yamlvault: marker\n", "1:12", "metadata"),
    ],
)
def test_what_is_not_yaml_is_refused(ready, data, place, says):
    """Line and column are named, no part of the text is quoted, and the file stays."""
    ready.file.write_bytes(data)
    before = ready.files()
    error = ready.refused("encrypt", "secrets.yml")
    assert f"secrets.yml:{place}: " in error
    assert says in error
    assert ready.files() == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  format: 1", "  format: 2", "format 2 is unknown"),
        ("  format: 1\n", "", "no field `format`"),
        ("      root:", "      rood:", "unknown field 'rood'"),
        ("      sections:", "      sections: []\n      sections:", "duplicate key"),
        ('mac: "', 'mac: "A', "the metadata has"),
        ("#", "password: yv1.AAAAAAAA.AAAA\n#", "sealed scalar stands here that is none"),
        ("db", "db", "not what was encrypted"),
    ],
)
def test_damaged_metadata_is_refused(encrypted, old, new, says):
    """A file that is not exactly of the format is not read, and not changed."""
    text = encrypted.file.read_text()
    if says == "not what was encrypted":
        old, new = "production:\n", "production:\n  other: 1\n"
    assert old in text
    encrypted.file.write_text(text.replace(old, new, 1))
    before = encrypted.files()
    for command in (
        ["decrypt", "secrets.yml"],
        ["get", "secrets.yml"],
        ["decrypt", "-i", "secrets.yml"],
    ):
        assert says in encrypted.refused(*command)
    assert encrypted.files() == before


def test_truncated_files_are_refused(encrypted):
    """A file cut off anywhere is refused, or has lost its metadata and says so."""
    text = encrypted.file.read_bytes()
    for length in range(len(text) - 2, 0, -97):
        encrypted.file.write_bytes(text[:length])
        encrypted.refused("decrypt", "secrets.yml")


def test_no_identity(encrypted):
    """Without an identity the error names the recipients and the variable to set."""
    error = encrypted.refused("get", "secrets.yml", env={"HOME": "/nonexistent"})
    assert "age:age1" in error
    assert "YAMLVAULT_AGE_KEY_FILE" in error


def test_wrong_identity(encrypted, tmp_path):
    """With another identity the error says where that one comes from."""
    other = tmp_path / "other.txt"
    encrypted.run("init", "--identity", str(other))
    error = encrypted.refused("get", "secrets.yml", env={"YAMLVAULT_AGE_KEY_FILE": str(other)})
    assert "no identity in" in error
    assert str(other) in error
    mine = encrypted.ok("keys", env={"YAMLVAULT_AGE_KEY_FILE": str(other)}).strip()
    assert f"hint: yours is {mine}: who opens the file adds it to `keks` of the rule" in error


def test_several_keks_and_no_identity(ready):
    """A reason that all KEKs have in common is said once."""
    ready.ok("init", "--identity", "other.txt")
    other = ready.ok("keys", env={"YAMLVAULT_AGE_KEY_FILE": "other.txt"}).strip()
    mine = ready.ok("keys").strip()
    ready.ok("encrypt", "--kek", mine, "--kek", other, "secrets.yml")
    error = ready.refused("get", "secrets.yml", env={"YAMLVAULT_AGE_KEY_FILE": "missing"})
    assert f"({mine}, {other}: the identity file missing" in error
    assert error.count("can't be read") == 1


@pytest.mark.parametrize(
    "content",
    ["AGE-SECRET-KEY-1MARKER", "MARKER", "-----BEGIN MARKER"],
    ids=["age", "line", "ssh"],
)
def test_damaged_identity(encrypted, tmp_path, content):
    """An identity that can't be read is never shown."""
    other = tmp_path / "other.txt"
    other.write_text(content)
    error = encrypted.refused("get", "secrets.yml", env={"YAMLVAULT_AGE_KEY_FILE": str(other)})
    assert "MARKER" not in error


def test_tampered_scalar(encrypted):
    """A changed sealed scalar is refused, by `encrypt` too."""
    text = encrypted.file.read_text()
    place = text.index("yv1.") + 60
    other = "A" if text[place] != "A" else "B"
    encrypted.file.write_text(text[:place] + other + text[place + 1 :])
    assert "not what was encrypted" in encrypted.refused("decrypt", "secrets.yml")
    encrypted.file.write_text(encrypted.file.read_text() + "new: 1\n")
    assert "was changed, or moved" in encrypted.refused("encrypt", "secrets.yml")


def test_already_encrypted(encrypted):
    """A second `encrypt` names what it found and changes nothing."""
    before = encrypted.files()
    error = encrypted.refused("encrypt", "secrets.yml")
    assert "encrypted already (yamlvault format 1" in error
    assert encrypted.files() == before


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops:\n  mac: x\n", "SOPS"),
        (f"a: {'QUJD' * 10}--{'0f' * 32}\n", "yaml_vault"),
    ],
)
def test_files_of_other_tools(ready, text, tool):
    """What SOPS or the gem has encrypted is not encrypted again."""
    ready.file.write_text(text)
    assert tool in ready.refused("encrypt", "secrets.yml")
    assert ready.file.read_text() == text


def test_plaintext_is_not_decrypted(ready):
    """A plaintext file is named as such."""
    assert "not encrypted" in ready.refused("decrypt", "secrets.yml")


def test_read_only_file(ready):
    """A file without a write bit is not replaced, not even by root."""
    ready.file.chmod(0o444)
    before = ready.files()
    assert "read-only" in ready.refused("encrypt", "secrets.yml")
    assert ready.files() == before


def test_symbolic_link(ready):
    """A symbolic link stays one; its target is encrypted."""
    target = ready.folder / "target.yml"
    ready.file.rename(target)
    ready.file.symlink_to("target.yml")
    ready.ok("encrypt", "secrets.yml")
    assert ready.file.is_symlink()
    assert "yv1." in target.read_text()


@pytest.mark.parametrize("name", ["missing.yml", ".", "fifo"])
def test_what_is_no_file(ready, name):
    """What is not there, a folder and a pipe are refused."""
    os.mkfifo(ready.folder / "fifo")
    ready.refused("encrypt", "--kek", "passphrase:", name)


def test_output_folder_is_missing(encrypted):
    """Nothing is written where the folder is not there."""
    assert "No such file" in encrypted.refused("decrypt", "secrets.yml", "-o", "no/such.yml")


def test_full_device(encrypted):
    """Standard output that can't be written is an error."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            ["bash", "-c", 'exec "$0" decrypt secrets.yml', encrypted.program],
            cwd=encrypted.folder,
            env=encrypted.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("yamlvault: standard output: can't be written: No space left")
    assert "Traceback" not in done.stderr


def test_no_kek_and_no_configuration(session):
    """Without `.yamlvault.yml` and --kek, the error says how to make one."""
    assert "yamlvault init" in session.refused("encrypt", "secrets.yml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules:\n  - file: [x]\n", ".yamlvault.yml:2:5: unknown key 'file'"),
        ("rules:\n  - files: [x]\n", ".yamlvault.yml:2:5: the key `keks` is missing"),
        ("rule: []\n", "is `rules` meant?"),
        ("rules: []\n", "a list is expected"),
        ("rules:\n  - files: other.yml\n    keks: ['passphrase:']\n", "no rule in"),
        ("rules:\n  - files: '*'\n    keks: ['aged:x']\n", "yml:3:12: 'aged:x' is not a KEK URI"),
        ("rules:\n  - files: '*'\n    keks: ['age:agex']\n", "yml:3:12: 'agex' is not an age"),
        ("rules:\n  - files: '*'\n    seal: $.[\n    keks: ['passphrase:']\n", "key path"),
        ("rules: [\n", "not valid YAML"),
    ],
)
def test_bad_configuration(session, text, says):
    """A mistake in `.yamlvault.yml` is named with its place, and nothing is encrypted."""
    (session.folder / ".yamlvault.yml").write_text(text)
    before = session.files()
    assert says in session.refused("encrypt", "secrets.yml")
    assert session.files() == before


def test_moved_scalar(encrypted):
    """What does not open can't be vouched for, and `encrypt` does not advise to run `encrypt`."""
    encrypted.file.write_text(encrypted.file.read_text().replace("  port:", "  prt:"))
    assert "vouch for it: yamlvault encrypt" in encrypted.refused("get", "secrets.yml", "$.default")
    error = encrypted.refused("encrypt", "secrets.yml")
    assert "secrets.yml:4:8: a sealed scalar was changed, or moved" in error
    assert "vouch" not in error


def test_identity_file_that_is_none(session):
    """`init --identity` with a file of another kind names that file."""
    error = session.refused("init", "--identity", "secrets.yml")
    assert error.startswith("yamlvault: secrets.yml holds something that is not an identity")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["encrpt", "secrets.yml"], "is `encrypt` meant?"),
        (["encrypt"], "FILE"),
        (["encrypt", "--keks", "x", "secrets.yml"], "--keks"),
        (["encrypt", "-o", "x", "a.yml", "b.yml"], "--output takes one FILE"),
        (["decrypt", "-i", "-"], "--in-place needs a file"),
        (["--quiet", "encrypt", "x"], "stands in front of the command"),
        (["--quiet"], "there is no option '--quiet'"),
        (["encrypt", "--outptu", "x", "a.yml"], "is --output meant?"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_wrong_usage(session, words, says):
    """A wrong command line ends with status 2 and a hint."""
    error = session.refused(*words, status=2)
    assert says in error
    assert "\nhint: " in error


def test_key_path_that_names_nothing(ready):
    """A mistyped key path is an error with a suggestion: no plaintext is left by accident."""
    before = ready.files()
    error = ready.refused("encrypt", "-k", "$.prodction.password", "secrets.yml")
    assert "names nothing" in error
    assert "`production`" in error
    assert ready.files() == before


def test_killed_at_any_moment(ready):
    """Killed at any moment, `encrypt` leaves the old file or the new one, and nothing else."""
    plain = ready.file.read_bytes()
    draw = random.Random(7)
    begin = time.monotonic()
    ready.ok("encrypt", "secrets.yml")
    whole = time.monotonic() - begin  # on this machine, now
    old = new = 0
    for _ in range(60):
        ready.file.write_bytes(plain)
        child = subprocess.Popen(
            [ready.program, "encrypt", "secrets.yml"],
            cwd=ready.folder,
            env=ready.environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            child.wait(timeout=whole * draw.choice((draw.uniform(0.1, 1.2), 4)))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert {path.name for path in ready.folder.iterdir()} == {".yamlvault.yml", "secrets.yml"}
        if ready.file.read_bytes() == plain:
            old += 1
        else:
            new += 1
            assert ready.ok("decrypt", "secrets.yml").encode() == plain
    assert old
    assert new


def test_two_writers_at_once(ready):
    """Of many writers at once one encrypts, the others find it encrypted; the file is whole."""
    plain = ready.file.read_bytes()
    statuses = []

    def write():
        statuses.append(ready.run("encrypt", "secrets.yml").returncode)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(statuses) == [0, 1, 1, 1, 1, 1]
    assert ready.ok("decrypt", "secrets.yml").encode() == plain


def test_two_writers_with_different_edits(encrypted):
    """A writer that waits for another works on what that one wrote."""
    encrypted.file.write_text(encrypted.file.read_text() + "one: 1\n")
    first = threading.Thread(target=lambda: encrypted.run("encrypt", "secrets.yml"))
    first.start()
    first.join()
    encrypted.file.write_text(encrypted.file.read_text() + "two: 2\n")
    encrypted.ok("encrypt", "secrets.yml")
    assert encrypted.ok("get", "secrets.yml", "$.one") == "1\n"
    assert encrypted.ok("get", "secrets.yml", "$.two") == "2\n"


@needs_root
@pytest.mark.root
def test_unwritable_folder(ready):
    """In a folder on a read-only file system nothing is changed, and the error says why."""
    before = ready.files()
    done = _in_namespace(
        ready,
        'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && "$0" encrypt *s.yml',
    )
    assert done.returncode == 1
    assert done.stderr.startswith("yamlvault: secrets.yml: can't be opened for writing: Read-only")
    assert "hint: the file system is mounted read-only" in done.stderr
    assert ready.files() == before


@needs_root
@pytest.mark.root
@pytest.mark.parametrize(
    "words",
    ["set *s.yml $.default.host --value v", "unset *s.yml $.default.host", "rotate *s.yml",
     "rewrap *s.yml", "decrypt -i *s.yml"],
)  # fmt: skip
def test_read_only_mount(encrypted, words):
    """Of a file without write bits on a read-only mount, the mount is named and not the mode."""
    encrypted.file.chmod(0o444)
    before = encrypted.files()
    done = _in_namespace(
        encrypted, f'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && "$0" {words}'
    )
    assert done.returncode == 1
    assert "secrets.yml: can't be opened for writing: Read-only file system" in done.stderr
    assert "hint: the file system is mounted read-only" in done.stderr
    assert "chmod" not in done.stderr
    assert encrypted.files() == before


@needs_root
@pytest.mark.root
def test_disk_full(ready):
    """On a full disk the old file stays whole and nothing half-written is left."""
    script = """
        mount -t tmpfs -o size=16k none . && cd "$PWD"
        cp ../big-secrets.yml ../.yamlvault.yml . && before=$(sha256sum big-secrets.yml)
        "$0" encrypt big-secrets.yml; status=$?
        [ "$before" = "$(sha256sum big-secrets.yml)" ] && [ "$(ls -A | wc -l)" = 2 ] || exit 99
        exit $status
    """
    text = "".join(f"key{number}: marker\n" for number in range(400))
    (ready.folder.parent / "big-secrets.yml").write_text(text)
    config = ready.folder / ".yamlvault.yml"
    config.rename(ready.folder.parent / ".yamlvault.yml")
    done = _in_namespace(ready, script)
    assert done.returncode == 1, done.stderr
    assert "No space left" in done.stderr
    assert "old file is unchanged" in done.stderr


@needs_root
@pytest.mark.root
def test_bind_mounted_file(ready):
    """A file that is a mount point of its own is written in place."""
    script = """
        touch mounted-secrets.yml && mount --bind secrets.yml mounted-secrets.yml
        "$0" encrypt mounted-secrets.yml
    """
    done = _in_namespace(ready, script)
    assert done.returncode == 0, done.stderr
    assert "yv1." in ready.file.read_text()
    assert "s3cr" in ready.ok("decrypt", "secrets.yml")


def _in_namespace(session, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, session.program],
        cwd=session.folder,
        env=session.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_encrypt_does_not_sign_changed_rules(ready):
    """With another `seal` in the metadata, `encrypt` would leave what is new in plaintext."""
    ready.ok("encrypt", "-k", "$.production", "secrets.yml")
    text = ready.file.read_text().replace('seal: ["$.production"]', 'seal: ["$.default"]')
    ready.file.write_text(text.replace("production:\n", "production:\n  new: marker\n"))
    before = ready.files()
    assert "the metadata is not what was encrypted" in ready.refused("encrypt", "secrets.yml")
    assert ready.files() == before
