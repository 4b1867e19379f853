"""What the commands do when all is well."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess

import pytest
import yaml

DATA = {"host": "db.internal", "port": 5432, "password": "s3cr\tet-marker"}


def test_encrypt_and_decrypt_give_the_bytes_back(ready):
    """What `decrypt` prints is what `encrypt` was given, and no secret is left in the file."""
    before = ready.file.read_bytes()
    done = ready.run("encrypt", "secrets.yml")
    assert done.returncode == 0
    assert "4 scalars sealed" in done.stderr
    assert b"marker" not in ready.file.read_bytes()
    assert b"# rotate me" in ready.file.read_bytes()
    assert ready.ok("decrypt", "secrets.yml").encode() == before


def test_encrypt_keeps_the_mode(ready):
    """The encrypted file has the mode that the plaintext had."""
    ready.file.chmod(0o640)
    ready.ok("encrypt", "secrets.yml")
    assert stat.S_IMODE(ready.file.stat().st_mode) == 0o640


def test_encrypt_to_another_file_leaves_the_first_alone(ready):
    """With -o the plaintext stays, and the result is elsewhere."""
    before = ready.file.read_bytes()
    ready.ok("encrypt", "secrets.yml", "-o", "out.yml")
    assert ready.file.read_bytes() == before
    assert ready.ok("decrypt", "out.yml").encode() == before


def test_standard_input_and_output(ready):
    """A dash is standard input, and the result goes to standard output."""
    recipient = ready.ok("keys").strip()
    text = ready.ok("encrypt", "--kek", recipient, "-", input="a: 1\n")
    assert text.startswith("a: yv1.")
    assert ready.ok("decrypt", "-", input=text) == "a: 1\n"
    assert ready.ok("get", "-", "$.a", input=text) == "1\n"


def test_key_paths_choose_what_is_sealed(ready):
    """With -k, what the paths do not name stays in plaintext."""
    ready.ok("encrypt", "-k", "$.production.password, $./^pro/.pem", "secrets.yml")
    text = ready.file.read_text()
    assert "db.internal" in text
    assert text.count("yv1.") == 2


def test_new_plaintext_in_an_encrypted_file_is_sealed_alone(encrypted):
    """What was sealed keeps its bytes; what was added is sealed."""
    before = encrypted.file.read_text()
    text = before.replace("production:\n", "production:\n  token: t0k3n\n")
    encrypted.file.write_text(text)
    done = encrypted.run("encrypt", "secrets.yml")
    assert done.returncode == 0
    assert "1 scalar sealed, 4 kept" in done.stderr
    assert "$.production" in done.stderr
    after = encrypted.file.read_text()
    assert "t0k3n" not in after
    kept = [line for line in before.splitlines() if "yv1." in line]
    assert all(line in after.splitlines() for line in kept)
    assert encrypted.ok("get", "secrets.yml", "$.production.token") == "t0k3n\n"


def test_more_key_paths_in_an_encrypted_file(ready):
    """With -k on an encrypted file, more of it is sealed from then on."""
    ready.ok("encrypt", "-k", "$.production.password", "secrets.yml")
    ready.ok("encrypt", "-k", "$.default", "secrets.yml")
    assert "db.internal" not in ready.file.read_text()
    assert 'seal: ["$.production.password", "$.default"]' in ready.file.read_text()


def test_decrypt_to_a_file_is_private(encrypted):
    """Plaintext in a file has mode 0600, whatever was there before."""
    target = encrypted.folder / "plain.yml"
    target.write_text("old")
    target.chmod(0o644)
    done = encrypted.run("decrypt", "secrets.yml", "-o", "plain.yml")
    assert done.returncode == 0
    assert done.stderr == "plain.yml: written; its mode is 0600, since it holds plaintext\n"
    assert encrypted.run("decrypt", "secrets.yml", "-o", "/dev/null").stderr == ""
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "s3cr" in target.read_text()


def test_decrypt_in_place(encrypted):
    """With -i the plaintext takes the place of the encrypted file, and is private."""
    encrypted.ok("decrypt", "-i", "secrets.yml")
    assert "s3cr" in encrypted.file.read_text()
    assert stat.S_IMODE(encrypted.file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["$.production.password"], "s3cr\tet-marker\n"),
        (["-n", "$.production.password"], "s3cr\tet-marker"),
        (["$.production.port"], "5432\n"),
        (["--json", "$.production.port"], "5432\n"),
        (["$.production.pem"], "-----BEGIN X-----\nmarker\n-----END X-----\n"),
    ],
)
def test_get_prints_one_value(encrypted, words, printed):
    """A single value is printed as it is; what merge keys bring in is found."""
    assert encrypted.ok("get", "secrets.yml", *words) == printed


@pytest.mark.parametrize(
    "text", ["1.10", "0x1F", "0o17", "007", "1_000", "1e3", "+5", ".5", ".inf", "1:30", "5", "-0"]
)
def test_get_prints_a_number_as_it_is_written(ready, text):
    """A version, a mode or a time is printed with all its digits; as JSON it is a number."""
    ready.file.write_text(f"a: &a {text}\nb: {{c: *a}}\nl: [x, {text}]\n")
    ready.ok("encrypt", "secrets.yml")
    for path in ("$.a", "$.b.c", "$.l[1]"):
        assert ready.ok("get", "secrets.yml", path) == f"{text}\n"
    if text == "0x1F":
        assert ready.ok("get", "--json", "secrets.yml", "$.a") == "31\n"
        assert yaml.safe_load(ready.ok("get", "secrets.yml")) == {
            "a": 31, "b": {"c": 31}, "l": ["x", 31]
        }  # fmt: skip


def test_get_prints_bytes_alone(ready):
    """What is binary gets no line break that is not in it."""
    ready.file.write_text("a: !!binary bWFya2Vy\n")
    ready.ok("encrypt", "secrets.yml")
    assert ready.ok("get", "secrets.yml", "$.a") == "marker"


def test_get_of_several_documents(ready):
    """One value is wanted, and the hint speaks of commands, not of functions."""
    ready.file.write_text("a: marker\n---\nb: 2\n")
    ready.ok("encrypt", "secrets.yml")
    error = ready.refused("get", "secrets.yml")
    assert "the stream has 2 documents" in error
    assert "hint: name a value that one of them has; all of them: yamlvault decrypt FILE" in error
    assert ready.ok("get", "secrets.yml", "$.b") == "2\n"


def test_get_prints_a_part(encrypted):
    """A part is YAML, or JSON on request."""
    text = encrypted.ok("get", "secrets.yml", "$.production")
    assert yaml.safe_load(text).items() >= DATA.items()
    assert "pem: |\n" in text
    text = encrypted.ok("get", "secrets.yml", "$.production", "--json")
    assert json.loads(text).items() >= DATA.items()


def test_keys_lists_kek_uris(encrypted):
    """`keys FILE` says who can open a file; `keys` which identity is at hand."""
    recipient = encrypted.ok("keys").strip()
    assert recipient.startswith("age:age1")
    assert f"{recipient}: opens here" in encrypted.ok("keys", "secrets.yml")
    closed = encrypted.ok("keys", "secrets.yml", env={"HOME": "/nonexistent"})
    assert f"{recipient}: no age identity is at hand" in closed


def test_init_never_overwrites(ready):
    """A second `init` changes neither the identity nor the configuration."""
    identity = ready.home / ".config/yamlvault/identity.txt"
    assert stat.S_IMODE(identity.stat().st_mode) == 0o600
    before = identity.read_bytes(), ready.files()
    ready.ok("init")
    assert (identity.read_bytes(), ready.files()) == before


@pytest.mark.parametrize("pattern", ["./x.yml", "sub/", "../x.yml"])
def test_init_with_a_pattern_that_matches_nothing(session, pattern):
    """A pattern that no file can match is refused before a rule has it."""
    error = session.refused("init", pattern, status=2)
    assert pattern in error
    assert not (session.folder / ".yamlvault.yml").exists()


def test_init_with_a_pattern_where_rules_are(ready):
    """A pattern that is not used is named, with where it belongs."""
    done = ready.run("init", "*.enc.yml")
    assert done.returncode == 0
    assert "hint: add to the `files` of a rule: *.enc.yml" in done.stderr


def test_init_with_an_identity_file(session):
    """`--identity` puts the identity elsewhere, and warns where git would see it."""
    (session.folder / ".git").mkdir()
    done = session.run("init", "--identity", "key.txt", "conf/*.yml")
    assert done.returncode == 0
    assert ".gitignore" in done.stderr
    assert 'files: ["conf/*.yml"]' in (session.folder / ".yamlvault.yml").read_text()
    session.ok("encrypt", "--kek", session.ok("keys", env=_key(session)).strip(), "secrets.yml")
    assert "s3cr" in session.ok("decrypt", "secrets.yml", env=_key(session))


def _key(session):
    return {"YAMLVAULT_AGE_KEY_FILE": str(session.folder / "key.txt")}


def test_several_files_and_one_that_fails(ready):
    """One file that fails does not keep the others from being encrypted; the status tells."""
    (ready.folder / "more-secrets.yml").write_text("b: 2\n")
    done = ready.run("encrypt", "missing-secrets.yml", "more-secrets.yml", "secrets.yml")
    assert done.returncode == 1
    assert "missing-secrets.yml" in done.stderr
    assert "yv1." in (ready.folder / "more-secrets.yml").read_text()
    assert "yv1." in ready.file.read_text()


def test_ssh_keys(session):
    """An SSH key encrypts and decrypts."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = session.folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    kek = f"age:{key.with_suffix('.pub').read_text()}"
    done = session.run("encrypt", "--kek", kek, "secrets.yml")
    assert f"4 scalars sealed, for age:ssh-ed25519 …{kek.split()[1][-12:]}\n" in done.stderr
    assert kek.split()[1] in session.ok("keys", "secrets.yml")
    assert "s3cr" in session.ok("decrypt", "secrets.yml", env={"YAMLVAULT_AGE_KEY_FILE": str(key)})


def test_passphrase_from_environment_and_descriptor(session):
    """A passphrase comes from a variable or a descriptor, and a wrong one opens nothing."""
    session.ok("encrypt", "--kek", "passphrase:", "secrets.yml", env={"YAMLVAULT_PASSPHRASE": "x"})
    (session.folder / "pass").write_text("x\n")
    with (session.folder / "pass").open() as file:
        text = session.ok(
            "decrypt",
            "secrets.yml",
            env={"YAMLVAULT_PASSPHRASE_FD": str(file.fileno())},
            pass_fds=[file.fileno()],
        )
    assert "s3cr" in text
    error = session.refused("decrypt", "secrets.yml", env={"YAMLVAULT_PASSPHRASE": "wrong"})
    assert "the passphrase is wrong" in error


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(session, shell):
    """The completion script asks the program, and the shell can read it."""
    script = session.ok("completion", shell)
    assert f"yamlvault __complete {shell}" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("yamlvault en", "encrypt"),
        ("yamlvault encrypt --ke", "--kek"),
        ("yamlvault encrypt secr", "secrets.yml"),
        ("yamlvault encrypt x.yml secr", "secrets.yml"),
        ("yamlvault encrypt -o secr", "secrets.yml"),
        ("yamlvault get secr", "secrets.yml"),
    ],
)
def test_completion_completes_in_bash(session, line, completed):
    """bash, with the script sourced, offers commands, options and files."""
    (session.folder / "script").write_text(session.ok("completion", "bash"))
    ask = """
        source ./script
        COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        $(complete -p yamlvault | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", ask, "bash", line],
        cwd=session.folder,
        env={"PATH": f"{os.path.dirname(session.program)}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed in done.stdout.split(), done.stderr


def test_output_to_a_closed_pipe(encrypted):
    """A reader that goes away is no defect of ours."""
    command = ["bash", "-o", "pipefail", "-c", '"$0" decrypt secrets.yml | true']
    done = subprocess.run(
        [*command, encrypted.program],
        cwd=encrypted.folder,
        env=encrypted.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
