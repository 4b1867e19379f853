"""Credentials for Google's own client: the same ones as the light client takes."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from google.auth.credentials import Credentials

from yamlvault.deadline import Deadline
from yamlvault.kek.connections import Connections
from yamlvault.kek.gcp.authorized_user import ENDPOINT, FIELDS
from yamlvault.kek.gcp.credentials_file import quota_project
from yamlvault.kek.gcp.federated import loaded
from yamlvault.kek.gcp.metadata_server import MetadataServer
from yamlvault.kek.gcp.token import SCOPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.kek.gcp.credentials_file import CredentialsFile

_PATIENCE = 60.0  # seconds; the deadline of the call is shorter, and ends it


class Ambient(Credentials):
    """The account of the place that this process runs in.

    google-auth's own looks for the metadata server for as long as the whole deadline, and reads
    where it is when it is imported.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def refresh(self, _request: object) -> None:
        token = MetadataServer().token(Connections(), Deadline(_PATIENCE))
        seconds = token.until - time.monotonic()
        self.token = token.value
        # google-auth reckons in UTC, without saying so
        self.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=seconds)


def credentials(file: CredentialsFile | None) -> Any:
    """Return the credentials of a file; without one, those of the place.

    Raises:
        Refusal: The file is malformed.
    """
    if file is None:
        return _ambient()
    if file.kind != "authorized_user":
        return loaded(file)
    from google.oauth2.credentials import Credentials as User

    # google-auth's own reader goes past the file's token_uri
    client_id, client_secret, refresh_token = file.needed(*FIELDS)
    return User(  # type: ignore[no-untyped-call]
        None,
        refresh_token=refresh_token,
        token_uri=file.text("token_uri") or ENDPOINT,
        client_id=client_id,
        client_secret=client_secret,
        quota_project_id=quota_project(file) or None,
    )


def _ambient() -> Any:
    if not os.environ.get("GOOGLE_CLOUD_UNIVERSE_DOMAIN"):
        return Ambient()
    # of another universe the metadata server is asked which one it is in
    from google.auth.compute_engine import Credentials as Machine

    return Machine(scopes=[SCOPE])  # type: ignore[no-untyped-call]
