"""Endpoints: where a service is, by region and by the environment."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from yamlvault.errors import KEKError
from yamlvault.kek.aws.key_name import REGION

# partition: what its regions begin with, and the domain of its services
PARTITIONS = {
    "aws-cn": ("cn-", "amazonaws.com.cn"),
    "aws-us-gov": ("us-gov-", "amazonaws.com"),
    "aws": ("", "amazonaws.com"),
}
# regions that belong to partitions which only the SDK knows the domains of
_OTHERS = ("us-iso", "eu-iso", "eusc-")
_FOR_ALL = "AWS_ENDPOINT_URL"
_URL = (  # compiled when there is one
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[A-Za-z0-9._~/-]*)?"
)


class Endpoint(NamedTuple):
    """Where an HTTP service is."""

    is_https: bool
    host: str
    port: int
    path: str = "/"

    @property
    def authority(self) -> str:
        """What stands in the `Host` header."""
        return (
            self.host if self.port == (443 if self.is_https else 80) else f"{self.host}:{self.port}"
        )

    @property
    def url(self) -> str:
        """The URL."""
        return f"{'https' if self.is_https else 'http'}://{self.authority}{self.path}"


def environment_region() -> str:
    """Return the region that the environment names; empty where it names none.

    Raises:
        KEKError: It is no region: it would become a part of a host name.
    """
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if text := os.environ.get(variable):
            if not REGION.fullmatch(text):
                raise KEKError(
                    f"{variable} is {text[:40]!r}, and not a region", hint="for example eu-west-1"
                )
            return text
    return ""


def partition_of(region: str) -> str:
    """Return the partition of a region; empty where only the SDK knows."""
    if region.startswith(_OTHERS):
        return ""
    return next(name for name, (prefix, _) in PARTITIONS.items() if region.startswith(prefix))


def override(service: str) -> str:
    """Return the URL that the environment has in place of AWS's own; empty without."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    return next((url for name in _variables(service) if (url := os.environ.get(name))), "")


def sts_url(region: str) -> str:
    """Return the URL of STS for a region."""
    return override("sts") or _of_region("sts", region).url.removesuffix("/")


def endpoint_of(region: str, service: str = "kms") -> Endpoint:
    """Return where a service of a region is.

    Raises:
        KEKError: The URL in the environment is malformed.
    """
    if url := override(service):
        return parsed(url, " or ".join(_variables(service)))
    return _of_region(service, region)


def parsed(url: str, name: str) -> Endpoint:
    """Return the endpoint that a URL names.

    Args:
        url: It.
        name: Where it stands, for messages.

    Raises:
        KEKError: It is malformed.
    """
    match = re.fullmatch(_URL, url, re.ASCII)
    # the URL is not shown: one with a user's password would be
    if match is None or int(match["port"] or 1) not in range(1, 65536):
        raise KEKError(
            f"what {name} holds is not the URL of a service",
            hint="for example http://localhost:4566",
        )
    is_https = match["scheme"] == "https"
    port = int(match["port"] or (443 if is_https else 80))
    return Endpoint(is_https, match["host"], port, match["path"] or "/")


def _variables(service: str) -> tuple[str, str]:
    return f"{_FOR_ALL}_{service.upper()}", _FOR_ALL


def _of_region(service: str, region: str) -> Endpoint:
    domain = PARTITIONS[partition_of(region)][1]
    return Endpoint(is_https=True, host=f"{service}.{region}.{domain}", port=443)
