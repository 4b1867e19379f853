"""URLs of objects: the same as boto3's, for whatever a key holds."""

import boto3
import pytest
from botocore.config import Config
from hypothesis import example, given
from hypothesis import strategies as st

from prehook.assets.location import Location
from prehook.assets.s3 import Service, service, url_of
from prehook.errors import PrehookError
from yamlvault.errors import KEKError
from yamlvault.kek.aws.endpoint import parsed

SEGMENTS = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=12)
KEYS = st.lists(SEGMENTS.filter(lambda one: one not in (".", "..")), min_size=1, max_size=3)


@pytest.fixture(autouse=True)
def _ways_of_aws(monkeypatch):
    """Let the environment lead nowhere: no request is made here."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")


def url_of_boto3(region, bucket, key, url=None):
    ways = {"addressing_style": "path" if url else "auto"}
    ways["us_east_1_regional_endpoint"] = "regional"  # as it is in all other regions
    config = Config(signature_version="s3v4", s3=ways)
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client = boto3.client("s3", region_name=region, endpoint_url=url, config=config, **keys)
    found = []

    def take(request, **_):
        found.append(request.url)
        raise InterruptedError  # before anything is sent

    client.meta.events.register("before-send.s3.GetObject", take)
    with pytest.raises(InterruptedError):
        client.get_object(Bucket=bucket, Key=key)
    return found[0]


@given(KEYS.map("/".join))
@example("a b+c%2F/ü~é!'()*:@&=,$;#?.json")
def test_keys(key):
    """Every character of a key is written as boto3 writes it."""
    place = Service("eu-west-1", parsed("http://localhost:4566", ""), is_own=True)
    ours = url_of(place, Location("bucket", key))
    assert ours == boto3_paths(key)


def boto3_paths(key):
    from botocore.utils import percent_encode

    return f"http://localhost:4566/bucket/{percent_encode(key, safe='/~')}"


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("bucket", ["my-assets", "assets.example.com"])
def test_hosts(region, bucket):
    """A bucket is a host of its region's, and one with dots a part of the path."""
    ours = url_of(service(region, ""), Location(bucket, "m/a b.json"))
    assert ours == url_of_boto3(region, bucket, "m/a b.json")


@pytest.mark.parametrize("url", ["http://localhost:4566", "https://gate.example/s3"])
def test_other_endpoints(url):
    """At an endpoint of choice a bucket is a part of the path."""
    ours = url_of(service("eu-west-1", url), Location("my-assets", "m/a b.json"))
    assert ours == url_of_boto3("eu-west-1", "my-assets", "m/a b.json", url)


def test_the_environment(monkeypatch):
    """The endpoint for S3 goes before the one for all, and both before AWS's own."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://all.example")
    assert service("eu-west-1", "").endpoint.host == "all.example"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3.example")
    assert service("eu-west-1", "").endpoint.host == "s3.example"
    assert service("eu-west-1", "http://plan.example").endpoint.host == "plan.example"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    found = service("eu-west-1", "")
    assert (found.endpoint.host, found.is_own) == ("s3.eu-west-1.amazonaws.com", False)


@pytest.mark.parametrize("region", ["evil.example/", "eu west", "x@y", "EU-WEST-1"])
def test_what_is_no_region(region):
    """A region becomes a part of a host's name, so it is checked."""
    with pytest.raises(PrehookError, match="is not a region"):
        service(region, "")


def test_regions_of_other_partitions():
    """Where only AWS's SDK knows the domain, the endpoint has to be given."""
    with pytest.raises(PrehookError, match="where S3 is in us-iso-east-1"):
        service("us-iso-east-1", "")
    assert service("us-iso-east-1", "https://s3.example").endpoint.host == "s3.example"


def test_what_is_no_endpoint():
    """What is no URL is refused, and not shown: it may hold a password."""
    with pytest.raises(KEKError, match="`endpoint`") as caught:
        service("eu-west-1", "http://user:marker@x")
    assert "marker" not in f"{caught.value!r}{caught.value.hint}"
