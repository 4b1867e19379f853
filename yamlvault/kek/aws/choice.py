"""Which of the two clients is fit: the light one, unless something asks for what only boto3 has."""

from __future__ import annotations

import os

from yamlvault.errors import KEKError
from yamlvault.kek.aws import endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.access import Access
    from yamlvault.kek.aws.endpoint import Endpoint

CLIENT = "YAMLVAULT_KMS_CLIENT"
LIGHT, SDK = "light", "sdk"
_SWITCHES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
_FILES = {
    "AWS_CONFIG_FILE": "~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
}
_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
# What the configuration files can say of the way to a service, whoever asks. A text search: a word
# in a comment leads to boto3 too, which costs time and nothing else.
_WAYS = (
    "endpoint_url",
    "services",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "ca_bundle",
    "proxies",
)


def forced() -> str:
    """Return the client that the environment asks for; empty without.

    Raises:
        KEKError: It is none of the two.
    """
    name = os.environ.get(CLIENT, "")
    if name not in ("", LIGHT, SDK):
        raise KEKError(f"{CLIENT} is {name[:20]!r}", hint=f"it can be {LIGHT} or {SDK}, or unset")
    return name


def reason_for_sdk(region: str, access: Access) -> str:
    """Return why boto3 is needed for KMS; empty where the light client does.

    Args:
        region: The region of the key; empty where none is known.
        access: The profile and the role, where the caller chose them.
    """
    if access.profile or access.role:
        return "a profile or a role is chosen"
    if not region:
        return "no region is known but perhaps in a profile"
    if not endpoint.partition_of(region):
        return f"the endpoint in {region} is known to boto3 alone"
    return reason_of_place(endpoint.endpoint_of(region))


def reason_of_place(place: Endpoint) -> str:
    """Return why boto3 is needed here, on the way to an endpoint; empty where it isn't."""
    for name in _SWITCHES:
        if os.environ.get(name, "").lower() == "true":
            return f"{name} is set"
    for name in _PROFILES:
        if os.environ.get(name):
            return f"{name} is set"
    is_web_identity = bool(os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
    if variable := _proxy(place, is_web_identity=is_web_identity):
        return f"{variable} is set"
    return _configured()


def _proxy(place: Endpoint, *, is_web_identity: bool) -> str:
    """Return the variable that puts a proxy in the way to an endpoint; empty without."""
    scheme = "https" if place.is_https else "http"
    variable = next(
        (name for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY") if os.environ.get(name)),
        "",
    )
    if not variable or is_web_identity:  # STS is another host
        return variable
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    for entry in exempt.replace(" ", "").split(","):
        if entry == "*" or (entry and f".{place.host}".endswith(f".{entry.lstrip('.')}")):
            return ""
    return variable


def _configured() -> str:
    """Return why the configuration files need boto3."""
    has_keys = os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY")
    for variable, default in _FILES.items():
        name = os.path.expanduser(os.environ.get(variable) or default)
        try:
            with open(name, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:  # there is none, in most containers
            continue
        if not has_keys and text:
            return f"{name} is there"
        for word in _WAYS:
            if word in text:
                return f"{name} has {word}"
    return ""
