"""Which client asks Cloud KMS: the light one, or Google's own where only that will do."""

from __future__ import annotations

import os

from yamlvault.errors import KEKError
from yamlvault.kek.gcp.credentials_file import find, quota_project, universe
from yamlvault.kek.gcp.endpoint import endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from yamlvault.deadline import Deadline
    from yamlvault.kek.gcp.credentials_file import CredentialsFile
    from yamlvault.kek.gcp.exchange import Answer, Question
    from yamlvault.kek.gcp.token import Source
    from yamlvault.keyring import Keyring

    class Client(Protocol):
        """What asks Cloud KMS."""

        def call(self, question: Question, deadline: Deadline) -> Answer:
            """Return the answer to a question.

            Raises:
                Refusal: There is none.
            """


CHOICE = "YAMLVAULT_KMS_CLIENT"
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "grpc_proxy")


def client_of(uri: str, keyring: Keyring) -> Client:
    """Return the client for a KEK: the keyring's own, or a new one.

    Raises:
        KEKError: No client is installed, or the environment asks for what there isn't.
        Refusal: The credentials file can't be read.
    """
    choice = os.environ.get(CHOICE) or ""
    if choice not in {"", "light", "sdk"}:
        raise KEKError(f"{CHOICE} is {choice[:20]!r}", hint="known are light, sdk")
    url = endpoint()
    path = keyring.access(uri).credentials
    # Of a process that forked, neither connections nor gRPC work in the child
    key = ("gcp-kms", choice, url, path or "", str(os.getpid()))
    client: Client | None = keyring.clients.get(key)
    if client is None:
        client = _made(choice, url, find(path), keyring)
        client = keyring.clients.setdefault(key, client)
    return client


def _made(choice: str, url: str, file: CredentialsFile | None, keyring: Keyring) -> Client:
    reason = f"{CHOICE}=sdk" if choice == "sdk" else "" if choice else _needs_sdk(url, file)
    if not reason:
        keyring.tell("Cloud KMS is asked by the light client")
        return _light(url, file)
    try:
        from yamlvault.kek.gcp.sdk import HOME, SDK
    except ImportError:
        from yamlvault.kek.gcp import not_installed

        raise not_installed("google-cloud-kms") from None
    if os.getpid() != HOME and url.startswith("http:"):
        keyring.tell("Cloud KMS is asked by the light client: gRPC does not work after a fork")
        return _light(url, file)
    keyring.tell(f"Cloud KMS is asked by google-cloud-kms: {reason}")
    return SDK(url, file, uses_rest=_has_proxy(url))


def _light(url: str, file: CredentialsFile | None) -> Client:
    from yamlvault.kek.gcp.light import Light

    return Light(url, _source(file), quota_project(file))


def _source(file: CredentialsFile | None) -> Source:
    if file is None:
        from yamlvault.kek.gcp.metadata_server import MetadataServer

        return MetadataServer()
    if file.kind == "service_account":
        from yamlvault.kek.gcp.service_account import ServiceAccount

        return ServiceAccount(file)
    if file.kind == "authorized_user":
        from yamlvault.kek.gcp.authorized_user import AuthorizedUser

        return AuthorizedUser(file)
    try:
        from yamlvault.kek.gcp.federated import Federated
    except ImportError:
        from yamlvault.kek.gcp import not_installed

        raise not_installed("google-auth") from None
    return Federated(file)


def _needs_sdk(url: str, file: CredentialsFile | None) -> str:
    """Return why the light client will not do; empty where it does."""
    environ = os.environ
    if _has_proxy(url):
        return "a proxy is configured"
    if (
        environ.get("GOOGLE_API_USE_CLIENT_CERTIFICATE", "").lower() == "true"
        or environ.get("GOOGLE_API_USE_MTLS_ENDPOINT", "").lower() == "always"
    ):
        return "client certificates are configured"
    other = universe(file)
    return f"the universe is {other}" if other else ""


def _has_proxy(url: str) -> bool:
    """Tell whether a proxy stands in front of the service; never of an emulator's http."""
    if url.startswith("http:") or not any(os.environ.get(name) for name in _PROXIES):
        return False
    from urllib.parse import urlsplit
    from urllib.request import proxy_bypass

    return not proxy_bypass(urlsplit(url).netloc)
