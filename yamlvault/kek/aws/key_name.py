"""Names of AWS KMS keys: ARNs of keys and aliases, key ids, aliases."""

from __future__ import annotations

import re
from typing import NamedTuple

from yamlvault.errors import KEKError

SCHEME = "aws-kms:"
# A name comes from a file that anybody may have changed, and its region becomes a part of a host
# name, before any MAC is checked. So nothing but letters, digits and hyphens is a region.
REGION = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,16}){1,4}", re.ASCII)
_ARN = re.compile(
    rf"arn:(?P<partition>aws(?:-[a-z]{{1,12}}){{0,3}}):kms:(?P<region>{REGION.pattern})"
    r":(?P<account>[0-9]{12}):(?P<resource>[^:]+)",
    re.ASCII,
)
# `mrk-` in front of a UUID: as moto and LocalStack name multi-region keys
_KEY_ID = re.compile(
    r"mrk-[0-9a-f]{32}|(?:mrk-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII
)
_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]{1,250}", re.ASCII)
_HINT = (
    "for example aws-kms:arn:aws:kms:eu-west-1:111122223333:key/…, aws-kms:alias/…, or a key id; "
    "see docs/kms.md"
)


class KeyName(NamedTuple):
    """A name of a KMS key.

    Attributes:
        text: The whole name, as KMS takes it for `KeyId`.
        resource: `key/…`, or `alias/…`.
        partition: The partition in the ARN; empty where the name is no ARN.
        region: The region in the ARN; likewise.
        account: The account in the ARN; likewise.
    """

    text: str
    resource: str
    partition: str = ""
    region: str = ""
    account: str = ""

    @property
    def is_key_arn(self) -> bool:
        """Whether it names one key for good: an alias moves, a key id is one of an account."""
        return bool(self.region) and self.resource.startswith("key/")

    @property
    def is_multi_region(self) -> bool:
        """Whether it is the ARN of a key that can have replicas in other regions."""
        return self.is_key_arn and self.resource.startswith("key/mrk-")

    def in_region(self, region: str) -> KeyName:
        """Return the name of the replica in a region: only the region differs (KMS, mrk)."""
        text = f"arn:{self.partition}:kms:{region}:{self.account}:{self.resource}"
        return self._replace(text=text, region=region)

    def can_be(self, key: KeyName) -> bool:
        """Tell whether a key, told by its ARN, can be the one that this name means.

        Which key an alias names is the service's to say. Account and region of an ARN are not,
        nor is a key id.
        """
        if not key.is_key_arn:
            return False
        if self.is_key_arn:
            return key.text == self.text
        if self.region:
            place = (key.partition, key.region, key.account)
            return place == (self.partition, self.region, self.account)
        return not self.resource.startswith("key/") or key.resource == self.resource


def parse(text: str) -> KeyName:
    """Return the name of a key.

    Raises:
        KEKError: It is none.
    """
    if match := _ARN.fullmatch(text):
        name = KeyName(
            text, match["resource"], match["partition"], match["region"], match["account"]
        )
        if _is_resource(name.resource):
            return name
    elif _KEY_ID.fullmatch(text):
        return KeyName(text, f"key/{text}")
    elif _ALIAS.fullmatch(text):
        return KeyName(text, text)
    raise KEKError(f"{text[:100]!r} is not the name of a KMS key", hint=_HINT)


def _is_resource(text: str) -> bool:
    kind, _, key = text.partition("/")
    return bool(_ALIAS.fullmatch(text)) or (kind == "key" and bool(_KEY_ID.fullmatch(key)))
