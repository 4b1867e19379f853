"""Where a manifest is: a bucket of S3 and a key in it, checked before they go into a URL."""

from __future__ import annotations

import re
from typing import NamedTuple

from prehook.errors import PrehookError
from prehook.journal import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LONGEST_KEY = 1024  # bytes of UTF-8
_COMMIT = "GIT_SHA1"
_COMMIT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # SHA-1, and SHA-256 repositories


class Location(NamedTuple):
    """A bucket and a key in it."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def located(bucket: str, key: str) -> Location:
    """Return the location, where it is one.

    Raises:
        PrehookError: The bucket's name is none, or the key would lead elsewhere than it seems to.
    """
    if not _BUCKET.fullmatch(bucket):
        raise PrehookError(
            f"{quoted(bucket)} is not the name of a bucket",
            hint="3 to 63 of a-z, 0-9, - and dots; it stands alone, without s3:// and a key",
        )
    if problem := _problem(key):
        raise PrehookError(
            f"the key {quoted(key)} {problem}", hint="is a variable in it empty or wrong?"
        )
    return Location(bucket, key)


def check_region(region: str) -> None:
    """Check what is going to be a part of a host's name.

    Raises:
        PrehookError: It is no region.
    """
    from yamlvault.kek.aws.key_name import REGION

    if not REGION.fullmatch(region):
        raise PrehookError(f"{quoted(region[:40])} is not a region", hint="for example eu-west-1")


def check_commit(template: str, env: Mapping[str, str]) -> None:
    """Check GIT_SHA1, if a key names it. If it isn't set, that is told where the key is expanded.

    Raises:
        PrehookError: It is not the whole id of a commit.
    """
    value = env.get(_COMMIT)
    is_named = re.search(rf"\b{_COMMIT}\b", template)
    if is_named and value is not None and not _COMMIT_ID.fullmatch(value):
        raise PrehookError(
            f"{_COMMIT} is not the id of a commit",
            hint="it is what `git rev-parse HEAD` prints: 40 hexadecimal digits in lower case",
        )


def _problem(key: str) -> str:
    """Return what is wrong with a key; empty if nothing."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return "is not UTF-8"
    segments = key.split("/")
    if "" in segments:
        return "has an empty part"
    if "." in segments or ".." in segments:
        return "has a part that is . or .."
    if not key.isprintable():
        return "has an unprintable character"
    return f"has more than {_LONGEST_KEY} bytes" if size > _LONGEST_KEY else ""
