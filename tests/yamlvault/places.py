"""Places in which applications load a file: what is in the environment there, and who opens it."""

from __future__ import annotations

import os

import pytest

import yamlvault

PLAIN = "default: &default\n  host: db.internal\nproduction:\n  <<: *default\n  password: hunter2\n"
DATA = {"host": "db.internal", "password": "hunter2"}
KINDS = ("age", "aws light", "aws sdk", "gcp light", "gcp sdk")


@pytest.fixture(params=KINDS)
def place(request, monkeypatch, tmp_path):
    """Return a file that opens here, by an age identity and by each client of a cloud."""
    kind, _, client = request.param.partition(" ")
    if client:
        monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", client)
    kek = KEKS[kind](request, monkeypatch, tmp_path)
    file = tmp_path / "secrets.yml"
    file.write_bytes(yamlvault.encrypt(PLAIN, keks=[kek]))
    return file


def _age(request, monkeypatch, tmp_path):
    identity = tmp_path / "identity.txt"
    identity.write_text(request.getfixturevalue("identity"))
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", str(identity))
    return request.getfixturevalue("recipient")


def _aws(request, _monkeypatch, _tmp_path):
    return f"aws-kms:{request.getfixturevalue('moto').key()}"


def _gcp(request, monkeypatch, tmp_path):
    server = request.getfixturevalue("gcp_kms")
    principal = f"load-{os.path.basename(tmp_path)}@p.iam.gserviceaccount.com"
    uri = server.create_key()
    server.grant(principal, uri=uri)
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", server.endpoint)
    file = server.credentials_file(principal, tmp_path)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
    return uri


KEKS = {"age": _age, "aws": _aws, "gcp": _gcp}
