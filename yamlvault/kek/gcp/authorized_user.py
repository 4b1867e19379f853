"""Users who logged in with `gcloud auth application-default login`: a refresh token in a file."""

from __future__ import annotations

from yamlvault.kek.gcp.token import Token, granted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.deadline import Deadline
    from yamlvault.kek.connections import Connections
    from yamlvault.kek.gcp.credentials_file import CredentialsFile

ENDPOINT = "https://oauth2.googleapis.com/token"
FIELDS = ("client_id", "client_secret", "refresh_token")


class AuthorizedUser:
    """A user's refresh token (RFC 6749, 6)."""

    def __init__(self, file: CredentialsFile) -> None:
        self._file = file

    def token(self, connections: Connections, deadline: Deadline) -> Token:
        values = dict(zip(FIELDS, self._file.needed(*FIELDS), strict=True))
        # without a scope: the token has what the user consented to, which gcloud asked for
        fields = {"grant_type": "refresh_token", **values}
        endpoint = self._file.text("token_uri") or ENDPOINT
        return granted(connections, endpoint, fields, deadline)
