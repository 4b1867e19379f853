"""Google's own client, google-cloud-kms: for what the light one leaves to it.

It goes over gRPC; over HTTPS behind a proxy, since gRPC reads only some spellings of the variables
that name one, and in a process that forked off one with gRPC, since gRPC hangs there.
"""

from __future__ import annotations

import os
from base64 import b64encode
from typing import cast
from urllib.parse import urlsplit

from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.cloud.kms_v1 import KeyManagementServiceClient
from google.cloud.kms_v1.services.key_management_service.transports import (
    KeyManagementServiceGrpcTransport,
)

from yamlvault.kek.connections import content_of
from yamlvault.kek.gcp.credentials_file import universe
from yamlvault.kek.gcp.endpoint import DEFAULT
from yamlvault.kek.gcp.exchange import ENCRYPT, Answer, checksum
from yamlvault.kek.gcp.federated import refuse_plain, refused
from yamlvault.kek.gcp.light import refusal_of, without
from yamlvault.kek.gcp.refusals import HTTP, of_exception, of_status
from yamlvault.kek.gcp.sdk_credentials import credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.gcp.credentials_file import CredentialsFile
    from yamlvault.kek.gcp.exchange import Question
    from yamlvault.kek.refusal import Refusal

HOME = os.getpid()  # of the process that imported gRPC


class SDK:
    """Cloud KMS by google-cloud-kms.

    Args:
        endpoint: Scheme and host of the service.
        file: The credentials file; None for the metadata server.
        uses_rest: Whether it goes over HTTPS, and not gRPC; not for an endpoint with http.
    """

    def __init__(
        self, endpoint: str, file: CredentialsFile | None, *, uses_rest: bool = False
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials(file)
        self._universe = universe(file)
        self._uses_rest = uses_rest or os.getpid() != HOME
        self._sends_token = False
        self._client: KeyManagementServiceClient | None = None

    def call(self, question: Question, deadline: Deadline) -> Answer:
        """Return the answer to a question.

        Raises:
            Refusal: There is none.
        """
        try:
            if self._client is None:
                self._client = self._made()
            metadata = self._metadata()
            method = self._client.encrypt if question.operation == ENCRYPT else self._client.decrypt
            # the retries are those of `attempt`, for both clients the same
            answer = method(
                request=_request(question), retry=None, timeout=_left(deadline), metadata=metadata
            )
        except GoogleAuthError as error:
            raise refused(error) from None
        except GoogleAPICallError as error:
            raise self._refusal(error, question) from None
        except Exception as error:
            refusal = of_exception(error)
            if refusal is None:
                raise
            raise refusal from None
        return _answer(question, answer)

    def _made(self) -> KeyManagementServiceClient:
        parts = urlsplit(self._endpoint)
        if parts.scheme == "https":
            options = {} if self._endpoint == DEFAULT else {"api_endpoint": parts.netloc}
            if self._universe:
                options["universe_domain"] = self._universe
            return KeyManagementServiceClient(
                credentials=self._credentials,
                transport="rest" if self._uses_rest else "grpc",
                client_options=options,
            )
        from google.auth.credentials import AnonymousCredentials
        from grpc import insecure_channel  # type: ignore[import-untyped]

        # gRPC sends no credentials over plaintext by itself; `endpoint` has seen to loopback
        self._sends_token = True
        return KeyManagementServiceClient(
            transport=KeyManagementServiceGrpcTransport(
                host=parts.netloc,
                # a proxy that http_proxy names would read the token
                channel=insecure_channel(parts.netloc, [("grpc.enable_http_proxy", 0)]),
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            )
        )

    def _metadata(self) -> list[tuple[str, str]]:
        """Return what goes with a request, after the token is there.

        gRPC would ask for it by itself, and say no more than that the service is unavailable
        where there is none.
        """
        # a service account's is signed here, without being asked for (AIP-4111), over https
        signs = hasattr(self._credentials, "with_always_use_jwt_access")
        if (self._sends_token or not signs) and not self._credentials.valid:
            self._credentials.refresh(_Request())
        if not self._sends_token:
            return []
        return [("authorization", f"Bearer {self._credentials.token}")]

    def _refusal(self, error: GoogleAPICallError, question: Question) -> Refusal:
        secrets = (self._credentials.token or "", b64encode(question.data).decode())
        # over HTTP the class alone would be of the status, which says less than the answer
        body = getattr(error.response, "content", None)
        if body is not None:
            return refusal_of(int(error.code or 0), content_of(body), secrets)
        code = error.grpc_status_code
        status = code.name if code is not None else HTTP.get(error.code or 0, "UNKNOWN")
        return of_status(status, without(str(error.message), secrets), error.reason or "")


class _Request(Request):
    def __call__(self, url: str, *arguments: Any, **more: Any) -> Any:
        refuse_plain(url)
        return super().__call__(url, *arguments, **more)  # type: ignore[no-untyped-call]


def _left(deadline: Deadline) -> float:
    """Return the seconds that are left; a thread that was left behind asks nothing any more."""
    if left := deadline.left:
        return left
    raise TimeoutError


def _request(question: Question) -> dict[str, str | bytes | int]:
    field = "plaintext" if question.operation == ENCRYPT else "ciphertext"
    request: dict[str, str | bytes | int] = {
        "name": question.name,
        field: question.data,
        f"{field}_crc32c": checksum(question.data),
    }
    if question.associated_data:
        request["additional_authenticated_data"] = question.associated_data
        request["additional_authenticated_data_crc32c"] = checksum(question.associated_data)
    return request


def _answer(question: Question, answer: Any) -> Answer:
    if question.operation != ENCRYPT:
        return Answer(answer.plaintext, cast("int | None", answer.plaintext_crc32c))
    verified = answer.verified_plaintext_crc32c and (
        not question.associated_data or answer.verified_additional_authenticated_data_crc32c
    )
    return Answer(answer.ciphertext, answer.ciphertext_crc32c, answer.name, bool(verified))
