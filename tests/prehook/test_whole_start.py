"""A whole start against services on loopback: one image, and what differs is settled by rights."""

import json
import os
import socket
import sys

import pytest
from sessions import run

import yamlvault

PLAN = """\
deadline: 60s
steps:
  - secrets:
      file: secrets.yml
      path: $.{{ env.APP_ENV }}
      env: {DATABASE_PASSWORD: $.password}
  - assets:
      bucket: whole-start
      key: manifests/{{ env.APP_ENV }}/{{ env.GIT_SHA1 }}/vite.json
      to: public/manifest.json
  - wait: tcp://127.0.0.1:{{ env.DATABASE_PORT }}
  - render: {templates: ["app.ini.j2"], mode: 0640}
  - name: setup
    run: {command: 'echo "RELEASE=r-$GIT_SHA1" >> "$PREHOOK_ENV"', shell: true}
"""
PLAIN = """\
production: {password: production-hunter2, host: db.production}
staging: {password: staging-hunter2, host: db.staging}
"""
SHOW = """
import json, os, yamlvault
print(json.dumps({
    "loaded": yamlvault.load(), "password": os.environ["DATABASE_PASSWORD"],
    "release": os.environ["RELEASE"], "config": open("app.ini").read(),
    "manifest": json.load(open("public/manifest.json")), "pid": os.getpid(),
}))
"""
SHA1 = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def image(tmp_path, moto):
    """What an image holds: the same for every environment."""
    keys = {name: f"aws-kms:{moto.key()}" for name in ("production", "staging")}
    scopes = [
        yamlvault.ScopeRule((keks,), (f"$.{name}",), (f"$.{name}",)) for name, keks in keys.items()
    ]
    (tmp_path / "secrets.yml").write_bytes(yamlvault.encrypt(PLAIN, scopes=scopes))
    (tmp_path / "app.ini.j2").write_text(
        "[db]\nhost = {{ secrets.host }}\npw = {{ secrets.password }}\n"
    )
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "public").mkdir()
    s3 = moto.client("s3")
    s3.create_bucket(
        Bucket="whole-start", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for name in keys:
        s3.put_object(
            Bucket="whole-start",
            Key=f"manifests/{name}/{SHA1}/vite.json",
            Body=json.dumps({"main.js": {"file": f"{name}-BRBmoGS9.js"}}).encode(),
        )
    moto.clear()
    yield tmp_path
    for name in keys:
        s3.delete_object(Bucket="whole-start", Key=f"manifests/{name}/{SHA1}/vite.json")
    s3.delete_bucket(Bucket="whole-start")


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_one_image_each_environment(image, moto, environment):
    """Each environment has its own secrets, config and manifest, by one request to each service."""
    with socket.create_server(("127.0.0.1", 0)) as database:
        variables = {
            "APP_ENV": environment,
            "GIT_SHA1": SHA1,
            "DATABASE_PORT": str(database.getsockname()[1]),
        }
        result = run(
            "-f", "plan.yml", "--", sys.executable, "-c", SHOW,
            cwd=image, env={**os.environ, **variables},
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout)
    secrets = {"password": f"{environment}-hunter2", "host": f"db.{environment}"}
    assert shown["loaded"] == secrets
    assert shown["password"] == secrets["password"]
    assert shown["release"] == f"r-{SHA1}"
    assert shown["config"] == f"[db]\nhost = db.{environment}\npw = {environment}-hunter2\n"
    assert shown["manifest"] == {"main.js": {"file": f"{environment}-BRBmoGS9.js"}}
    key = f"manifests/{environment}/{SHA1}/vite.json"
    assert sorted(moto.requests()) == ["Decrypt", f"GET /whole-start/{key}"]
    errors = result.stderr.decode()
    assert [line.split(":")[1].strip() for line in errors.splitlines()] == [
        "secrets", "assets", "wait", "render", "setup",
    ]  # fmt: skip
    assert "hunter2" not in errors


def test_key_service_that_is_down(image, moto):
    """A start whose key service can't be reached ends with one line, and nothing was written."""
    variables = {
        "APP_ENV": "staging",
        "GIT_SHA1": SHA1,
        "DATABASE_PORT": "1",
        "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
    }
    result = run(
        "-q", "-f", "plan.yml", "--", "echo", "never", cwd=image, env={**os.environ, **variables}
    )
    assert (result.returncode, result.stdout) == (125, b"")
    lines = [line for line in result.stderr.decode().splitlines() if not line.startswith("hint: ")]
    assert len(lines) == 1
    assert lines[0].startswith("prehook: secrets: ")
    assert lines[0].endswith('; "echo" is not started')
    assert not (image / "app.ini").exists()
