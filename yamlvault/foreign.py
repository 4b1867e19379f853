"""Files that another tool has encrypted: found, named, and left alone."""

from __future__ import annotations

import re
from typing import NamedTuple

from yamlvault.document.node import Collection, Scalar
from yamlvault.errors import AlreadyEncryptedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Stream

# strict base64, two dashes, HMAC-SHA256 in hexadecimal digits
_GEM_TOKEN = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}--[0-9a-f]{64}")
_SOPS_VALUE = "ENC[AES256_GCM,data:"


class Tool(NamedTuple):
    """A tool that has encrypted a file, and how it decrypts it."""

    name: str
    command: str


def tool_of(stream: Stream) -> Tool | None:
    """Return the tool that has encrypted a stream; None where none of those known has."""
    for document in stream.documents:
        root = document.root
        if isinstance(root, Collection) and root.is_mapping:
            keys = {key.value for key in root.children[::2] if isinstance(key, Scalar)}
            if "sops" in keys and _has_value(stream, _SOPS_VALUE):
                return Tool("SOPS", "sops -d -i FILE")
    if any(isinstance(node, Scalar) and _is_gem_token(node.value) for node in stream.nodes):
        return Tool("the yaml_vault gem", "yaml_vault decrypt FILE -o FILE")
    return None


def refuse_foreign(stream: Stream) -> None:
    """Refuse to encrypt what SOPS or the yaml_vault gem has encrypted.

    Raises:
        AlreadyEncryptedError: Names the tool.
    """
    if tool := tool_of(stream):
        raise AlreadyEncryptedError(
            f"encrypted already, by {tool.name}",
            hint=f"decrypt it with that tool first: {tool.command}",
        )


def _has_value(stream: Stream, start: str) -> bool:
    return any(isinstance(node, Scalar) and node.value.startswith(start) for node in stream.nodes)


def _is_gem_token(value: str) -> bool:
    return "--" in value and _GEM_TOKEN.fullmatch(value) is not None
