"""Which client asks AWS KMS: the light one, or boto3 where only that will do."""

from __future__ import annotations

import os

from yamlvault.errors import KEKError
from yamlvault.kek.aws.endpoint import endpoint, override, partition_of
from yamlvault.kek.aws.key_name import region_of_environment
from yamlvault.kek.refusal import NO_CREDENTIALS, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from yamlvault.access import Access
    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.key_name import KeyName
    from yamlvault.keyring import Keyring

    class Client(Protocol):
        """What asks KMS."""

        def call(
            self, operation: str, parameters: dict[str, Any], deadline: Deadline
        ) -> dict[str, Any]:
            """Return the answer of an operation.

            Raises:
                Refusal: There is none.
            """


CHOICE = "YAMLVAULT_KMS_CLIENT"
_PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_SWITCHES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_FILES = (
    ("AWS_CONFIG_FILE", ".aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
)
# What such a file can say of the way to KMS, whoever asks it
_WAYS = ("endpoint_url", "services", "ca_bundle", "use_fips", "use_dualstack")


def client_of(name: KeyName, access: Access, keyring: Keyring) -> Client:
    """Return the client for a key: the keyring's own, or a new one.

    Raises:
        KEKError: No client is installed, or the environment asks for what there isn't.
        Refusal: The endpoint is none.
    """
    choice = os.environ.get(CHOICE) or ""
    if choice not in ("", "light", "sdk"):
        raise KEKError(f"{CHOICE} is {choice[:20]!r}", hint="known are light, sdk")
    region = name.region or region_of_environment()
    profile, role = access.profile or "", access.role or ""
    key = ("aws-kms", choice, region, profile, role, override(), str(os.getpid()))
    client: Client | None = keyring.clients.get(key)
    if client is None:
        reason = (
            f"{CHOICE}=sdk" if choice == "sdk" else "" if choice else _needs_sdk(region, access)
        )
        client = _made(region, access, keyring, reason, is_forced=choice == "light")
        client = keyring.clients.setdefault(key, client)
    return client


def _made(region: str, access: Access, keyring: Keyring, reason: str, *, is_forced: bool) -> Client:
    if not reason:
        from yamlvault.kek.aws.light import Light

        keyring.tell(f"AWS KMS in {region} is asked by the light client")
        light = Light(endpoint(region), region)
        return light if is_forced else _WithFallback(light, region, access, keyring)
    return _sdk(region, access, keyring, reason)


def _sdk(region: str, access: Access, keyring: Keyring, reason: str) -> Client:
    try:
        from yamlvault.kek.aws.sdk import SDK
    except ImportError:
        raise KEKError(
            f"boto3 is not installed, and needed: {reason}",
            hint="pip install 'prehook-toolkit[aws]'",
        ) from None
    keyring.tell(f"AWS KMS is asked by boto3: {reason}")
    return SDK(region or None, access)


class _WithFallback:
    """The light client, and boto3 from then on where that finds no credentials."""

    def __init__(self, light: Client, region: str, access: Access, keyring: Keyring) -> None:
        self._client = light
        self._is_light = True
        self._rest = region, access, keyring

    def call(
        self, operation: str, parameters: dict[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        try:
            return self._client.call(operation, parameters, deadline)
        except Refusal as refusal:
            if not self._is_light or refusal.kind is not NO_CREDENTIALS:
                raise
            try:
                self._client = _sdk(*self._rest, "the light client finds no credentials")
            except KEKError:  # it is not there: then that is what there is to say
                raise refusal from None
            self._is_light = False
        return self._client.call(operation, parameters, deadline)


def _needs_sdk(region: str, access: Access) -> str:
    """Return why the light client will not do; empty where it does."""
    environ = os.environ
    if access.profile or access.role:
        return "a profile or a role is named"
    for name in _PROFILES:
        if environ.get(name):
            return f"{name} is set"
    if not region:
        return "the region stands in the profile, if anywhere"
    if not partition_of(region):
        return f"the endpoints of {region} are known to it alone"
    for name in _SWITCHES:
        if environ.get(name, "").lower() == "true":
            return f"{name} is set"
    if _has_proxy(endpoint(region)):
        return "a proxy is configured"
    return _said_in_files()


def _has_proxy(url: str) -> bool:
    if not any(os.environ.get(name) for name in _PROXIES):
        return False
    from urllib.parse import urlsplit
    from urllib.request import proxy_bypass

    return not proxy_bypass(urlsplit(url).hostname or "")


def _said_in_files() -> str:
    """Return what AWS's configuration files have to say; empty for nothing.

    Containers have none. Where the keys stand in the environment, only the way to KMS is asked
    for: the file is searched, and not read, since a word too much costs time and nothing else.
    """
    has_keys = os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY")
    home = os.environ.get("HOME") or ""
    for variable, default in _FILES:
        path = os.environ.get(variable) or os.path.join(home, default)
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        if not has_keys:
            return f"{path} is there"
        for word in _WAYS:
            if word in text:
                return f"{path} has {word}"
    return ""
