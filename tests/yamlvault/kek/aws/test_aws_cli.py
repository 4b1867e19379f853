"""The command line with a file whose KEK is in AWS KMS."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers import guard
from servers.aws import ACCESS_KEY
from servers.faults import error, send

YAMLVAULT = str(Path(sys.executable).with_name("yamlvault"))
DENIED_BY_STS = b"""\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>AccessDenied</Code>
    <Message>User: x is not authorized to perform: sts:AssumeRole</Message>
  </Error>
  <RequestId>1</RequestId>
</ErrorResponse>
"""


@pytest.fixture
def run(tmp_path):
    """Run yamlvault in a folder with a home of its own."""
    (tmp_path / "s.yml").write_text("a: 1\nb: {c: s3cret-marker}\n")

    def run(*words, **environment):
        own = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **guard.CLOSED}
        return subprocess.run(
            [YAMLVAULT, *words],
            cwd=tmp_path,
            env=own | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("client", ["light", "sdk", ""])
def test_one_request(moto, run, client):
    """Whatever is read of a file, it is one request."""
    environment = moto.environment | {"YAMLVAULT_KMS_CLIENT": client}
    done = run("encrypt", "--kek", f"aws-kms:{moto.key()}", "s.yml", **environment)
    assert done.returncode == 0, done.stderr
    assert "marker" not in done.stdout + done.stderr
    moto.clear()
    done = run("get", "s.yml", "$.b.c", **environment)
    assert (done.stdout, done.stderr) == ("s3cret-marker\n", "")
    assert moto.requests() == ["Decrypt"]
    assert moto.signers() == [ACCESS_KEY["AWS_ACCESS_KEY_ID"]]


@pytest.mark.parametrize("client", ["light", "sdk"])
def test_a_refusal(moto, faults, run, client):
    """An error is one line with the key's URI, and a hint."""
    uri = f"aws-kms:{moto.key()}"
    environment = moto.environment | {"YAMLVAULT_KMS_CLIENT": client}
    assert run("encrypt", "--kek", uri, "s.yml", **environment).returncode == 0
    faults.do(error("AccessDeniedException", "User: x is not\n authorized"))
    done = run("get", "s.yml", **environment | {"AWS_ENDPOINT_URL_KMS": faults.url})
    assert done.returncode == 1
    assert done.stdout == ""
    message, hint = done.stderr.splitlines()
    assert message == (
        f"yamlvault: s.yml: none of the file's KEKs opens it ({uri}: kms:Decrypt: denied "
        "(User: x is not authorized))"
    )
    assert hint.startswith("hint: the policies of the key and of the role decide")


def test_a_role_that_is_denied(moto, faults, run):
    """Assuming a role, the SDK logs tracebacks: none reaches the terminal."""
    uri = f"aws-kms:{moto.key()}"
    assert run("encrypt", "--kek", uri, "s.yml", **moto.environment).returncode == 0
    faults.do(send(DENIED_BY_STS, 403))
    done = run(
        "get",
        "s.yml",
        **moto.environment
        | {
            "AWS_ENDPOINT_URL_STS": faults.url,
            "YAMLVAULT_AWS_ROLE": "arn:aws:iam::123456789012:role/x",
        },
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert "denied (User: x is not authorized to perform: sts:AssumeRole)" in done.stderr
    assert ACCESS_KEY["AWS_SESSION_TOKEN"] not in done.stderr
