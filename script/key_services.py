"""Measurements with key services on loopback: moto, and the tests' emulator of Cloud KMS."""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timing import Row, Run, mebibytes, row, run

if TYPE_CHECKING:
    from collections.abc import Mapping

BIN = Path(sys.executable).parent
TIMES = 21
SCALARS = 1000
_AWS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
# One KMS call for each scalar, as the gem yaml_vault makes it, over one kept connection
_A_CALL_EACH = """
import boto3, sys
kms = boto3.client("kms")
for number in range(int(sys.argv[2])):
    text = f"a value of about forty bytes {number:07}"
    wrapped = kms.encrypt(KeyId=sys.argv[1], Plaintext=text)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=wrapped)
"""


class KeyServices:
    """The measurements, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "kms.yml").write_text("".join(f"key{n}: value {n}\n" for n in range(20)))

    def rows(self) -> list[Row]:
        """Measure all."""
        return [*self.aws(), *self.gcp()]

    def aws(self) -> list[Row]:
        """Measure `get` with both clients, and many scalars against a call for each."""
        port = _free_port()
        log = self.folder / "moto.log"
        with log.open("wb") as out:
            command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
            server = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _await(port)
            return self._aws(f"http://127.0.0.1:{port}", log)
        finally:
            server.terminate()
            server.wait()

    def _aws(self, url: str, log: Path) -> list[Row]:
        import boto3

        environment = {**_AWS, "AWS_ENDPOINT_URL": url}
        os.environ.update(environment)
        key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
        kek = f"aws-kms:{key}"
        rows = self.clients("AWS KMS, keys in the environment", kek, environment)
        before = _posts(log)
        run([str(BIN / "yamlvault"), "get", "ours.yml", "$.key7"], self.folder, environment)
        rows.append(Row("requests of that `get`", str(_posts(log) - before), "-", "-", "1"))
        text = "".join(f"key{n}: a value of about forty bytes {n:07}\n" for n in range(SCALARS))
        (self.folder / "many.yml").write_text(text)
        start = time.perf_counter()
        for command in (
            ["encrypt", "--kek", kek, "-o", "many.ours.yml", "many.yml"],
            ["decrypt", "many.ours.yml"],
        ):
            run([str(BIN / "yamlvault"), *command], self.folder, environment)
        ours = Run(time.perf_counter() - start, 0)
        each = run([sys.executable, "-c", _A_CALL_EACH, key, str(SCALARS)], self.folder)
        what = f"encrypt and decrypt {SCALARS:,} scalars, AWS KMS"
        rows.append(row(what, ours, each, "a KMS call each, as the gem makes", "at most 0.1"))
        return rows

    def gcp(self) -> list[Row]:
        """Measure `get` with both clients, for two kinds of credentials."""
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        from servers.gcp_kms.fixtures import GcpKms

        emulator: Any = GcpKms()
        try:
            principal = "bench@p.iam.gserviceaccount.com"
            emulator.grant(principal)
            key = emulator.create_key()
            endpoint = {"YAMLVAULT_GCP_KMS_ENDPOINT": emulator.endpoint}
            file = emulator.credentials_file(principal, self.folder)
            rows = self.clients(
                "Cloud KMS, a service account's file",
                key,
                {**endpoint, "GOOGLE_APPLICATION_CREDENTIALS": file},
            )
            emulator.set_metadata_principal(principal)
            environment = {
                **endpoint,
                "GCE_METADATA_HOST": emulator.host,
                "GCE_METADATA_IP": emulator.host,
                "CLOUDSDK_CONFIG": str(self.folder / "nothing"),
            }
            return rows + self.clients("Cloud KMS, the metadata server", key, environment)
        finally:
            emulator.stop()

    def clients(self, what: str, kek: str, environment: Mapping[str, str]) -> list[Row]:
        """Measure `yamlvault get` with the light client against the SDK."""
        encrypt = [str(BIN / "yamlvault"), "encrypt", "--kek", kek, "-o", "ours.yml", "kms.yml"]
        run(encrypt, self.folder, environment)
        get = [str(BIN / "yamlvault"), "get", "ours.yml", "$.key7"]
        runs: dict[str, list[Run]] = {"": [], "sdk": []}
        for _ in range(TIMES):
            for choice, found in runs.items():
                found.append(run(get, self.folder, {**environment, "YAMLVAULT_KMS_CLIENT": choice}))
        ours, sdk = (
            Run(statistics.median(one.seconds for one in each), max(one.peak for one in each))
            for each in runs.values()
        )
        memory = f"{ours.peak / sdk.peak:.2f}"
        peak = Row(
            "… peak memory", mebibytes(ours.peak), mebibytes(sdk.peak), memory, "at most 0.5"
        )
        return [row(f"`yamlvault get`, {what}", ours, sdk, "with the SDK", "at most 0.35"), peak]


def _posts(log: Path) -> int:
    return len(re.findall(rb'"POST / HTTP', log.read_bytes()))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("bench: moto_server does not start")
