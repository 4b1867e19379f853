"""The metadata server: it gives a machine, a pod or a container of Google's its own account.

https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
"""

from __future__ import annotations

import os
from socket import gaierror
from urllib.parse import quote

from yamlvault.deadline import Deadline
from yamlvault.kek.connections import content_of
from yamlvault.kek.gcp.refusals import LOGIN, of_http
from yamlvault.kek.gcp.token import SCOPE, Token, token
from yamlvault.kek.refusal import BAD_CREDENTIALS, NO_CREDENTIALS, UNREACHABLE, Refusal, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.kek.connections import Connections

_HOST = "metadata.google.internal"
_PATH = "/computeMetadata/v1/instance/service-accounts/default/token?scopes="
# The server is on the machine itself, or next to it. It can take some seconds until it is there
# for a pod that just started, so it is asked again: the time of one attempt is short.
_PATIENCE = 3.0  # seconds
_FLAVOR = "Google"


class MetadataServer:
    """The account of the place that this process runs in."""

    def token(self, connections: Connections, deadline: Deadline) -> Token:
        if os.environ.get("NO_GCE_CHECK") == "true":
            raise Refusal(NO_CREDENTIALS, "NO_GCE_CHECK is true", LOGIN)
        host = os.environ.get("GCE_METADATA_HOST") or _HOST
        url = f"http://{host}{_PATH}{quote(SCOPE, safe='')}"
        patience = Deadline(min(_PATIENCE, deadline.left))
        try:
            answer = connections.request("GET", url, None, {"Metadata-Flavor": _FLAVOR}, patience)
        except gaierror:  # the name is known at Google's only
            raise Refusal(NO_CREDENTIALS, "no file, no metadata server", LOGIN) from None
        except OSError:
            raise Refusal(UNREACHABLE, f"metadata server {host}", LOGIN) from None
        if answer.headers.get("metadata-flavor") != _FLAVOR:
            raise Refusal(NO_CREDENTIALS, f"{host} is not a metadata server", LOGIN)
        if answer.status == 200:
            content = content_of(answer.data)
            return token(content.get("access_token"), content.get("expires_in"))
        if answer.status == 404:
            detail = "the metadata server knows no service account for this place"
            raise Refusal(NO_CREDENTIALS, detail, LOGIN)
        if answer.status == 403:
            said = one_line(answer.data.decode(errors="replace"), 200)
            hint = "may this account use Workload Identity? docs/kms.md"
            raise Refusal(BAD_CREDENTIALS, f"metadata server: {said}", hint)
        raise of_http(answer.status)
