"""Service account keys: a signed assertion of who one is (RFC 7523).

google-auth does the same; importing it takes as long as all the rest of a `yamlvault get`
(docs/architecture.md), and what is to be signed is public and fixed.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode

from yamlvault.kek.gcp.refusals import LOGIN
from yamlvault.kek.gcp.token import LIFETIME, SCOPE, Token, granted, token
from yamlvault.kek.refusal import BAD_CREDENTIALS, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.deadline import Deadline
    from yamlvault.kek.connections import Connections
    from yamlvault.kek.gcp.credentials_file import CredentialsFile

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCE = "https://cloudkms.googleapis.com/"
# What these would grant a token for, Google's services take as it is (AIP-4111), as Google's own
# clients do: one service less to be reached, one round trip less. Another endpoint is asked.
_GOOGLE = ("https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token")


class ServiceAccount:
    """A service account whose private key is in a file."""

    def __init__(self, file: CredentialsFile) -> None:
        self._file = file

    def token(self, connections: Connections, deadline: Deadline) -> Token:
        email, endpoint = self._file.needed("client_email", "token_uri")
        now = int(time.time())
        claims: dict[str, str | int] = {"iss": email, "iat": now, "exp": now + LIFETIME}
        if endpoint in _GOOGLE:
            return token(self._signed({**claims, "sub": email, "aud": _AUDIENCE}), LIFETIME)
        # the audience of an assertion is this one always, whoever stands in for Google's endpoint
        assertion = self._signed({**claims, "aud": _GOOGLE[0], "scope": SCOPE})
        fields = {"grant_type": _GRANT, "assertion": assertion}
        return granted(connections, endpoint, fields, deadline)

    def _signed(self, claims: dict[str, str | int]) -> str:
        """Return a JSON Web Token (RFC 7515, 3.1; RS256)."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        private, key_id = self._file.needed("private_key", "private_key_id")
        try:
            # The operator's own key: proving its primes anew takes longer than all the rest
            key = load_pem_private_key(private.encode(), None, unsafe_skip_rsa_key_validation=True)
        except (ValueError, TypeError):
            key = None  # the text of the error could be of the key
        if not isinstance(key, RSAPrivateKey):
            raise Refusal(
                BAD_CREDENTIALS, f"{self._file.path}: private_key is not an RSA key", LOGIN
            )
        header = {"alg": "RS256", "typ": "JWT", "kid": key_id}
        parts = [_b64(json.dumps(part).encode()) for part in (header, claims)]
        signature = key.sign(".".join(parts).encode(), PKCS1v15(), SHA256())
        return ".".join([*parts, _b64(signature)])


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
