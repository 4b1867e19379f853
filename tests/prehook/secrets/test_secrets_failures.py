"""Files that don't open: one line, status 125, and CMD is not started."""

import os
import signal
import socket

import pyrage
import pytest
from sessions import eventually, running

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PLAN = "steps:\n  - secrets: secrets.yml\n"


def test_wrong_key(place):
    """An identity that opens nothing is one line with a hint."""
    place.identity.write_text(str(pyrage.x25519.Identity.generate()))
    error = place.refused(PLAN)
    assert "secrets: secrets.yml: none of the file's KEKs opens it" in error
    assert error.count("\nhint: ") == 1
    assert '; "echo" is not started' in error


def test_tampered_file(place):
    """A file that was changed is refused, with the place."""
    data = bytearray(place.file.read_bytes())
    data[data.index(b"yv1.") + 40] ^= 1
    place.file.write_bytes(data)
    assert "secrets: secrets.yml:" in place.refused(PLAN)


def test_plaintext_file(place):
    """A file that nobody has encrypted is refused."""
    place.file.write_text("password: correct-horse/battery&staple\n")
    assert "secrets.yml: not encrypted" in place.refused(PLAN)


def test_missing_file(place):
    """A name that may be meant is the hint."""
    error = place.refused("steps:\n  - secrets: secret.yml\n")
    assert "secret.yml: there is no such file" in error
    assert "secrets.yml" in error.splitlines()[1]


def test_unreadable_file(place):
    """Without the permission to read it, that is what is said."""
    place.file.chmod(0)
    user = {} if os.geteuid() else {"user": 12345, "group": 12345, "extra_groups": ()}
    place.directory.chmod(0o755)
    place.identity.chmod(0o644)
    for parent in place.directory.parents:  # those that pytest has made are for us alone
        if parent.stat().st_uid == os.geteuid() and parent.stat().st_mode & 0o777 == 0o700:
            parent.chmod(0o711)
    error = place.refused(PLAN, **user)
    assert "secrets.yml: can't be read: Permission denied" in error


def test_missing_part(place):
    """A key path that names nothing is told with what there is."""
    error = place.refused("steps:\n  - secrets: {file: secrets.yml, path: $.prodaction}\n")
    assert "key path $.prodaction names nothing in the file" in error
    assert "is `production` meant?" in error


def test_several_documents(place):
    """A stream of several documents is no data for anybody: the error says so."""
    place.encrypt("a: 1234\n---\nb: 5678\n")
    assert "the stream has 2 documents" in place.refused(PLAN)


@pytest.mark.parametrize("text", ["&x {again: *x}", "{1: mark, '1': mark}"])
def test_what_json_has_no_form_for(place, text):
    """Such a value is an error that names its key path."""
    place.encrypt(f"part:\n  odd: {text}\n")
    plan = "steps:\n  - secrets: {file: secrets.yml, path: $.part, format: json}\n"
    error = place.refused(plan)
    assert "$.part.odd" in error
    assert "format: yaml" in error
    assert place.ok(plan.replace(", format: json", "")) == ""


def test_optional(place):
    """An optional step that fails leaves CMD without secrets, and says so."""
    place.identity.write_text(str(pyrage.x25519.Identity.generate()))
    plan = "steps:\n  - {secrets: secrets.yml, optional: true}\n"
    done = place.run(plan, "sh", "-c", 'echo "<$YAMLVAULT_FD>"')
    assert (done.returncode, done.stdout) == (0, "<>\n")
    assert "it is optional" in done.stderr


@pytest.fixture
def silent_service(place):
    """Let the file be for a key service that takes requests and never answers."""
    place.file.write_text(place.file.read_text().replace(place.recipient, f"aws-kms:{ARN}"))
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        service.listen()
        place.environment |= {
            "AWS_ENDPOINT_URL_KMS": f"http://127.0.0.1:{service.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        yield service


def test_time_over(place, silent_service):
    """A key service that never answers ends the step in time, and is named."""
    error = place.refused("steps:\n  - {secrets: secrets.yml, timeout: 2}\n", status=124)
    assert ARN in error


def test_term_while_a_key_service_is_asked(place, silent_service, start, prefix):
    """TERM ends a start that waits for a key service; no process is left."""
    arguments = place.plan("steps:\n  - secrets: secrets.yml\n")
    session = start(*arguments, "--", "echo", "CMD runs", cwd=place.directory,
                    env=place.environment, prefix=prefix)  # fmt: skip
    connection, _ = silent_service.accept()
    with connection:
        session.signal(signal.SIGTERM)
        assert session.wait() == 128 + signal.SIGTERM
        assert session.output.read_text() == ""
        assert "ended by SIGTERM in secrets" in session.stderr
        assert not running(str(place.directory))


def test_attempts(place, start):
    """A later attempt hands on what an earlier one could not open."""
    content = place.file.read_bytes()
    place.file.unlink()
    plan = "steps:\n  - {secrets: secrets.yml, retries: 400, backoff: 0.05}\n"
    command = ("sh", "-c", 'tail -n 1 "/dev/fd/$YAMLVAULT_FD"')
    session = start(*place.plan(plan), "--", *command, cwd=place.directory, env=place.environment)
    eventually(lambda: "attempt 3" in session.stderr, "a third attempt")
    (place.directory / "new.yml").write_bytes(content)
    (place.directory / "new.yml").rename(place.file)
    assert session.wait() == 0, session.stderr
    assert "postgres://staging" in session.output.read_text()


def test_opened_once(place):
    """However much is asked of a part, its data key is opened once."""
    plan = (
        "steps:\n  - secrets:\n      file: secrets.yml\n      path: $.production\n"
        "      env: {A: $.motto, B: $.database.url, C: $.database.pool}\n"
    )
    done = place.run(plan, options=("-v",))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(" opened by ") == 1
