"""Fixtures: AWS on loopback. `moto` is what works, `faults` what does not."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import pytest
from servers.faults import Faults

REGION = "eu-west-1"
ACCOUNT = "123456789012"  # moto's own
ACCESS_KEY = {
    "AWS_ACCESS_KEY_ID": "AKIAXLOOPBACKXXXXXXX",
    "AWS_SECRET_ACCESS_KEY": "secret-access-key-marker",
    "AWS_SESSION_TOKEN": "session-token-marker",
}


class Moto:
    """A server of AWS's services.

    Attributes:
        url: Its URL: that of every service.
        environment: What lets a client find it, with credentials that it takes.
    """

    def __init__(self, url):
        self.url = url
        self.environment = {"AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, **ACCESS_KEY}

    def client(self, service, region=REGION, **credentials):
        """Return a client of boto3."""
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=region, endpoint_url=self.url, **keys)

    def kms(self, region=REGION):
        """Return boto3's client of KMS, which does what only an administrator may."""
        return self.client("kms", region)

    def key(self, alias=None, **settings):
        """Return the ARN of a new key."""
        arn = self.kms().create_key(**settings)["KeyMetadata"]["Arn"]
        if alias is not None:
            self.kms().create_alias(AliasName=alias, TargetKeyId=arn)
        return arn

    def requests(self):
        """Return the operations that were asked for since `clear`."""
        return [operation for operation, _ in self._get("noted")]

    def signers(self):
        """Return the ids of the access keys that signed these requests."""
        return [key for _, key in self._get("noted")]

    def clear(self):
        """Forget what was asked for."""
        self._get("forget")

    def _get(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/{path}", timeout=60) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def moto_server():
    """The server, one for a session of tests."""
    program = Path(__file__).with_name("moto_process.py")
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Moto(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


@pytest.fixture
def moto(moto_server, monkeypatch):
    """The server, for a test whose environment leads there, with its notebook empty."""
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    moto_server.clear()
    return moto_server


@pytest.fixture
def faults(monkeypatch):
    """A server that does as told, in place of KMS."""
    with Faults() as server:
        environment = {"AWS_ENDPOINT_URL_KMS": server.url, "AWS_REGION": REGION, **ACCESS_KEY}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield server
