"""Names of AWS KMS keys: ARNs, ids and aliases, as `KeyId` takes them.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html
"""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault.errors import KEKError

SCHEME = "aws-kms:"
_ARN_PARTS = 6
_ID = frozenset("0123456789abcdefABCDEF-")
_PLACE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")  # a region becomes part of a host name
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_-")


class KeyName(NamedTuple):
    """The name of a key.

    Attributes:
        text: What KMS is given.
        partition: Of an ARN, such as `aws`; else empty.
        region: Of an ARN; else empty.
        account: Of an ARN; else empty.
        resource: `key/` and an id, or `alias/` and a name.
    """

    text: str
    partition: str
    region: str
    account: str
    resource: str

    @property
    def is_key_arn(self) -> bool:
        """Whether it is the ARN of a key, and not of an alias, an alias or an id."""
        return bool(self.partition) and self.resource.startswith("key/")

    @property
    def is_multi_region(self) -> bool:
        """Whether the key can have replicas of the same id in other regions."""
        return self.resource.startswith("key/mrk-")

    def replica_in(self, region: str) -> KeyName:
        """Return the name that a replica of this key has in a region."""
        text = f"arn:{self.partition}:kms:{region}:{self.account}:{self.resource}"
        return self._replace(text=text, region=region)

    def could_be(self, arn: str) -> bool:
        """Tell whether the ARN of a key can be that of the key which this names."""
        if self.is_key_arn:
            return arn == self.text
        found = parse_arn(arn)
        if found is None or not found.resource.startswith("key/"):
            return False
        if self.partition:
            return (found.partition, found.region, found.account) == self[1:4]
        return self.resource.startswith("alias/") or found.resource == self.resource


def parse(uri: str) -> KeyName:
    """Return the name in a KEK URI.

    Raises:
        KEKError: It is none.
    """
    text = uri.removeprefix(SCHEME)
    name = parse_arn(text) if text.startswith("arn:") else _parse_short(text)
    if name is None:
        raise KEKError(
            f"{text[:200]!r} is not the name of an AWS KMS key",
            hint="name it aws-kms:arn:aws:kms:REGION:ACCOUNT:key/ID, or by its id or alias/NAME",
        )
    return name


def parse_arn(text: str) -> KeyName | None:
    """Return the name in the ARN of a key or alias; None where it is none."""
    parts = text.split(":")
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or parts[2] != "kms":
        return None
    _, partition, _, region, account, resource = parts
    is_place = _PLACE.issuperset(partition + region) and partition and region
    if not is_place or not (account.isascii() and account.isdecimal()):
        return None
    return KeyName(text, partition, region, account, resource) if _is_resource(resource) else None


def _parse_short(text: str) -> KeyName | None:
    resource = text if text.startswith("alias/") else f"key/{text}"
    return KeyName(text, "", "", "", resource) if _is_resource(resource) else None


def _is_resource(text: str) -> bool:
    kind, _, name = text.partition("/")
    if not name or not name.isascii():
        return False
    return (kind == "key" and _ID.issuperset(name.removeprefix("mrk-"))) or (
        kind == "alias" and _NAME.issuperset(name)
    )


def region_of_environment() -> str:
    """Return the region that the environment names; empty without."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
