"""Endpoints of KMS."""

import boto3
import pytest

from yamlvault.errors import KEKError
from yamlvault.kek.aws.endpoint import endpoint_of, environment_region, partition_of, sts_url


@pytest.fixture
def no_override(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL")


@pytest.mark.usefixtures("no_override")
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_endpoints_are_those_of_the_sdk(partition):
    """Of every region that the SDK knows, the endpoint is the same as there."""
    session = boto3.Session()
    regions = session.get_available_regions("kms", partition)
    assert regions
    for region in regions:
        client = session.client("kms", region, aws_access_key_id="x", aws_secret_access_key="x")
        endpoint = endpoint_of(region)
        assert partition_of(region) == partition
        assert f"https://{endpoint.authority}" == client.meta.endpoint_url
        assert endpoint.port == 443


@pytest.mark.parametrize(
    "partition", ["aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
)
def test_other_partitions_are_left_to_the_sdk(partition):
    """Whose domains only the SDK knows, of those no partition is told."""
    regions = boto3.Session().get_available_regions("kms", partition)
    assert {partition_of(region) for region in regions} <= {""}


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://localhost:4566", (False, "localhost", 4566, "/")),
        ("http://localhost", (False, "localhost", 80, "/")),
        ("https://vpce-1.kms.eu-west-1.example", (True, "vpce-1.kms.eu-west-1.example", 443, "/")),
        ("https://[::1]:8443/", (True, "[::1]", 8443, "/")),
        ("https://gate.example/kms", (True, "gate.example", 443, "/kms")),
    ],
)
def test_overrides(monkeypatch, url, endpoint):
    """A URL in the environment holds for every region, that for KMS before the one for all."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    assert endpoint_of("eu-west-1") == endpoint_of("us-east-1") == endpoint
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://kms.example")
    assert endpoint_of("eu-west-1").host == "kms.example"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True")
    assert endpoint_of("eu-west-1").host == "kms.eu-west-1.amazonaws.com"


def test_other_services(monkeypatch):
    """Each service has its own host and its own variable, and all of them one besides."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://kms.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://all.example")
    assert endpoint_of("eu-west-1", "s3").host == "all.example"
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert endpoint_of("cn-north-1", "s3").host == "s3.cn-north-1.amazonaws.com.cn"
    assert sts_url("eu-west-1") == "https://sts.eu-west-1.amazonaws.com"
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://sts.example:1/x")
    assert sts_url("eu-west-1") == "http://sts.example:1/x"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:4566",
        "ftp://x",
        "http://",
        "http://user:marker@x",
        "http://x:99999",
        "http://x y",
    ],
)
def test_malformed_overrides(monkeypatch, url):
    """What is no URL of a service is refused, and not shown: it may hold a password."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", url)
    with pytest.raises(KEKError, match="AWS_ENDPOINT_URL_KMS") as caught:
        endpoint_of("eu-west-1")
    assert "marker" not in f"{caught.value!r}{caught.value.hint}"


def test_the_region_of_the_environment(monkeypatch):
    """AWS_REGION comes before AWS_DEFAULT_REGION, and neither can smuggle in a host."""
    assert environment_region() == ""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert environment_region() == "us-east-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert environment_region() == "eu-west-1"
    for text in ("evil.example/", "eu-west-1.evil.example", "x@y", "eu west 1"):
        monkeypatch.setenv("AWS_REGION", text)
        with pytest.raises(KEKError, match="AWS_REGION is"):
            environment_region()
