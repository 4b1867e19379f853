"""The light client: KMS's JSON protocol by the standard library.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

from __future__ import annotations

from yamlvault.kek.aws import json_protocol
from yamlvault.kek.aws.signature import Request
from yamlvault.kek.aws.signed import SignedRequests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from yamlvault.deadline import Deadline
    from yamlvault.kek.aws.endpoint import Endpoint
    from yamlvault.kek.connections import Response


class Client:
    """KMS at one endpoint.

    Args:
        region: The region that requests are signed for.
        endpoint: Where the service is.
    """

    is_light = True

    def __init__(self, region: str, endpoint: Endpoint) -> None:
        self._url = endpoint.url
        self._requests = SignedRequests("kms", region)

    def call(
        self, operation: str, parameters: Mapping[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Return what an operation of KMS gives; blobs are bytes.

        Raises:
            Refusal: It failed.
        """
        headers = {
            "Content-Type": json_protocol.CONTENT_TYPE,
            "X-Amz-Target": json_protocol.TARGET + operation,
        }
        request = Request("POST", self._url, headers, json_protocol.encode(parameters))
        return self._requests.answer(request, deadline, _decoded)


def _decoded(response: Response) -> dict[str, Any]:
    return json_protocol.decode(response.status, response.headers, response.data)
