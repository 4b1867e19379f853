"""S3, as far as a start needs it: one object, read whole.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from prehook.assets import refusals
from prehook.assets.location import check_region
from prehook.errors import PrehookError
from yamlvault.kek.aws.choice import reason_of_place
from yamlvault.kek.aws.endpoint import (
    endpoint_of,
    environment_region,
    override,
    parsed,
    partition_of,
)
from yamlvault.kek.aws.signature import Request
from yamlvault.kek.aws.signed import SignedRequests
from yamlvault.kek.connections import CUT
from yamlvault.kek.refusal import NO_CREDENTIALS, UNREACHABLE, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from prehook.assets.location import Location
    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.endpoint import Endpoint
    from yamlvault.kek.connections import Response

    class Client(Protocol):
        """What both clients are."""

        def get(self, location: Location, deadline: Deadline) -> Object:
            """Return an object, or raise a Refusal."""


MAX_SIZE = 64 * 1024 * 1024  # bytes; the manifests of the largest applications have a few MiB
METADATA = "x-amz-meta-"


class Object(NamedTuple):
    """An object.

    Attributes:
        data: Its content.
        metadata: What it was uploaded with, by names in lower case.
        encoding: Its `Content-Encoding`; empty without.
    """

    data: bytes
    metadata: Mapping[str, str]
    encoding: str


class Service(NamedTuple):
    """Where S3 is.

    Attributes:
        region: The region that requests are signed for.
        endpoint: The endpoint.
        is_own: Whether it is not AWS's own, by the plan or by the environment.
    """

    region: str
    endpoint: Endpoint
    is_own: bool

    def client(self) -> Client:
        """Return the client that fits.

        Raises:
            PrehookError: It has to be boto3, and is not installed.
            Refusal: boto3 can't use AWS's configuration.
        """
        reason = reason_of_place(self.endpoint)
        if not reason:
            return LightClient(self)
        client = self._sdk()
        if client is None:
            raise PrehookError(
                f"{reason}: that needs boto3, which is not installed",
                hint="pip install 'prehook-toolkit[aws]'",
            )
        return client

    def other_client(self, refusal: Refusal) -> Client | None:
        """Return the client that may find the credentials that the light one has not."""
        return self._sdk() if refusal.kind is NO_CREDENTIALS else None

    def _sdk(self) -> Client | None:
        try:
            from prehook.assets.sdk import SDKClient
        except ImportError:
            return None
        return SDKClient(self)


def service(region: str, url: str) -> Service:
    """Return where S3 is.

    Args:
        region: The region; empty for that of the environment.
        url: The endpoint; empty for that of the environment, or AWS's own.

    Raises:
        PrehookError: No region is known, or it is none.
        KEKError: The environment has something in it that is no region or no URL.
    """
    if region:
        check_region(region)
    region = region or environment_region()
    if not region:
        raise PrehookError("no region is known", hint="set `region`, or AWS_REGION")
    if url:
        return Service(region, parsed(url, "`endpoint`"), is_own=True)
    is_own = bool(override("s3"))
    if not is_own and not partition_of(region):
        raise PrehookError(f"where S3 is in {region} is not known here", hint="set `endpoint`")
    return Service(region, endpoint_of(region, "s3"), is_own)


class LightClient:
    """S3 by the standard library."""

    def __init__(self, place: Service) -> None:
        self._place = place
        self._requests = SignedRequests("s3", place.region, MAX_SIZE)

    def get(self, location: Location, deadline: Deadline) -> Object:
        """Return an object.

        Raises:
            Refusal: S3 does not give it.
        """
        request = Request("GET", url_of(self._place, location), {})
        try:
            return self._requests.answer(request, deadline, _object)
        except Refusal as refusal:
            if refusal.kind is UNREACHABLE and refusal.detail == CUT:
                raise Refusal(refusals.CUT, CUT) from None
            raise


def url_of(place: Service, location: Location) -> str:
    """Return the URL of an object.

    A bucket is a host of AWS's: except of one with dots, which no certificate is for. Other
    servers have none for it in their DNS.
    """
    endpoint, bucket = place.endpoint, location.bucket
    key = quote(location.key, safe="/~")
    if place.is_own or "." in bucket:
        return f"{endpoint.url.rstrip('/')}/{bucket}/{key}"
    return f"{endpoint._replace(host=f'{bucket}.{endpoint.host}').url.rstrip('/')}/{key}"


def _object(response: Response) -> Object:
    headers = response.headers
    if response.status != 200:
        from yamlvault.kek.aws.xml_protocol import fields_of

        raise refusals.of_answer(response.status, headers, fields_of(response.data))
    metadata = {
        name.removeprefix(METADATA): value
        for name, value in headers.items()
        if name.startswith(METADATA)
    }
    return Object(response.data, metadata, headers.get("content-encoding", ""))
