"""S3 by boto3: where profiles, proxies and AWS's configuration files decide."""

from __future__ import annotations

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from prehook.assets.refusals import of_answer
from prehook.assets.s3 import MAX_SIZE, Object
from yamlvault.kek.aws.limits import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from yamlvault.kek.aws.refusals import of_exception
from yamlvault.kek.refusal import MALFORMED, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.assets.location import Location
    from prehook.assets.s3 import Service
    from yamlvault.deadline import Deadline

# its own, and what it lets through where files and programs are not what they should be
_FAILURES = (BotoCoreError, OSError, ValueError, TypeError, AttributeError, KeyError)


class SDKClient:
    """S3 by boto3."""

    def __init__(self, place: Service) -> None:
        config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=ANSWER_TIMEOUT,
            retries={"total_max_attempts": 1},  # attempts are ours (yamlvault.kek.attempts)
            s3={"addressing_style": "path" if place.is_own else "auto"},
        )
        url = place.endpoint.url if place.is_own else None
        try:
            session = Session()
            session.set_config_variable("region", place.region)
            own = boto3.Session(botocore_session=session)
            self._s3 = own.client("s3", endpoint_url=url, config=config)
        except _FAILURES as error:
            raise of_exception(error) from None

    def get(self, location: Location, deadline: Deadline) -> Object:
        """Return an object.

        Raises:
            Refusal: S3 does not give it.
        """
        del deadline  # the caller's, which leaves the thread behind
        try:
            answer = self._s3.get_object(Bucket=location.bucket, Key=location.key)
            data: bytes = answer["Body"].read(MAX_SIZE + 1)
        except ClientError as error:
            raise _refusal(error) from None
        except _FAILURES as error:
            raise of_exception(error) from None
        if len(data) > MAX_SIZE:
            raise Refusal(MALFORMED, "it is too long")
        metadata = {name.lower(): value for name, value in answer["Metadata"].items()}
        return Object(data, metadata, answer.get("ContentEncoding", ""))


def _refusal(error: ClientError) -> Refusal:
    answer = error.response.get("ResponseMetadata", {})
    headers = {name.lower(): value for name, value in answer.get("HTTPHeaders", {}).items()}
    code = str(error.response.get("Error", {}).get("Code", ""))
    fields = {name: str(value) for name, value in error.response.get("Error", {}).items()}
    if code.isdigit():  # what botocore puts where there was none
        fields["Code"] = ""
    return of_answer(int(answer.get("HTTPStatusCode", 400)), headers, fields)
