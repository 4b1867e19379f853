"""Where AWS KMS answers."""

from __future__ import annotations

import os

SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}


def override() -> str:
    """Return the endpoint that the environment names; empty without.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    return os.environ.get("AWS_ENDPOINT_URL_KMS") or os.environ.get("AWS_ENDPOINT_URL") or ""


def partition_of(region: str) -> str:
    """Return the partition of a region; empty for those whose endpoints boto3 alone knows."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "" if "iso" in region or region.startswith("eusc-") else "aws"


def endpoint(region: str) -> str:
    """Return the URL of KMS in a region of one of the partitions in `SUFFIXES`."""
    return override() or f"https://kms.{region}.{SUFFIXES[partition_of(region)]}"


def sts_endpoint(region: str) -> str:
    """Return the URL of STS in a region."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        given = os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ.get("AWS_ENDPOINT_URL")
        if given:
            return given
    return f"https://sts.{region}.{SUFFIXES[partition_of(region)]}"
