"""The client of KMS: which one, made once for a keyring, and another one where it does not do."""

from __future__ import annotations

import os

from yamlvault.errors import KEKError
from yamlvault.kek.aws.choice import CLIENT, LIGHT, SDK, forced, reason_for_sdk
from yamlvault.kek.aws.endpoint import endpoint_of
from yamlvault.kek.refusal import NO_CREDENTIALS, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    from yamlvault.access import Access
    from yamlvault.deadline import Deadline
    from yamlvault.keyring import Keyring

    class Client(Protocol):
        """What both clients are."""

        is_light: bool

        def call(
            self, operation: str, parameters: Mapping[str, Any], deadline: Deadline
        ) -> dict[str, Any]:
            """Return what an operation of KMS gives, or raise a Refusal."""


class KMS:
    """The KMS of a region, by the client that fits; the keyring keeps it.

    Args:
        keyring: What keeps the client, and gets a line about which one it is.
        region: The region; empty where only a profile may know it.
        access: The profile and the role, where the caller chose them.
    """

    def __init__(self, keyring: Keyring, region: str, access: Access) -> None:
        self._keyring = keyring
        self._region = region
        self._access = access
        # with the process: a client of the parent shares its sockets
        parts = (region, access.profile or "", access.role or "")
        self._key = ("aws-kms", str(os.getpid()), *parts)

    def call(
        self, operation: str, parameters: Mapping[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return what an operation gives; blobs are bytes.

        Raises:
            Refusal: It failed.
            KEKError: No client is installed, or what the environment says of it is wrong.
        """
        clients = self._keyring.clients
        client: Client | None = clients.get(self._key)
        if client is None:
            client = clients.setdefault(self._key, self._new())  # or what another thread made
        try:
            return client.call(operation, parameters, deadline)
        except Refusal as refusal:
            if refusal.kind is not NO_CREDENTIALS or not client.is_light or forced():
                raise
            other = _sdk(self._region, self._access)
            if other is None:
                raise
            self._keyring.tell(f"KMS through boto3: {refusal.kind.text} for the light client")
        clients[self._key] = other
        return other.call(operation, parameters, deadline)

    def _new(self) -> Client:
        name, reason = _choose(self._region, self._access)
        if name == LIGHT:
            from yamlvault.kek.aws.light import Client

            self._keyring.tell(f"KMS through the light client: {reason}")
            return Client(self._region, endpoint_of(self._region))
        client = _sdk(self._region, self._access)
        if client is None:
            raise KEKError(
                "boto3 is needed for AWS KMS, and is not installed",
                hint="pip install 'prehook-toolkit[aws]'",
            )
        self._keyring.tell(f"KMS through boto3: {reason}")
        return client


def _choose(region: str, access: Access) -> tuple[str, str]:
    """Return the name of the client, and why it is that one."""
    if wish := forced():
        if wish == LIGHT and not region:
            raise KEKError("the light client needs a region", hint="set AWS_REGION")
        return wish, f"{CLIENT} asks for it"
    if reason := reason_for_sdk(region, access):
        return SDK, reason
    return LIGHT, "nothing asks for boto3"


def _sdk(region: str, access: Access) -> Client | None:
    """Return boto3's client; None where it is not installed."""
    try:
        from yamlvault.kek.aws.sdk import Client
    except ImportError:
        return None
    return Client(region, access)
