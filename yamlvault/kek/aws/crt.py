"""The light client: KMS through the AWS Common Runtime, without an SDK (docs/architecture.md).

The runtime has the search for credentials, the signature, TLS and HTTP. What is left is here: one
request, its answer, and the clock.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime, timedelta

from awscrt.auth import AwsCredentialsProvider, AwsSigningConfig, aws_sign_request
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpClientConnection, HttpHeaders, HttpRequest
from awscrt.io import (
    ClientBootstrap,
    ClientTlsContext,
    DefaultHostResolver,
    EventLoopGroup,
    SocketOptions,
    TlsContextOptions,
)

from yamlvault._version import __version__
from yamlvault.kek.aws import json_protocol, refusals
from yamlvault.kek.aws.limits import ANSWER_TIMEOUT, CONNECT_TIMEOUT, MAX_ANSWER
from yamlvault.kek.refusal import TIMEOUT, UNAVAILABLE, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.endpoint import Endpoint

#: the process that loaded the runtime: in one forked from it, the runtime's threads are missing
LOADED_BY = os.getpid()
# a signature is good for five minutes: a clock that is wrong by less is not what is the matter
_SKEW = timedelta(minutes=4)


class Answer:
    """An answer as it comes in, on a thread of the runtime."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    def begin(
        self, http_stream: Any, status_code: int, headers: list[tuple[str, str]], **_: Any
    ) -> None:
        del http_stream
        self.status = status_code
        self.headers = {name.lower(): value for name, value in headers}

    def add(self, http_stream: Any, chunk: bytes, **_: Any) -> None:
        del http_stream
        self.body += chunk
        if len(self.body) > MAX_ANSWER:
            raise ValueError  # it ends the stream with AWS_ERROR_HTTP_CALLBACK_FAILURE

    def skew(self) -> timedelta:
        """Return by how much the service's clock is ahead of ours; zero where it does not say."""
        from email.utils import parsedate_to_datetime

        try:
            return parsedate_to_datetime(self.headers["date"]) - datetime.now(UTC)
        except (KeyError, TypeError, ValueError):
            return timedelta()


class Client:
    """KMS at one endpoint.

    Args:
        region: The region that requests are signed for.
        endpoint: Where the service is.

    """

    is_light = True

    def __init__(self, region: str, endpoint: Endpoint) -> None:
        self._region = region
        self._endpoint = endpoint
        loop = EventLoopGroup(1)  # a thread for each core would be waste
        self._bootstrap = ClientBootstrap(loop, DefaultHostResolver(loop))
        self._tls: ClientTlsContext | None = None
        self._credentials: AwsCredentialsProvider | None = None
        self._skew = timedelta()
        # connections that are free; a list's pop and append are atomic, so that threads share it
        self._free: list[HttpClientConnection] = []

    def call(
        self, operation: str, parameters: Mapping[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return what an operation of KMS gives; blobs are bytes.

        Raises:
            Refusal: It failed.
        """
        body = json_protocol.encode(parameters)
        answer = self._exchange(operation, body, deadline)
        skew = answer.skew() - self._skew if answer.status in (400, 403) else timedelta()
        if abs(skew) > _SKEW:
            # only one signed by the service's own clock can tell what is really the matter
            self._skew += skew
            answer = self._exchange(operation, body, deadline)
        return json_protocol.decode(answer.status, answer.headers, bytes(answer.body))

    def _exchange(self, operation: str, body: bytes, deadline: Deadline) -> Answer:
        answer = Answer()
        connection = None
        try:
            connecting = self._connect(deadline)  # while the request is signed
            request = self._signed(operation, body, deadline)
            connection = _result(connecting, deadline)
            stream = connection.request(request, answer.begin, answer.add)
            stream.activate()
            _result(stream.completion_future, deadline)
        except (AwsCrtError, OSError, ValueError) as error:
            raise refusals.of_exception(error) from None
        except Refusal:
            if connection is not None:
                connection.close()  # the answer, should it come, is no one's
            raise
        self._free.append(connection)
        return answer

    def _connect(self, deadline: Deadline) -> Future[HttpClientConnection]:
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread was faster
                break
            if connection.is_open():
                ready: Future[HttpClientConnection] = Future()
                ready.set_result(connection)
                return ready
        options = SocketOptions()
        options.connect_timeout_ms = int(min(CONNECT_TIMEOUT, deadline.left) * 1000) + 1
        host = self._endpoint.host.strip("[]")
        tls = None
        if self._endpoint.is_https:
            if self._tls is None:
                self._tls = ClientTlsContext(TlsContextOptions())
            tls = self._tls.new_connection_options()
            tls.set_server_name(host)
        connecting: Future[HttpClientConnection] = HttpClientConnection.new(
            host, self._endpoint.port, self._bootstrap, options, tls
        )
        return connecting

    def _signed(self, operation: str, body: bytes, deadline: Deadline) -> HttpRequest:
        headers = [
            ("Host", self._endpoint.authority),
            ("Content-Type", json_protocol.CONTENT_TYPE),
            ("Content-Length", str(len(body))),
            ("X-Amz-Target", json_protocol.TARGET + operation),
            ("User-Agent", f"yamlvault/{__version__}"),
        ]
        request = HttpRequest("POST", self._endpoint.path, HttpHeaders(headers), io.BytesIO(body))
        if self._credentials is None:
            self._credentials = self._search()
        config = AwsSigningConfig(
            credentials_provider=self._credentials,
            region=self._region,
            service="kms",
            date=datetime.now(UTC) + self._skew,
        )
        return _result(aws_sign_request(request, config), deadline)

    def _search(self) -> AwsCredentialsProvider:
        """Return what finds credentials, and keeps them until they expire."""
        if os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY"):
            # first in the default chain too, which takes longer to make
            return AwsCredentialsProvider.new_environment()
        return AwsCredentialsProvider.new_default_chain(self._bootstrap)


def _result(future: Future[Any], deadline: Deadline) -> Any:
    """Return what a future of the runtime comes to.

    Raises:
        Refusal: It takes too long.
    """
    seconds = min(ANSWER_TIMEOUT, deadline.left)
    try:
        return future.result(seconds)
    except FutureTimeoutError:
        if not deadline.left:
            raise Refusal(TIMEOUT) from None
        raise Refusal(UNAVAILABLE, f"no answer within {seconds:.0f} s") from None
