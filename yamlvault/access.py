"""Access: with which rights a cloud's key service is asked."""

from __future__ import annotations

import os
from typing import NamedTuple

AWS_PROFILE = "YAMLVAULT_AWS_PROFILE"
AWS_ROLE = "YAMLVAULT_AWS_ROLE"
GCP_CREDENTIALS = "YAMLVAULT_GCP_CREDENTIALS"


class Access(NamedTuple):
    """What is put in front of a cloud's own search for credentials.

    Attributes:
        profile: A profile of the AWS configuration files.
        role: The ARN of an AWS role to assume.
        credentials: The name of a Google credentials file.
    """

    profile: str | None = None
    role: str | None = None
    credentials: str | None = None


def from_environment() -> Access:
    """Return what the environment says."""
    names = (AWS_PROFILE, AWS_ROLE, GCP_CREDENTIALS)
    return Access(*(os.environ.get(name) or None for name in names))
