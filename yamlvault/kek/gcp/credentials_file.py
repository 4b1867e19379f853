"""Credentials files, in the order in which Google's own libraries look for them (AIP-4110)."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from yamlvault.access import GCP_CREDENTIALS
from yamlvault.kek.gcp.refusals import LOGIN
from yamlvault.kek.refusal import BAD_CREDENTIALS, NO_CREDENTIALS, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_ADC = "GOOGLE_APPLICATION_CREDENTIALS"
_DEFAULT_UNIVERSE = "googleapis.com"


class CredentialsFile(NamedTuple):
    """A credentials file.

    Attributes:
        path: Its name.
        content: What it holds: private keys, perhaps.
    """

    path: str
    content: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<CredentialsFile {self.path}>"

    @property
    def kind(self) -> str:
        """Its type: `service_account`, `authorized_user`, `external_account`, ….

        `external_account_authorized_user` and others are google-auth's to know.
        """
        return self.text("type")

    def text(self, field: str) -> str:
        """Return a field; empty where it is missing or no text."""
        value = self.content.get(field)
        return value if isinstance(value, str) else ""

    def needed(self, *fields: str) -> list[str]:
        """Return the fields.

        Raises:
            Refusal: One of them is missing.
        """
        values = [self.text(field) for field in fields]
        for field, value in zip(fields, values, strict=True):
            if not value:
                raise Refusal(BAD_CREDENTIALS, f"{self.path} has no {field}", LOGIN)
        return values


def find(path: str | None) -> CredentialsFile | None:
    """Return the credentials file that holds; None where there is none.

    Args:
        path: The name that is put in front of the search.

    Raises:
        Refusal: The file that was named can't be read.
    """
    if path:
        return _read(path, GCP_CREDENTIALS)
    if named := os.environ.get(_ADC):
        return _read(named, _ADC)
    own = _gcloud()
    return _read(own, "gcloud") if own and os.path.isfile(own) else None


def quota_project(file: CredentialsFile | None) -> str:
    """Return the project that is billed and whose quota counts; empty for the key's own."""
    named = os.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or ""
    return named or (file.text("quota_project_id") if file is not None else "")


def universe(file: CredentialsFile | None) -> str:
    """Return the universe of Google's that is meant; empty for the usual one."""
    named = os.environ.get("GOOGLE_CLOUD_UNIVERSE_DOMAIN") or ""
    named = named or (file.text("universe_domain") if file is not None else "")
    return "" if named == _DEFAULT_UNIVERSE else named


def _gcloud() -> str | None:
    """Return where `gcloud auth application-default login` puts its file."""
    folder = os.environ.get("CLOUDSDK_CONFIG")
    if not folder:
        home = os.environ.get("HOME")
        if not home:
            return None
        folder = os.path.join(home, ".config", "gcloud")
    return os.path.join(folder, "application_default_credentials.json")


def _read(path: str, source: str) -> CredentialsFile:
    shown = f"{path} ({source})"
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except OSError as error:
        raise Refusal(NO_CREDENTIALS, f"{shown}: {error.strerror}", LOGIN) from None
    except (ValueError, RecursionError):  # it would quote the file
        raise Refusal(BAD_CREDENTIALS, f"{shown} is not JSON", LOGIN) from None
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise Refusal(BAD_CREDENTIALS, f"{shown} is not a credentials file", LOGIN)
    return CredentialsFile(path, content)
