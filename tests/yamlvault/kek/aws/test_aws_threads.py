"""Threads: what one of them learns of clock and credentials takes nothing from the others."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from servers.aws import ACCOUNT
from servers.faults import error, give

from yamlvault.deadline import Deadline
from yamlvault.format.metadata import Stanza
from yamlvault.kek import kek_of

DATA_KEY = os.urandom(32)
ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STANZA = Stanza(f"aws-kms:{ARN}", b"wrapped")
THREADS = 8
PATIENCE = 60.0  # seconds; a barrier that breaks is a failure


@pytest.fixture
def kek(monkeypatch, keyring):
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", "light")
    return kek_of(STANZA.kek, keyring)


def unwrap_together(kek):
    """Return what the threads get, each of which unwraps once."""
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(kek.unwrap, STANZA, Deadline(PATIENCE)) for _ in range(THREADS)]
        return [one.result() for one in asked]


def test_a_wrong_clock(faults, kek):
    """All first requests are signed by the wrong clock; each thread signs once more."""
    faults.do(give(KeyId=ARN, Plaintext=DATA_KEY))
    assert kek.unwrap(STANZA, Deadline(PATIENCE)) == DATA_KEY
    faults.clock = timedelta(hours=3)
    faults.before = [Barrier(THREADS, timeout=PATIENCE).wait] * THREADS
    assert unwrap_together(kek) == [DATA_KEY] * THREADS
    assert unwrap_together(kek) == [DATA_KEY] * THREADS
    assert faults.seen == ["Decrypt"] * (1 + 3 * THREADS)


class Expiring:
    """A container's credentials, and a KMS that takes only the newest of them."""

    def __init__(self):
        self.handed_out = 0
        self.oldest_good = 0
        self.barrier = Barrier(THREADS, timeout=PATIENCE)

    def __call__(self, handler):
        if handler.command == "GET":
            self.handed_out += 1
            until = datetime.now(UTC) + timedelta(hours=1)
            give(
                AccessKeyId="AKIAXLOOPBACKXXXXXXX",
                SecretAccessKey="secret",
                Token=str(self.handed_out),
                Expiration=until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )(handler)
        elif int(handler.headers["X-Amz-Security-Token"]) < self.oldest_good:
            self.barrier.wait()
            error("ExpiredTokenException")(handler)
        else:
            give(KeyId=ARN, Plaintext=DATA_KEY)(handler)


def test_credentials_that_expire(faults, kek, monkeypatch):
    """They end while all threads ask; each goes on with newer ones."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{faults.url}/credentials")
    service = Expiring()
    faults.do(service)
    assert kek.unwrap(STANZA, Deadline(PATIENCE)) == DATA_KEY
    for _ in range(5):
        service.oldest_good = service.handed_out + 1
        assert unwrap_together(kek) == [DATA_KEY] * THREADS
