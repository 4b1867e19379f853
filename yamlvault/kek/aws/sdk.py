"""The client with boto3: all that AWS's own SDK knows of profiles, roles, proxies and endpoints."""

from __future__ import annotations

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from yamlvault._version import __version__
from yamlvault.kek.aws import refusals
from yamlvault.kek.aws.limits import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from yamlvault.kek.refusal import MALFORMED, NO_CREDENTIALS, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.access import Access
    from yamlvault.deadline import Deadline

# how boto3 fails: its own classes, what it lets through where files, programs and answers are not
# what they should be, and (where awscrt is installed too) the runtime's
_FAILURES: tuple[type[Exception], ...] = (
    BotoCoreError,
    Boto3Error,
    ClientError,
    ResponseParserError,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    RecursionError,
)
try:
    from awscrt.exceptions import AwsCrtError
except ImportError:
    pass
else:
    _FAILURES += (AwsCrtError,)


class Client:
    """KMS of a region, by boto3.

    Args:
        region: The region; empty for that of the profile.
        access: The profile and the role, where the caller chose them.

    Raises:
        Refusal: The AWS configuration can't be used.
    """

    is_light = False

    def __init__(self, region: str, access: Access) -> None:
        try:
            session = Session(profile=access.profile)
            if region:  # of STS too, where a role is assumed on the way
                session.set_config_variable("region", region)
            own = _credentials(session)
            if access.role:
                _assume(session, own, access.role)
            self._kms = boto3.Session(botocore_session=session).client("kms", config=_config())
        except _FAILURES as error:
            refusal = _refusal(error)
            if refusal.kind is MALFORMED:  # nothing was asked yet: it is a setting
                refusal = Refusal(refusals.CONFIGURATION, refusal.detail)
            raise refusal from None

    def call(
        self, operation: str, parameters: Mapping[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return what an operation of KMS gives; blobs are bytes.

        Raises:
            Refusal: It failed.
        """
        del deadline  # the caller's, which leaves the thread behind
        method = {"Encrypt": self._kms.encrypt, "Decrypt": self._kms.decrypt}[operation]
        try:
            answer: dict[str, Any] = method(**parameters)
        except _FAILURES as error:
            raise _refusal(error) from None
        return answer


def _refusal(error: Exception) -> Refusal:
    if not isinstance(error, ClientError):
        return refusals.of_exception(error)
    fields = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return refusals.of_code(str(fields.get("Code", "")), str(fields.get("Message", "")), status)


def _config() -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=ANSWER_TIMEOUT,
        retries={"total_max_attempts": 1},  # attempts are ours (yamlvault.kek.attempts)
        user_agent_extra=f"yamlvault/{__version__}",
    )


def _credentials(session: Session) -> Credentials | None:
    """Return the credentials that a session finds, got now, so that it is clear what fails."""
    try:
        own: Credentials | None = session.get_credentials()
        if own is not None:
            own.get_frozen_credentials()
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise Refusal(NO_CREDENTIALS, "what hands them out gives something else") from None
    return own


def _assume(session: Session, own: Credentials | None, role: str) -> None:
    """Let a session have the credentials of a role, got with its own and renewed in time."""
    if own is None:
        raise Refusal(NO_CREDENTIALS, "to assume the role with")

    def client(service: str, **settings: Any) -> Any:
        return session.create_client(service, **settings | {"config": _config()})

    fetcher = AssumeRoleCredentialFetcher(
        client_creator=client,
        source_credentials=own,
        role_arn=role,
        extra_args={"RoleSessionName": "yamlvault"},
    )
    # what botocore does for a role of a profile; a session has no public name for it
    session._credentials = DeferredRefreshableCredentials(  # noqa: SLF001
        refresh_using=fetcher.fetch_credentials, method="assume-role"
    )
