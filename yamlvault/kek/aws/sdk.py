"""The other client: boto3, with all that its configuration files can say."""

from __future__ import annotations

from base64 import b64decode, b64encode

import boto3
from botocore.config import Config

from yamlvault.kek.aws.endpoint import override
from yamlvault.kek.aws.refusals import of_sdk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.access import Access
    from yamlvault.deadline import Deadline

_BLOBS = ("Plaintext", "CiphertextBlob")
_SESSION_NAME = "yamlvault"


class SDK:
    """KMS by boto3.

    Args:
        region: The region; None for that of the profile.
        access: The profile and the role.
    """

    def __init__(self, region: str | None, access: Access) -> None:
        self._region = region
        self._access = access
        self._client: Any = None

    def call(
        self, operation: str, parameters: dict[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return the answer of an operation, bytes in base64 as the service has them.

        Raises:
            Refusal: There is none.
        """
        arguments = {
            name: b64decode(value) if name in _BLOBS else value
            for name, value in parameters.items()
        }
        try:
            if self._client is None:
                self._client = self._made(deadline)
            answer = getattr(self._client, operation.lower())(**arguments)
        except Exception as error:
            refusal = of_sdk(error)
            if refusal is None:
                raise
            raise refusal from None
        return {
            name: b64encode(value).decode() if name in _BLOBS else value
            for name, value in answer.items()
        }

    def _made(self, deadline: Deadline) -> Any:
        # attempts are ours: they keep one deadline over all KEKs, and are told
        seconds = max(1.0, deadline.left)
        config = Config(
            retries={"total_max_attempts": 1}, connect_timeout=seconds, read_timeout=seconds
        )
        session = boto3.Session(profile_name=self._access.profile, region_name=self._region)
        keys = {}
        if self._access.role:
            answer = session.client("sts", config=config).assume_role(
                RoleArn=self._access.role, RoleSessionName=_SESSION_NAME
            )
            given = answer["Credentials"]
            keys = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
        return session.client("kms", config=config, endpoint_url=override() or None, **keys)
