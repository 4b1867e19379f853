"""Fixtures: the emulator, and an environment from which no test reaches a real cloud."""

import http.client
import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from .state import PERMISSIONS

TESTS = Path(__file__).parents[2]
ENCRYPT, DECRYPT = PERMISSIONS["Encrypt"], PERMISSIONS["Decrypt"]
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"
NOWHERE = "127.0.0.1:1"
_FOREIGN = ("GOOGLE_", "CLOUDSDK_", "GCE_", "GCLOUD_", "NO_GCE_CHECK", "GRPC_", "YAMLVAULT_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "grpc_proxy", "no_grpc_proxy")


class GcpKms:
    """The emulator, as a test sees it.

    Attributes:
        endpoint: What `YAMLVAULT_GCP_KMS_ENDPOINT` is set to for it.
        host: Host and port, what `GCE_METADATA_HOST` is set to for it.
    """

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "servers.gcp_kms"],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.host = f"127.0.0.1:{int(self._process.stdout.readline())}"
        self.endpoint = f"http://{self.host}"
        self._numbers = count(1)
        self._private_key = None

    def stop(self):
        self._process.communicate()

    def _ask(self, call, **fields):
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=60)
        connection.request("POST", f"/_control/{call}", json.dumps(fields))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, content
        return json.loads(content)

    def create_key(self, purpose="ENCRYPT_DECRYPT"):
        """Make a key; return its KEK URI."""
        name = f"projects/p/locations/global/keyRings/r/cryptoKeys/key-{next(self._numbers)}"
        self._ask("create_key", name=name, purpose=purpose)
        return f"gcp-kms:{name}"

    def rotate(self, uri):
        """Give the key a new primary version."""
        self._ask("rotate", name=_name(uri))

    def set_state(self, uri, state, version=None):
        """Set the state of a version, by default of the primary one."""
        self._ask("set_state", name=_name(uri), version=version, to=state)

    def grant(self, principal, permissions=(ENCRYPT, DECRYPT), uri=None):
        """Let a principal do what the permissions say, with one key or with all."""
        self._ask(
            "grant", principal=principal, permissions=list(permissions), key=_name(uri) or "*"
        )

    def credentials_file(self, principal, folder, kind="service_account", **changes):
        """Write a credentials file of a principal; return its name."""
        content = getattr(self, f"_{kind}")(principal, Path(folder))
        content.update(changes)
        file = Path(folder) / f"{kind}-{next(self._numbers)}.json"
        file.write_text(json.dumps(content))
        return str(file)

    def _service_account(self, principal, _folder):
        if self._private_key is None:
            self._private_key = rsa.generate_private_key(65537, 2048)
        public = self._private_key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        self._ask("know", principal=principal, public_key=public.decode())
        private = self._private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {
            "type": "service_account",
            "project_id": "p",
            "private_key_id": "0123456789abcdef",
            "private_key": private.decode(),
            "client_email": principal,
            "client_id": "1",
            "token_uri": f"{self.endpoint}/token",
        }

    def _authorized_user(self, principal, _folder):
        token = f"refresh-token-of-{principal}"
        self._ask("know_refresh_token", principal=principal, token=token)
        return {
            "type": "authorized_user",
            "client_id": "client-id",
            "client_secret": "client-secret",
            "refresh_token": token,
            "token_uri": f"{self.endpoint}/token",
        }

    def _external_account(self, principal, folder):
        token = f"subject-token-of-{principal}"
        self._ask("know_subject", principal=principal, token=token)
        (folder / "subject").write_text(token)
        pool = "projects/1/locations/global/workloadIdentityPools/pool/providers/provider"
        return {
            "type": "external_account",
            "audience": f"//iam.googleapis.com/{pool}",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.endpoint}/sts",
            "credential_source": {"file": str(folder / "subject")},
        }

    def set_metadata_principal(self, principal):
        """Say whose tokens the metadata server hands out; None for no service account."""
        self._ask("set_metadata_principal", principal=principal)

    def end_tokens(self):
        """Let all tokens that were handed out be expired."""
        self._ask("end_tokens")

    def fault(self, kind, operation="kms", times=1, **more):
        """Let something go wrong: faults.py and rest.py say what can."""
        self._ask("fault", kind=kind, operation=operation, times=times, **more)

    def requests(self, *operations):
        """Return the requests since `clear`, of these operations or of all."""
        return [
            request
            for request in self._ask("requests")["requests"]
            if not operations or request["operation"] in operations
        ]

    def clear(self):
        """Forget requests and faults, and end what hangs."""
        self._ask("clear")


def _name(uri):
    return uri.removeprefix("gcp-kms:") if uri else ""


@pytest.fixture(scope="session")
def gcp_kms_process():
    """Run the emulator."""
    server = GcpKms()
    yield server
    server.stop()


@pytest.fixture
def gcp_kms(gcp_kms_process):
    """Return the emulator, without the requests and the faults of other tests."""
    gcp_kms_process.clear()
    gcp_kms_process.set_metadata_principal(None)
    yield gcp_kms_process
    gcp_kms_process.clear()


@pytest.fixture(autouse=True)
def _no_real_cloud(_no_identity_of_the_machines_user, monkeypatch, tmp_path_factory):
    """Let nothing that this machine has or is near to give a test access to Google's cloud."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path_factory.getbasetemp() / "no-gcloud"))
    monkeypatch.setenv("GCE_METADATA_HOST", NOWHERE)
    monkeypatch.setenv("GCE_METADATA_IP", NOWHERE)
    monkeypatch.setenv("YAMLVAULT_GCP_KMS_ENDPOINT", f"http://{NOWHERE}")
